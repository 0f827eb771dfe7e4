"""A message, its changes and their replays, in whatever order a network brings them: what is understood is the same."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlmodel import delete

from tests.conftest import FakeClock
from tests.unit.house import House, incoming
from triagebot.messages import Incoming
from triagebot.store import inbox
from triagebot.store.store import Store
from triagebot.store.tables import Conversation, Event, Followup, Inbox, Notice, Outbox, Ticket

HARMLESS = ("刷脸不过", "没收到报告", "两样都有", "说不清楚的话", "刷脸老是不过")
DANGER = "我被骗了"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One database for all examples: each is a person of its own, erased afterwards."""
    from triagebot.store import migrate

    url = f"sqlite:///{tmp_path_factory.mktemp('edits') / 'bot.db'}"
    migrate.upgrade(url)
    opened = Store.open(url)
    yield opened
    opened.close()


def versions(texts: Sequence[str], clock: FakeClock) -> list[Incoming]:
    """One message as it was written and then changed, a second or more apart."""
    return [
        replace(
            incoming(f"u{n}", words, message_ref="5"), at=clock() + timedelta(seconds=n), kind="edit" if n else "text"
        )
        for n, words in enumerate(texts)
    ]


def empty(session: Any) -> None:
    session.exec(text("DELETE FROM passage"))
    for table in (Event, Notice, Followup, Outbox, Inbox):
        session.exec(delete(table))
    session.exec(delete(Ticket))
    session.exec(delete(Conversation))


def understood(store: Store, clock: FakeClock, arrivals: Sequence[Sequence[Incoming]]) -> House:
    store.write_now(empty)
    house = House(store, clock)
    for batch in arrivals:
        store.write_now(inbox.commit, batch, [], clock())
        asyncio.run(house.loop.once())
    while asyncio.run(house.loop.once()):
        pass
    return house


def outcome(house: House) -> dict[str, Any]:
    """What the bot has in mind and what became of the person; not which words led there, nor a ticket's number."""
    found = house.conversation()
    ticket = house.ticket(found.ticket_id or 0)
    known = {name: found.memory[name] for name in ("texts", "refs", "category", "platform", "round", "unclear")}
    return {"state": found.state, **known, "focus": (ticket.category, ticket.status, ticket.priority, ticket.queue)}


@st.composite
def shuffled(draw: st.DrawFn, most: int = 3) -> tuple[list[str], list[list[int]]]:
    """Versions of a message, and batches in which they and their replays arrive."""
    texts = draw(st.lists(st.sampled_from(HARMLESS), min_size=1, max_size=most + 1))
    replays = draw(st.lists(st.integers(0, len(texts) - 1), max_size=3))
    order = draw(st.permutations([*range(len(texts)), *replays]))
    cuts = sorted(draw(st.sets(st.integers(1, len(order)))))
    return texts, [order[a:b] for a, b in zip([0, *cuts], [*cuts, len(order)], strict=True) if a < b]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(case=shuffled())
def test_any_order_leads_to_what_the_last_version_alone_leads_to(
    store: Store, clock: FakeClock, case: tuple[list[str], list[list[int]]]
) -> None:
    texts, batches = case
    said = versions(texts, clock)
    alone = outcome(understood(store, clock, [[said[-1]]]))
    house = understood(store, clock, [[said[n] for n in batch] for batch in batches])
    assert outcome(house) == alone
    assert {row.state for row in house.rows(Inbox)} == {"done"}


@pytest.mark.parametrize("order", [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)])
@pytest.mark.parametrize("danger_in", [0, 1, 2])
def test_danger_in_any_version_reaches_people_in_any_order(
    store: Store, clock: FakeClock, order: Sequence[int], danger_in: int
) -> None:
    texts = ["刷脸不过", "没收到报告", "刷脸还是不过"]
    texts[danger_in] = DANGER
    said = versions(texts, clock)
    house = understood(store, clock, [[said[n]] for n in order])
    at_security = [t for t in house.rows(Ticket) if t.queue == "security"]
    assert [(t.priority, t.status) for t in at_security] == [("P1", "queued")]


def test_an_older_version_that_comes_late_is_neither_answered_nor_written_down(store: Store, clock: FakeClock) -> None:
    written, changed = versions(["刷脸不过", "没收到报告"], clock)
    house = understood(store, clock, [[changed], [written]])
    assert len(house.told()) == 1
    assert [e.data["text"] for e in house.rows(Event) if e.type in ("user_replied", "user_edited")] == ["没收到报告"]
