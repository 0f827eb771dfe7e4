"""The sweep under bad luck: downtime, a clock that jumps, two processes at once; and what it costs the database."""

from __future__ import annotations

import asyncio
import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from tests.conftest import FakeClock
from tests.unit.house import House, office, office_with
from triagebot.desk import promises, reapply
from triagebot.flow.clock_watch import ClockWatch
from triagebot.flow.tick import Tick
from triagebot.store.store import Store
from triagebot.store.tables import Event, Notice, Ticket

MANY = 7


@pytest.fixture
def house(store: Store, clock: FakeClock) -> House:
    """Several tickets wait in customer service since 10:00 for an answer by 12:00."""
    house = House(store, clock)
    house.agent("li", queues=["customer_service"])
    house.agent("boss", role="supervisor", queues=["security"])
    for n in range(MANY):
        house.hear("刷脸不过", chat=str(100 + n))
        house.press(f"human:{n + 1}", chat=str(100 + n))
    return house


def tick(house: House, watch: ClockWatch | None = None) -> Tick:
    return Tick(house.store, house.office, "one", house.clock, 5.0, timedelta(days=180), watch=watch)  # type: ignore[arg-type]


def heard(house: House, name: str) -> list[str]:
    return [text for text in house.told(name) if text[0] in "⏰🚨❗"]


