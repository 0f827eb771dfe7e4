"""What every store promises, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, select

from tests.conftest import FakeClock
from triagebot.messages import Address, Button, Incoming, Outgoing, Receipt
from triagebot.store import inbox, leases, migrate, outbox
from triagebot.store.store import Store
from triagebot.store.tables import Agent, Event, Inbox, Outbox, Ticket

OWNERS = {("telegram", "1"), ("telegram", "")}


def arrived(number: int, chat: str = "7", text: str = "刷脸不过") -> Incoming:
    at = datetime(2026, 11, 23, 2, 0, 0, 123456, UTC)
    return Incoming(Address("telegram", "1", chat), str(number), user=chat, at=at, text=text, hidden=("phone",))


def add_agent(session: Session, name: str, at: datetime) -> int:
    agent = Agent(name=name, created_at=at)
    session.add(agent)
    session.flush()
    return agent.id or 0


def test_times_keep_their_microseconds_and_come_back_in_utc(store: Store) -> None:
    shanghai = datetime(2026, 11, 23, 10, 0, 0, 654321, timezone(timedelta(hours=8)))
    number = store.write_now(add_agent, "li", shanghai)
    back = store.read_now(lambda s: s.get(Agent, number).created_at)  # type: ignore[union-attr]
    assert back == shanghai
    assert back.utcoffset() == timedelta(0)


def test_a_time_without_a_zone_is_refused(store: Store) -> None:
    with pytest.raises(Exception, match="without a zone"):
        store.write_now(add_agent, "li", datetime(2026, 11, 23))


def test_the_same_message_is_taken_in_once(store: Store, clock: FakeClock) -> None:
    batch = [arrived(1), arrived(2)]
    assert store.write_now(inbox.commit, batch, [], clock()) == 2
    assert store.write_now(inbox.commit, [*batch, arrived(3)], [], clock()) == 1
    claimed = store.read_now(inbox.claim, OWNERS, clock(), 10)
    assert [w.message for w in claimed] == [arrived(1), arrived(2), arrived(3)]


def test_another_bot_may_use_the_same_message_numbers(store: Store, clock: FakeClock) -> None:
    other = Incoming(Address("telegram", "2", "7"), "1", user="7", at=clock())
    assert store.write_now(inbox.commit, [arrived(1), other], [], clock()) == 2
    assert len(store.read_now(inbox.claim, OWNERS, clock(), 10)) == 1


def test_a_message_that_waits_holds_back_its_conversation_only(store: Store, clock: FakeClock) -> None:
    store.write_now(inbox.commit, [arrived(1), arrived(2), arrived(3, chat="8")], [], clock())
    first = store.read_now(inbox.claim, OWNERS, clock(), 10)[0]
    store.write_now(inbox.fail, first.id, "ValueError", clock(), clock() + timedelta(seconds=5))
    assert [w.message.external_id for w in store.read_now(inbox.claim, OWNERS, clock(), 10)] == ["3"]
    clock.advance(seconds=5)
    again = store.read_now(inbox.claim, OWNERS, clock(), 10)
    assert [(w.message.external_id, w.attempts) for w in again] == [("1", 1), ("2", 0), ("3", 0)]


def test_a_dead_letter_keeps_the_reason_and_none_of_the_words(store: Store, clock: FakeClock) -> None:
    store.write_now(inbox.commit, [arrived(1)], [("9", "KeyError", "update{x}")], clock(), dead_from=("telegram", "1"))
    work = store.read_now(inbox.claim, OWNERS, clock(), 10)
    store.write_now(inbox.fail, work[0].id, "ValueError", clock(), None)
    rows = store.read_now(lambda s: [(r.state, r.payload, r.error) for r in s.exec(select(Inbox).order_by(Inbox.id))])
    assert rows == [("dead", {}, "ValueError"), ("dead", {}, "KeyError: update{x}")]
    assert store.read_now(inbox.claim, OWNERS, clock(), 10) == []


def say(store: Store, clock: FakeClock, chat: str, text: str, **more: Any) -> int | None:
    return store.write_now(outbox.put, Address("telegram", "1", chat), Outgoing(text), now=clock(), **more)


def texts(store: Store, clock: FakeClock) -> list[str]:
    return [p.message.text for p in store.read_now(outbox.heads, OWNERS, clock(), 10)]


def test_one_chat_hears_things_in_order_and_urgent_chats_come_first(store: Store, clock: FakeClock) -> None:
    say(store, clock, "7", "a1", priority=2)
    say(store, clock, "7", "a2", priority=0)
    say(store, clock, "8", "b1", priority=1)
    assert texts(store, clock) == ["b1", "a1"]
    head = store.read_now(outbox.heads, OWNERS, clock(), 10)[1]
    store.write_now(outbox.sent, head.id, Receipt("100"), clock())
    assert texts(store, clock) == ["a2", "b1"]


def test_a_message_to_be_tried_later_holds_back_its_chat(store: Store, clock: FakeClock) -> None:
    number = say(store, clock, "7", "a1")
    say(store, clock, "7", "a2")
    store.write_now(outbox.retry, number, "429", clock() + timedelta(seconds=3))
    assert texts(store, clock) == []
    clock.advance(seconds=3)
    assert texts(store, clock) == ["a1"]


def test_a_dead_message_lets_the_next_one_go(store: Store, clock: FakeClock) -> None:
    number = say(store, clock, "7", "a1")
    say(store, clock, "7", "a2")
    store.write_now(outbox.dead, number, "blocked", clock())
    assert texts(store, clock) == ["a2"]


def test_a_key_is_said_once(store: Store, clock: FakeClock) -> None:
    assert say(store, clock, "7", "warning", key="sla:1:breach") is not None
    assert say(store, clock, "7", "warning", key="sla:1:breach") is None
    assert store.read_now(lambda s: len(s.exec(select(Outbox)).all())) == 1


def test_silence_for_all_chats_of_a_bot(store: Store, clock: FakeClock) -> None:
    say(store, clock, "7", "a")
    say(store, clock, "8", "b")
    store.write_now(outbox.hold_all, "telegram", "1", clock() + timedelta(seconds=9))
    assert texts(store, clock) == []
    clock.advance(seconds=9)
    assert texts(store, clock) == ["a", "b"]


def test_a_card_is_edited_where_it_was_first_shown(store: Store, clock: FakeClock) -> None:
    to, card = Address("telegram", "", "7"), Outgoing("v1", ((Button("接手", "take:1"),),), card="ticket:1")
    store.write_now(outbox.put, to, card, now=clock())
    head = store.read_now(outbox.heads, OWNERS, clock(), 1)[0]
    assert (head.message, head.known_ref) == (card, "")
    store.write_now(outbox.sent, head.id, Receipt("55"), clock())
    store.write_now(outbox.put, to, Outgoing("v2", card="ticket:1"), now=clock())
    assert store.read_now(outbox.heads, OWNERS, clock(), 1)[0].known_ref == "55"


def test_a_lease_has_one_holder_and_a_growing_term(store: Store, clock: FakeClock) -> None:
    take = lambda who: store.write_now(leases.acquire, "tick", who, clock(), 10)  # noqa: E731
    assert take("a") == 1
    assert take("b") is None
    assert take("a") == 1
    clock.advance(seconds=11)
    assert take("b") == 2
    store.write_now(leases.release, "tick", "a")
    assert take("a") is None
    store.write_now(leases.release, "tick", "b")
    assert take("a") == 3


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
        return await asyncio.gather(*calls[:3], store.write(failing), *calls[3:], return_exceptions=True)

    outcome = asyncio.run(together())
    assert isinstance(outcome[3], LookupError)
    names = store.read_now(lambda s: sorted(a.name for a in s.exec(select(Agent))))
    assert names == ["a0", "a1", "a2", "a3", "a4"]


def test_a_caller_that_gave_up_does_not_disturb_the_others(store: Store, clock: FakeClock) -> None:
    async def impatient() -> None:
        tasks = [asyncio.create_task(store.write(add_agent, f"a{n}", clock())) for n in range(20)]
        await asyncio.sleep(0)
        for task in tasks[::2]:
            task.cancel()
        await asyncio.gather(*tasks[1::2])

    asyncio.run(impatient())
    names = set(store.read_now(lambda s: [a.name for a in s.exec(select(Agent))]))
    assert {f"a{n}" for n in range(1, 20, 2)} <= names


def test_reading_cannot_write_on_the_embedded_database(store: Store, clock: FakeClock) -> None:
    if store.url.get_backend_name() != "sqlite":
        pytest.skip("PostgreSQL's reader is the same role as its writer")
    with pytest.raises(Exception, match="cannot be written"):
        store.read_now(add_agent, "li", clock())


def test_the_schema_is_what_the_code_expects(database_url: str) -> None:
    assert migrate.current(database_url) == migrate.head()
    assert migrate.check(database_url) == []


def test_events_stay_in_order_of_their_writing(store: Store, clock: FakeClock) -> None:
    from triagebot.store.tables import Conversation

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
    rows = store.read_now(lambda s: [e.data["n"] for e in s.exec(select(Event).where(Event.ticket_id == number))])
    assert rows == list(range(20))
