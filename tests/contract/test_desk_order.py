"""Which ticket comes first, in the database's own order; and what an agent's own figures say."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlmodel import Session

from tests.conftest import FakeClock
from tests.unit.house import FACE, House
from triagebot.desk import overview
from triagebot.desk.team import agents
from triagebot.errors import DeniedError, DeskError
from triagebot.store.tables import Conversation, Ticket


def put(house: House, *rows: tuple[str, int | None, str]) -> None:
    """Open tickets as (priority, minutes until due or None, queue), numbered from 1."""
    now = house.clock()

    def run(session: Session) -> None:
        person = Conversation(channel="telegram", bot="1", chat="1", user="1", created_at=now, updated_at=now)
        session.add(person)
        session.flush()
        for priority, minutes, queue in rows:
            due = now + timedelta(minutes=minutes) if minutes is not None else None
            session.add(_ticket(person.id or 0, priority, due, queue, now))

    house.store.write_now(run)


def _ticket(person: int, priority: str, due: datetime | None, queue: str, now: datetime) -> Ticket:
    return Ticket(conversation_id=person, status="queued", category=FACE, priority=priority, queue=queue, due_at=due,
                  due_metric="first_response" if due else "", created_at=now, updated_at=now, escalated_at=now)  # fmt: skip


def order(house: House, agent: str) -> list[int]:
    def run(session: Session) -> list[int]:
        who = agents.by_name(session, agent, house.clock())
        return [ticket.id or 0 for ticket in overview.waiting(session, agent=who)]

    return house.store.read_now(run)


def next_of(house: House, agent: str) -> int | None:
    def run(session: Session) -> int | None:
        found = overview.next_ticket(session, agents.by_name(session, agent, house.clock()), house.clock())
        return found.id if found is not None else None

    return house.store.read_now(run)


CS, HOT = "customer_service", "hotline"


@pytest.fixture
def desk(house: House) -> House:
    house.agent("boss", role="supervisor")
    house.agent("li", queues=[CS])
    house.agent("zhao", queues=[CS])
    return house


def test_danger_first_then_what_is_due_first_then_by_priority_then_the_oldest(desk: House) -> None:
    put(desk, ("P3", 60, CS), ("P4", 30, CS), ("P1", 600, CS), ("P4", None, CS), ("P2", None, CS), ("P2", None, CS),
        ("P2", -5, HOT), ("P1", None, CS))  # fmt: skip
    assert order(desk, "boss") == [3, 8, 7, 2, 1, 5, 6, 4]
    assert order(desk, "li") == [3, 8, 2, 1, 5, 6, 4]
    queue = desk.verb("boss", "queue")
    places = [queue.index(f"#{n} ") for n in (3, 8, 7, 2, 1, 5, 6, 4)]
    assert places == sorted(places)
    assert "首次回复已超时 5 分钟" in queue
    sla = desk.verb("boss", "sla")
    assert [sla.index(f"#{n} ") for n in (7, 2, 1, 3)] == sorted(sla.index(f"#{n} ") for n in (7, 2, 1, 3))
    assert "有承诺在走的 4 张，其中超时 1 张" in sla
    assert "#4" not in sla


def test_next_gives_what_nobody_has_and_passes_over_what_was_put_off(desk: House, clock: FakeClock) -> None:
    put(desk, ("P2", 10, CS), ("P2", 20, CS), ("P2", 5, HOT), ("P3", 30, CS))
    assert next_of(desk, "li") == 1
    desk.verb("zhao", "take 1")
    assert next_of(desk, "li") == 2

    def put_off(session: Session) -> None:
        session.get_one(Ticket, 2).snoozed_until = clock() + timedelta(hours=1)

    desk.store.write_now(put_off)
    assert next_of(desk, "li") == 4
    clock.advance(hours=1)
    assert next_of(desk, "li") == 2
    assert next_of(desk, "boss") == 3
    assert desk.verb("li", "next") == ""
    assert "#2" in desk.told("li")[-1], "the card itself, so that it can be answered"
    assert "#2" in desk.verb("li", "next"), "and when it is somewhere further up, its words"


def test_a_long_queue_is_counted_and_its_head_is_listed(desk: House) -> None:
    put(desk, *[("P3", n, CS) for n in range(1, 41)])
    words = desk.verb("li", "queue")
    assert words.startswith("等待处理 40 张")
    assert words.endswith("还有 20 张")
    assert desk.verb("li", "sla").endswith("还有 20 张")


def served(house: House, clock: FakeClock, agent: str, chat: str, minutes: int, stars: int | None = None) -> int:
    """One ticket, from the hand-over to its end; the first answer after so many minutes."""
    house.hear("刷脸不过", chat=chat)
    number = len(house.rows(Ticket))
    house.press(f"human:{number}", chat=chat)
    clock.advance(minutes=minutes)
    house.verb(agent, f"take {number}")
    house.verb(agent, f"reply {number} 您好")
    house.verb(agent, f"resolve {number}")
    if stars is not None:
        house.press(f"rate:{stars}:{number}", chat=chat)
    return number


def test_stats_count_what_one_did_today_and_in_a_week(desk: House, clock: FakeClock) -> None:
    served(desk, clock, "li", "51", minutes=40, stars=3)
    clock.advance(days=2)
    served(desk, clock, "li", "52", minutes=10, stars=5)
    served(desk, clock, "li", "53", minutes=20)
    served(desk, clock, "zhao", "54", minutes=90, stars=1)
    desk.hear("刷脸不过", chat="55")
    desk.press("human:5", chat="55")
    desk.verb("li", "take 5")
    said = desk.verb("li", "stats").splitlines()
    assert said == [
        "📈 li",
        "今天：接手 3 · 回复 2 · 解决 2",
        "　首次回复中位 15 分钟",
        "　评分 5.0（1 人）",
        "近 7 天：接手 4 · 回复 3 · 解决 3",
        "　首次回复中位 20 分钟",
        "　评分 4.0（2 人）",
        "现在手上 1 张",
    ]
    assert desk.verb("boss", "stats li").splitlines() == said
    clock.advance(days=8)
    assert desk.verb("li", "stats").splitlines()[1:] == [
        "今天：接手 0 · 回复 0 · 解决 0",
        "近 7 天：接手 0 · 回复 0 · 解决 0",
        "现在手上 1 张",
    ]


def test_today_begins_at_midnight_where_the_office_is(desk: House, clock: FakeClock) -> None:
    clock.at = datetime.fromisoformat("2026-11-23T23:50:00+08:00")
    served(desk, clock, "li", "51", minutes=1)
    clock.at = datetime.fromisoformat("2026-11-24T00:05:00+08:00")
    assert "今天：接手 0" in desk.verb("li", "stats")
    clock.at = datetime.fromisoformat("2026-11-29T23:59:00+08:00")
    assert "近 7 天：接手 1" in desk.verb("li", "stats")
    clock.at = datetime.fromisoformat("2026-11-30T00:01:00+08:00")
    assert "近 7 天：接手 0" in desk.verb("li", "stats")


def test_the_figures_of_others_are_for_supervisors(desk: House) -> None:
    with pytest.raises(DeniedError, match="主管"):
        desk.verb("li", "stats zhao")
    assert desk.verb("li", "stats li").startswith("📈 li")
    with pytest.raises(DeskError, match="zhao"):
        desk.verb("boss", "stats nobody")