def test_after_six_hours_of_downtime_each_person_gets_one_summary(
    house: House, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many batches it takes."""
    monkeypatch.setattr("triagebot.flow.tick._BATCH", 2)
    clock.advance(hours=6)
    for _ in range(3):
        asyncio.run(tick(house).once())
    (summary,) = heard(house, "boss")
    assert [line[:4] for line in summary.splitlines()] == [f"🚨 #{n + 1}" for n in range(MANY)]
    assert heard(house, "li") == []
    for n in range(MANY):
        assert sum("没能在" in text for text in house.told(str(100 + n))) == 1
    assert len(house.rows(Notice)) == 4 * MANY


def test_a_summary_of_hundreds_fits_on_a_screen(
    house: House, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("triagebot.desk.notices._MOST_LINES", 3)
    clock.advance(hours=6)
    asyncio.run(tick(house).once())
    (summary,) = heard(house, "boss")
    assert [line[:4] for line in summary.splitlines()][:3] == ["🚨 #1", "🚨 #2", "🚨 #3"]
    assert "另有 4 条" in summary.splitlines()[3]


def test_a_clock_that_jumps_a_day_ahead_breaks_nothing(house: House, clock: FakeClock) -> None:
    seconds = 0.0
    loop = tick(house, ClockWatch(lambda: seconds))
    asyncio.run(loop.once())
    clock.advance(days=1)
    for _ in range(50):
        seconds += 5
        clock.advance(seconds=5)
        assert asyncio.run(loop.once()) == 0
    clock.advance(days=-1)
    asyncio.run(loop.once())
    assert (heard(house, "boss"), house.rows(Notice)) == ([], [])
    seconds += 3600
    clock.advance(hours=1)
    asyncio.run(loop.once())
    assert ["50%" in text for text in heard(house, "li")] == [True]


def test_a_clock_that_was_put_right_is_believed_after_a_while(house: House, clock: FakeClock) -> None:
    seconds = 0.0
    loop = tick(house, ClockWatch(lambda: seconds))
    asyncio.run(loop.once())
    clock.advance(days=1)
    asyncio.run(loop.once())
    assert heard(house, "boss") == []
    seconds += 600
    clock.advance(seconds=600)
    asyncio.run(loop.once())
    assert len(heard(house, "boss")) == 1


def test_an_hour_back_and_forth_announces_each_step_once(house: House, clock: FakeClock) -> None:
    seconds = 0.0
    loop = tick(house, ClockWatch(lambda: seconds))
    clock.advance(minutes=61)
    asyncio.run(loop.once())
    clock.advance(hours=-1)
    asyncio.run(loop.once())
    clock.advance(hours=1)
    asyncio.run(loop.once())
    assert len(heard(house, "li")) == 1
    seconds += 3600
    clock.advance(hours=1)
    asyncio.run(loop.once())
    assert [t[0] for t in heard(house, "boss")] == ["🚨"]
    assert len(house.rows(Notice)) == 4 * MANY


def test_hours_of_downtime_are_no_jump(house: House, clock: FakeClock) -> None:
    """A process that starts anew has nothing to compare with, and the time really went by."""
    clock.advance(hours=6)
    asyncio.run(tick(house, ClockWatch(lambda: 5.0)).once())
    assert len(heard(house, "boss")) == 1


def test_two_sweeps_at_once_do_everything_once(house: House, clock: FakeClock) -> None:
    clock.advance(hours=3)
    threads = [
        threading.Thread(target=house.store.write_now, args=(promises.sweep, office(), clock(), 2)) for _ in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    house.store.write_now(promises.sweep, office(), clock())
    assert len(house.rows(Notice)) == 4 * MANY
    told = "\n".join(heard(house, "boss"))
    assert [told.count(f"🚨 #{n + 1}（") for n in range(MANY)] == [1] * MANY


def test_a_ticket_that_somebody_is_writing_is_left_for_the_next_sweep(
    house: House, clock: FakeClock, database_url: str
) -> None:
    """PostgreSQL; on SQLite there is one writer at a time."""
    if database_url.startswith("sqlite"):
        pytest.skip("one writer at a time")
    clock.advance(hours=3)
    inside, done = threading.Event(), threading.Event()

    def hold(session: Session) -> None:
        session.exec(select(Ticket).where(Ticket.id == 1).with_for_update())
        inside.set()
        assert done.wait(30)

    holder = threading.Thread(target=house.store.write_now, args=(hold,))
    holder.start()
    assert inside.wait(30)
    try:
        assert house.store.write_now(promises.sweep, office(), clock()) == MANY - 1
    finally:
        done.set()
        holder.join()
    assert house.store.write_now(promises.sweep, office(), clock()) == 1
    assert {n.ticket_id for n in house.rows(Notice)} == set(range(1, MANY + 1))


def _plan(session: Session, query: str, at: Any) -> str:
    sqlite = session.get_bind().dialect.name == "sqlite"
    if not sqlite:
        session.execute(text("SET LOCAL enable_seqscan = off"))  # a handful of rows is not worth an index
    rows = session.execute(text(f"EXPLAIN {'QUERY PLAN ' if sqlite else ''}{query}"), {"at": at})
    return "\n".join(str(row[-1]) for row in rows)


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("SELECT * FROM ticket WHERE next_due_at <= :at ORDER BY next_due_at LIMIT 200", "ix_ticket_due"),
        ("SELECT * FROM notice WHERE tell_at <= :at ORDER BY tell_at LIMIT 5000", "ix_notice_tell"),
        ("SELECT * FROM notice WHERE ticket_id IN (1, 2, 3)", "notice_"),
        ("SELECT * FROM event WHERE ticket_id IN (1, 2, 3) ORDER BY id", "ix_event_ticket"),
    ],
)
def test_the_sweep_reads_by_index(house: House, clock: FakeClock, query: str, index: str) -> None:
    at = clock().replace(tzinfo=None)
    plan = house.store.read_now(_plan, query, at)
    assert index in plan
    assert "SCAN ticket" not in plan
    assert "Seq Scan" not in plan


def test_the_next_look_is_written_with_the_event(house: House, clock: FakeClock) -> None:
    """A call that fails afterwards leaves neither."""
    before = house.ticket()

    def reply_and_fail(session: Session) -> None:
        from triagebot.desk import tickets

        ticket = session.get(Ticket, 1)
        assert ticket is not None
        tickets.record(session, office(), ticket, "agent_replied", "agent:1", clock())
        assert ticket.next_due_at is None
        raise KeyError("no")

    with pytest.raises(KeyError):
        house.store.write_now(reply_and_fail)
    assert house.ticket().next_due_at == before.next_due_at
    assert "agent_replied" not in house.types()


def test_rules_that_changed_since_leave_a_ticket_its_own_steps(store: Store, clock: FakeClock) -> None:
    house = House(store, clock, office_with(steps=[{"at": 1.25, "do": ["notify_supervisor"]}], tell_user_at=0))
    house.agent("boss", role="supervisor")
    house.hear("刷脸不过")
    house.press("human:1")
    clock.advance(hours=2, minutes=30)
    store.write_now(promises.sweep, office(), clock())
    assert [n.step for n in house.rows(Notice)] == ["0.5", "0.8", "breach", "1.25"]


def test_a_calendar_that_left_the_rules_stops_nobody_and_doctor_knows(house: House, clock: FakeClock) -> None:
    """Ticket 1 was promised business hours that no file knows any more: it is timed round the clock, the others as ever."""

    def lose(session: Session) -> None:
        for table, number in ((Ticket, 1), (Event, next(e.id for e in house.events(1) if e.type == "escalated"))):
            row = session.get_one(table, number)
            if isinstance(row, Ticket):
                row.sla = {**row.sla, "calendar": "gone"}
            else:
                row.data = {**row.data, "promise": {**row.data["promise"], "calendar": "gone"}}

    house.store.write_now(lose)
    assert house.store.read_now(reapply.without_calendar, house.office) == {"gone": 1}
    clock.advance(hours=2, minutes=1)
    asyncio.run(tick(house).once())
    (summary,) = heard(house, "boss")
    assert {line[:4] for line in summary.splitlines() if "🚨" in line} == {f"🚨 #{n + 1}" for n in range(MANY)}
    house.hear("还是不行", chat="100")
    assert house.types(1)[-2:] == ["fact_given", "bot_replied"]


def test_who_promised_word_every_hour_is_warned_and_reported(store: Store, clock: FakeClock) -> None:
    """The P1 clock: an answer within the hour, and again within the next; the second one does not come."""
    rows = [{"queue": queue, "priority": f"P{n}", "first_response": "15m", "update": "1h"}
            for queue in ("customer_service", "hotline", "security") for n in (1, 2, 3, 4)]  # fmt: skip
    house = House(store, clock, office_with(policies=rows))
    house.agent("li", queues=["customer_service"])
    house.agent("boss", role="supervisor", queues=["security"])
    house.hear("刷脸不过")
    house.press("human:1")
    house.verb("li", "take 1")
    clock.advance(minutes=10)
    house.verb("li", "reply 1 在看了")
    clock.advance(minutes=49)
    asyncio.run(tick(house).once())
    assert [line for line in heard(house, "li") if "进展告知" in line and "#1" in line]
    assert heard(house, "boss") == []
    clock.advance(minutes=12)
    for _ in range(2):
        asyncio.run(tick(house).once())
    (breach,) = heard(house, "boss")
    assert "进展告知" in breach
    assert [n.step for n in house.rows(Notice) if n.clock.startswith("update")] == ["0.5", "0.8", "breach"]
