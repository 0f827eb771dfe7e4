"""Every ticket's row is what its events say: after anything the product does, found when it is not, and put right again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert, update
from sqlmodel import Session

from tests.conftest import FakeClock
from tests.unit.house import House, office_with
from triagebot.desk import books, dead_letters, erase, promises, reapply, tickets
from triagebot.desk.afterwards import followups
from triagebot.desk.replay import PROJECTED
from triagebot.desk.team import people
from triagebot.desk.team.people import SHELL
from triagebot.errors import StoreError
from triagebot.store.statements import run, table_of
from triagebot.store.store import Store
from triagebot.store.tables import Event, Outbox, Ticket

TICKET, EVENT = table_of(Ticket), table_of(Event)
LATER = datetime(2027, 1, 1, tzinfo=UTC)


def findings(house: House) -> list[str]:
    return house.store.read_now(lambda s: [str(found) for found in books.read(s, house.office, house.clock())])


def rebuilt(house: House) -> list[str]:
    changed, after = [], 0
    while after is not None:
        found, after = house.store.write_now(books.rebuild, house.office, house.clock(), after)
        changed += found
    return [str(found) for found in changed]


def change(house: House, **values: Any) -> None:
    """Ticket 1's row, behind the product's back."""
    house.store.write_now(lambda s: run(s, update(TICKET).where(TICKET.c.id == 1).values(**values)).rowcount)


def row(house: House) -> dict[str, Any]:
    return house.ticket().model_dump()


@pytest.fixture
def lived(queued: House, clock: FakeClock) -> House:
    """Six people, and most of what can happen to a ticket: solved by the bot, answered by people, merged, transferred, late,
    reopened, rated, left alone, erased."""
    house = queued
    for chat in ("8", "9", "10", "11", "12"):
        house.hear("刷脸不过", chat)
    house.press("solved:2", "8")
    house.press("human:3", "9")
    house.hear("被骗了", "9")
    house.press("human:4", "10")
    house.hear("有个异议", "11")
    for line in ("take 1", "reply 1 您好", "note 1 看过了", "priority 1 P2", "category 1 report.dispute"):
        house.verb("li", line)
    for line in ("incident_open 刷脸通道", "attach 1 1", "attach 4 1", "detach 4"):
        house.verb("boss", line)
    for line in ("tag 1 vip 投诉", "untag 1 投诉", "snooze 1 2h 等等看", "wake 1", "tag 3 vip"):
        house.verb("boss", line)
    house.verb("boss", "transfer 4 hotline 转给热线")
    clock.advance(hours=30)
    while house.store.write_now(promises.sweep, house.office, clock()):
        clock.advance(minutes=1)
    house.hear("还不行", "7")
    house.verb("li", "resolve 1 好了")
    clock.advance(minutes=5)
    house.press("rate:5:1", "7")
    house.press("reopen:1", "7")
    clock.advance(hours=80)
    house.store.write_now(followups.close_idle, house.office, clock())
    house.store.write_now(erase.erase_user, house.office, "9", clock())
    house.verb("boss", "take 4")
    house.store.write_now(lambda s: people.remove(s, SHELL, house.office, people.named(s, SHELL, "boss"), clock()))
    return house


def test_after_anything_that_happens_the_row_is_what_the_events_say(lived: House) -> None:
    states = {ticket.status for ticket in lived.rows(Ticket)}
    assert states >= {"assigned", "closed", "resolved", "queued"}
    assert {event.type for event in lived.rows(Event)} >= {
        "sla_breached",
        "user_warned",
        "erased",
        "reopened",
        "rated",
        "returned",
    }
    assert findings(lived) == []
    assert rebuilt(lived) == []


def test_each_column_that_says_something_else_is_found_and_put_right(lived: House) -> None:
    before = row(lived)
    wrong: dict[type, Any] = {str: "nonsense", int: None, dict: {"version": 99}, datetime: LATER, type(None): LATER}
    for column in PROJECTED:
        change(lived, **{column: 77 if before[column] is None and column == "rating" else wrong[type(before[column])]})
        (found,) = findings(lived)
        assert found.startswith(f"ticket 1: {column} is ")
        assert "its events say" in found
        assert rebuilt(lived) == [found]
        assert findings(lived) == []
        assert row(lived) == before


def test_of_a_long_promise_only_what_differs_is_shown(lived: House) -> None:
    change(lived, sla={**row(lived)["sla"], "calendar": "elsewhere"})
    (found,) = findings(lived)
    assert found == "ticket 1: sla is {'calendar': 'elsewhere'}, its events say {'calendar': '24x7'}"


@pytest.mark.parametrize("planned", [None, LATER])
def test_a_look_that_would_come_too_late_is_found_and_put_right(
    queued: House, clock: FakeClock, planned: datetime | None
) -> None:
    assert findings(queued) == []
    change(queued, next_due_at=planned)
    (found,) = findings(queued)
    assert "its clocks say 2026-11-23T" in found
    assert rebuilt(queued) == [found]
    assert findings(queued) == []
    assert row(queued)["next_due_at"] == clock()
    queued.store.write_now(promises.sweep, queued.office, clock())
    assert row(queued)["next_due_at"] > clock()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"due_at": LATER}, "due_at is 2027-01-01T00:00:00+00:00, its clocks say 2026-11-23T04:00:00+00:00"),
        ({"due_at": None}, "due_at is not set, its clocks say 2026-11-23T04:00:00+00:00"),
        ({"due_metric": "resolution"}, "due_metric is resolution, its clocks say first_response"),
    ],
)
def test_a_due_moment_that_its_clocks_do_not_say_is_found_and_put_right(
    queued: House, wrong: dict[str, Any], told: str
) -> None:
    before = row(queued)
    change(queued, **wrong)
    assert findings(queued) == [f"ticket 1: {told}"]
    assert rebuilt(queued) == [f"ticket 1: {told}"]
    assert row(queued) == before


def test_a_due_moment_that_nobody_was_promised_is_found_and_put_right(house: House) -> None:
    house.hear("刷脸不过")
    change(house, due_at=LATER)
    assert findings(house) == [f"ticket 1: due_at is {LATER.isoformat()}, but nobody was promised anything"]
    rebuilt(house)
    assert row(house)["due_at"] is None


def test_a_due_moment_that_the_sweep_is_about_to_write_is_no_mistake(queued: House, clock: FakeClock) -> None:
    """As after the upgrade that brought the column."""
    change(queued, due_at=None, due_metric="", next_due_at=clock())
    assert findings(queued) == []
    queued.store.write_now(promises.sweep, queued.office, clock())
    assert row(queued)["due_metric"] == "first_response"
    assert findings(queued) == []


def test_a_look_that_comes_too_early_is_no_mistake(queued: House, clock: FakeClock) -> None:
    change(queued, next_due_at=clock() - timedelta(days=1))
    assert findings(queued) == []


def test_a_ticket_that_promises_nothing_is_not_looked_at(house: House) -> None:
    house.hear("刷脸不过")
    assert findings(house) == []
    change(house, next_due_at=LATER)
    (found,) = findings(house)
    assert "nobody was promised anything" in found
    assert rebuilt(house) == [found]
    assert row(house)["next_due_at"] is None


def add_event(type: str, **data: Any) -> Callable[[Session], int]:
    values = {"ticket_id": 1, "at": LATER, "type": type, "actor": "bot", "data": data}
    return lambda s: run(s, insert(EVENT).values(**values)).rowcount


@pytest.mark.parametrize(
    ("happens", "words"),
    [
        (lambda s: run(s, delete(EVENT).where(EVENT.c.ticket_id == 1)).rowcount, "it has no events"),
        (lambda s: run(s, delete(EVENT).where(EVENT.c.type == "opened")).rowcount, "its first event 2 is"),
        (add_event("opened", category="x", platform="y", priority="P1"), "opens it again"),
        (add_event("escalated", reason="r"), "escalated, lacks 'queue'"),
    ],
)
def test_events_that_cannot_be_are_told_and_never_touched(
    queued: House, happens: Callable[[Session], int], words: str
) -> None:
    assert queued.store.write_now(happens) != 0
    log = [event.model_dump() for event in queued.rows(Event)]
    assert any(words in found for found in findings(queued))
    rebuilt(queued)
    assert [event.model_dump() for event in queued.rows(Event)] == log


def test_nothing_is_done_by_people_to_a_ticket_that_was_merged(queued: House) -> None:
    queued.hear("被骗了")
    queued.verb("boss", "merge 1 2")
    assert queued.ticket().status == "merged"
    assert findings(queued) == []
    queued.store.write_now(add_event("taken", agent=1))
    assert any("is taken, but it was merged then" in found for found in findings(queued))


def test_words_of_the_erased_are_not_missed(queued: House, clock: FakeClock) -> None:
    queued.store.write_now(erase.erase_user, queued.office, "7", clock())
    assert findings(queued) == []
    assert queued.ticket().summary == ""


def test_events_are_in_the_order_of_their_numbers_whatever_the_clocks_said(queued: House, clock: FakeClock) -> None:
    clock.advance(days=1)
    queued.verb("li", "take 1")
    clock.advance(days=-1)
    queued.verb("li", "reply 1 您好")
    queued.hear("谢谢")
    assert [event.at for event in queued.events()] != sorted(event.at for event in queued.events())
    assert findings(queued) == []


RECORDERS: dict[str, Callable[[House, Session], Any]] = {
    "a message was dropped": lambda house, s: dead_letters.drop(
        s, house.office, dead_letters.OUTBOX, None, house.clock()
    ),
    "a person is erased": lambda house, s: erase.erase_user(s, house.office, "7", house.clock()),
    "promises are applied anew": lambda house, s: reapply.apply(s, office_with(version=4), house.clock()),
}


@pytest.mark.parametrize("what", RECORDERS)
def test_on_a_server_who_records_something_has_the_row_to_itself(
    what: str, postgres_url: str, clock: FakeClock
) -> None:
    """Else a row could end up as one process's event says, though another's comes later in the log."""
    store = Store.open(postgres_url)
    house = House(store, clock)
    house.hear("刷脸不过")
    house.press("human:1")
    store.write_now(lambda s: run(s, update(table_of(Outbox)).values(state="dead", ticket_id=1)).rowcount)
    locked: list[str] = []

    def record(session: Session) -> None:
        take, looked = tickets.record, False

        def recording(session: Session, *rest: Any, **more: Any) -> None:
            nonlocal looked
            if not looked:
                looked = True
                try:
                    store.write_now(
                        lambda s: s.connection().exec_driver_sql("SELECT 1 FROM ticket FOR UPDATE NOWAIT").all()
                    )
                except StoreError as error:
                    locked.append(str(error))
            take(session, *rest, **more)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(tickets, "record", recording)
            RECORDERS[what](house, session)

    store.write_now(record)
    store.close()
    assert len(locked) == 1
    assert "could not obtain lock" in locked[0]
