"""What the two doors of every store promise, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

import asyncio
import threading
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, select

from tests.conftest import FakeClock
from tests.storing import add_agent, agent_names
from triagebot.errors import StoreError
from triagebot.store.store import Store
from triagebot.store.tables import Agent, Conversation, Event, Ticket


def test_times_keep_their_microseconds_and_come_back_in_utc(store: Store) -> None:
    shanghai = datetime(2026, 11, 23, 10, 0, 0, 654321, timezone(timedelta(hours=8)))
    number = store.write_now(add_agent, "li", shanghai)
    back = store.read_now(lambda s: s.get(Agent, number).created_at)  # type: ignore[union-attr]
    assert back == shanghai
    assert back.utcoffset() == timedelta(0)


def test_times_are_compared_as_moments_whatever_their_zone(store: Store) -> None:
    east, west = timezone(timedelta(hours=8)), timezone(timedelta(hours=-8))
    store.write_now(add_agent, "morning", datetime(2026, 11, 23, 10, 0, tzinfo=east))
    store.write_now(add_agent, "evening", datetime(2026, 11, 23, 9, 0, tzinfo=west))
    noon = datetime(2026, 11, 23, 12, 0, tzinfo=east)
    assert store.read_now(lambda s: s.exec(select(Agent.name).where(Agent.created_at < noon)).all()) == ["morning"]


def test_a_time_without_a_zone_is_refused(store: Store) -> None:
    with pytest.raises(Exception, match="without a zone"):
        store.write_now(add_agent, "li", datetime(2026, 11, 23))


def test_a_ticket_needs_its_conversation(store: Store, clock: FakeClock) -> None:
    def orphan(session: Session) -> None:
        session.add(Ticket(conversation_id=999, created_at=clock(), updated_at=clock()))

    with pytest.raises(sa.exc.IntegrityError):
        store.write_now(orphan)


def test_a_call_that_fails_takes_nothing_with_it(store: Store, clock: FakeClock) -> None:
    def failing(session: Session) -> None:
        add_agent(session, "nobody", clock())
        raise LookupError("on purpose")

    async def together() -> list[Any]:
        calls = [store.write(add_agent, f"a{n}", clock()) for n in range(5)]
        twice = store.write(add_agent, "a0", clock())
        return await asyncio.gather(*calls[:3], store.write(failing), twice, *calls[3:], return_exceptions=True)

    outcome = asyncio.run(together())
    assert isinstance(outcome[3], LookupError)
    assert sum(isinstance(one, sa.exc.IntegrityError) for one in outcome) == 1
    assert store.read_now(agent_names) == ["a0", "a1", "a2", "a3", "a4"]


def test_a_caller_that_gave_up_does_not_disturb_the_others(store: Store, clock: FakeClock) -> None:
    async def impatient() -> None:
        tasks = [asyncio.create_task(store.write(add_agent, f"a{n}", clock())) for n in range(20)]
        await asyncio.sleep(0)
        for task in tasks[::2]:
            task.cancel()
        await asyncio.gather(*tasks[1::2])

    asyncio.run(impatient())
    assert {f"a{n}" for n in range(1, 20, 2)} <= set(store.read_now(agent_names))


def test_a_caller_whose_loop_is_gone_does_not_disturb_the_others(store: Store, clock: FakeClock) -> None:
    reached, go_on = threading.Event(), threading.Event()

    def slow(session: Session) -> None:
        reached.set()
        assert go_on.wait(30)

    async def impatient() -> None:
        left_behind = asyncio.create_task(store.write(slow))
        await asyncio.to_thread(reached.wait, 30)
        left_behind.cancel()

    asyncio.run(impatient())
    go_on.set()
    assert store.write_now(add_agent, "li", clock()) > 0


def test_a_function_that_ends_an_iteration_fails_alone(store: Store, clock: FakeClock) -> None:
    async def together() -> list[Any]:
        bad = store.write(lambda session: next(iter(())))
        return await asyncio.gather(bad, store.write(add_agent, "li", clock()), return_exceptions=True)

    outcome = asyncio.run(together())
    assert isinstance(outcome[0], RuntimeError)
    assert store.read_now(agent_names) == ["li"]


def test_reading_cannot_write(store: Store, clock: FakeClock) -> None:
    with pytest.raises(StoreError, match=r"cannot be written|may only be read"):
        store.read_now(add_agent, "li", clock())
    assert store.read_now(agent_names) == []


def test_a_reader_sees_one_moment_and_waits_for_no_writer(store: Store, clock: FakeClock) -> None:
    def twice(session: Session) -> tuple[list[str], list[str]]:
        before = agent_names(session)
        store.write_now(add_agent, "li", clock())
        return before, agent_names(session)

    assert store.read_now(twice) == ([], [])
    assert store.read_now(agent_names) == ["li"]


def test_reading_goes_on_while_a_writer_is_busy(store: Store, clock: FakeClock) -> None:
    def read_meanwhile(session: Session) -> list[str]:
        add_agent(session, "li", clock())
        return store.read_now(agent_names)

    assert store.write_now(read_meanwhile) == []
    assert store.read_now(agent_names) == ["li"]


def test_rows_that_come_out_keep_their_values(store: Store, clock: FakeClock) -> None:
    def made(session: Session) -> Agent:
        agent = Agent(name="li", created_at=clock())
        session.add(agent)
        return agent

    agent = store.write_now(made)
    assert (agent.name, agent.created_at) == ("li", clock())
    assert agent.id is not None


def test_a_closed_store_says_so(store: Store, clock: FakeClock) -> None:
    store.close()
    store.close()
    with pytest.raises(StoreError, match="closed"):
        store.write_now(add_agent, "li", clock())
    with pytest.raises(StoreError, match="closed"):
        store.read_now(agent_names)


def test_closing_waits_for_what_was_accepted(database_url: str, clock: FakeClock) -> None:
    store = Store.open(database_url)

    async def accepted() -> list[int]:
        tasks = [asyncio.create_task(store.write(add_agent, f"a{n}", clock())) for n in range(20)]
        await asyncio.sleep(0)
        await asyncio.to_thread(store.close)
        return await asyncio.gather(*tasks)

    assert len(set(asyncio.run(accepted()))) == 20


def test_events_stay_in_order_of_their_writing(store: Store, clock: FakeClock) -> None:
    def write(session: Session) -> int:
        conversation = Conversation(channel="t", bot="1", chat="1", user="1", created_at=clock(), updated_at=clock())
        session.add(conversation)
        session.flush()
        ticket = Ticket(conversation_id=conversation.id or 0, created_at=clock(), updated_at=clock())
        session.add(ticket)
        session.flush()
        for n in range(20):
            session.add(
                Event(ticket_id=ticket.id or 0, at=clock(), type="note", actor="bot", data={"n": n, "词": "中"})
            )
        return ticket.id or 0

    number = store.write_now(write)
    in_order = select(Event).where(Event.ticket_id == number).order_by(Event.id)  # type: ignore[arg-type]
    assert store.read_now(lambda s: [e.data["n"] for e in s.exec(in_order)]) == list(range(20))
