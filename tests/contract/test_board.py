"""The live board: columns and lists of open tickets, most urgent first, in the same few statements whatever is open."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, update
from sqlmodel import Session

from tests.conftest import FakeClock
from tests.unit.house import House
from triagebot.desk import board, promises
from triagebot.desk.board import Column, Row, View
from triagebot.desk.finding.find import parse
from triagebot.desk.team import agents
from triagebot.store.statements import run, table_of
from triagebot.store.tables import Ticket


def columns(house: House, view: View = View(), who: str = "boss") -> tuple[Column, ...]:  # noqa: B008 (frozen)
    def look(session: Session) -> tuple[Column, ...]:
        agent = agents.by_name(session, who, house.clock())
        return board.board(session, house.office, agent, view, house.clock())

    return house.store.read_now(look)


def numbers(house: House, who: str = "boss", **view: Any) -> list[int]:
    """One list, in order."""
    (column,) = columns(house, View(**{"columns": False, **view}), who)
    return [row.number for row in column.rows]


def row(house: House, number: int) -> Row:
    (column,) = columns(house, View(columns=False))
    return next(row for row in column.rows if row.number == number)


def change(house: House, number: int, **values: object) -> None:
    ticket = table_of(Ticket)
    house.store.write_now(lambda s: run(s, update(ticket).where(ticket.c.id == number).values(**values)).rowcount)


@pytest.fixture
def busy(queued: House, clock: FakeClock) -> House:
    """Customer service has 1 (P3, due at 12:00) and 4 (P3, an hour later), security 2 (P1), the hotline 3 (P2, at 12:00)."""
    queued.hear("被骗了", "8", user_name="王女士")
    queued.hear("有个异议", "9")
    clock.advance(hours=1)
    queued.hear("刷脸不过", "10")
    queued.press("human:4", "10")
    return queued


def test_each_queue_has_its_column_in_the_order_of_the_rules(busy: House) -> None:
    shown = columns(busy)
    assert [(c.queue, c.count, [row.number for row in c.rows]) for c in shown] == [
        ("customer_service", 2, [1, 4]), ("hotline", 1, [3]), ("security", 1, [2]),
    ]  # fmt: skip


def test_an_agent_sees_their_own_queues_also_empty_ones(busy: House) -> None:
    assert [c.queue for c in columns(busy, who="li")] == ["customer_service"]
    busy.verb("boss", "resolve 3")
    assert [(c.queue, c.count) for c in columns(busy, who="wang")] == [("hotline", 0)]


def test_p1_comes_first_then_what_is_due_then_the_rest(busy: House) -> None:
    assert numbers(busy) == [2, 3, 1, 4]
    change(busy, 3, due_at=None)
    assert numbers(busy) == [2, 1, 4, 3]
    assert numbers(busy, order="newest") == [4, 3, 2, 1]
    assert numbers(busy, order="priority") == [2, 3, 1, 4]


def test_a_row_says_what_is_to_be_known_at_a_glance(busy: House, clock: FakeClock) -> None:
    busy.verb("boss", "take 2")
    change(busy, 2, tags="vip,急", snoozed_until=clock() + timedelta(hours=1))
    found = row(busy, 2)
    began = clock() - timedelta(hours=1)
    assert (found.priority, found.category, found.status, found.queue) == (
        "P1",
        "security.scam",
        "assigned",
        "security",
    )
    assert (found.holder, found.person, found.summary) == ("boss", "王女士", "被骗了")
    assert (found.due_at, found.due_metric, found.sla) == (began + timedelta(minutes=15), "first_response", "late")
    assert (found.waiting_since, found.tags) == (began, ("vip", "急"))
    assert found.snoozed_until == clock() + timedelta(hours=1)
    assert found.last_event == busy.events(2)[-1].id


def test_counts_are_of_all_that_is_there(busy: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board, "PAGE", 1)
    first, second = (columns(busy, View(page=page))[0] for page in (0, 1))
    assert ([row.number for row in first.rows], [row.number for row in second.rows]) == ([1], [4])
    assert (first.count, second.count) == (2, 2)
    assert [c.late for c in columns(busy)] == [0, 0, 1]
    (every,) = columns(busy, View(columns=False))
    assert (every.count, every.late, len(every.rows)) == (4, 1, 1)


def test_what_is_shown_can_be_chosen(busy: House, clock: FakeClock) -> None:
    busy.verb("li", "take 4")
    change(busy, 1, tags="急", snoozed_until=clock() + timedelta(hours=1))
    busy.hear("刷脸 眼镜", "11")
    query = lambda words: parse(words, busy.office, "zh")  # noqa: E731
    chosen: list[tuple[dict[str, Any], list[int]]] = [
        ({"queues": ("hotline", "security")}, [2, 3]),
        ({"states": frozenset({"assigned"})}, [4]),
        ({"states": frozenset({"bot"})}, [5]),
        ({"tag": "急"}, [1]),
        ({"priorities": frozenset({"P1", "P2"})}, [2, 3]),
        ({"snoozed": False}, [2, 3, 4]),
        ({"query": query("刷脸")}, [1, 4]),
        ({"query": query("刷脸 tag:急")}, [1]),
        ({"query": query("due:late")}, [2]),
        ({"query": query("#3")}, [3]),
        ({"query": query("独角兽")}, []),
    ]
    assert [(view, numbers(busy, **view)) for view, _ in chosen] == chosen
    assert numbers(busy, "li", mine=True) == [4]
    assert [c.queue for c in columns(busy, View(queues=("security",)))] == ["security"]


def test_clocks_that_stand_still_and_tickets_that_are_over(busy: House) -> None:
    busy.verb("li", "take 1")
    busy.verb("li", "reply 1 您好")
    assert row(busy, 1).sla == "none"
    change(busy, 1, status="pending")
    assert row(busy, 1).sla == "paused"
    busy.verb("boss", "resolve 2")
    assert numbers(busy) == [3, 4, 1]


def test_a_ticket_becomes_hot_with_its_last_warning(busy: House, clock: FakeClock) -> None:
    """Due in 23 minutes, four fifths of two hours are over; the next clock starts afresh."""
    seen = []
    for minutes in (0, 65, 32):
        clock.advance(minutes=minutes)
        busy.store.write_now(promises.sweep, busy.office, clock())
        seen.append(row(busy, 4).sla)
    assert seen == ["calm", "soon", "hot"]
    busy.verb("li", "reply 4 您好")
    busy.hear("还不行", "10")
    assert row(busy, 4).sla == "calm"


@pytest.mark.parametrize(
    ("status", "minutes", "warned", "state"),
    [
        ("queued", -1, True, "late"),
        ("queued", 14, False, "hot"),
        ("queued", 30, True, "hot"),
        ("queued", 30, False, "soon"),
        ("queued", 90, False, "calm"),
        ("pending", None, False, "paused"),
        ("on_hold", None, False, "paused"),
        ("assigned", None, False, "none"),
    ],
)
def test_how_urgent_a_due_moment_is(
    clock: FakeClock, status: str, minutes: int | None, warned: bool, state: str
) -> None:
    due = clock() + timedelta(minutes=minutes) if minutes is not None else None
    assert board.sla_state(status, due, warned, clock()) == state


@pytest.mark.parametrize(
    ("view", "most"), [(View(), 2), (View(columns=False, page=1), 2), (View(mine=True, tag="急"), 2)]
)
def test_it_takes_two_statements_however_many_tickets_there_are(busy: House, view: View, most: int) -> None:
    def look(session: Session) -> list[str]:
        agent = agents.by_name(session, "boss", busy.clock())
        told: list[str] = []
        engine = session.get_bind()
        hear = lambda connection, cursor, statement, *rest: told.append(statement)  # noqa: E731
        event.listen(engine, "before_cursor_execute", hear)
        board.board(session, busy.office, agent, view, busy.clock())
        event.remove(engine, "before_cursor_execute", hear)
        return told

    assert len(busy.store.read_now(look)) == most


def test_whatever_happens_makes_another_version_and_names_the_ticket(busy: House) -> None:
    before = busy.store.read_now(board.version)
    assert busy.store.read_now(board.version) == before
    busy.verb("li", "note 4 看过了")
    after = busy.store.read_now(board.version)
    assert after != before
    assert 4 in busy.store.read_now(board.changed_since, before.event)
    assert after.event == busy.events(4)[-1].id
