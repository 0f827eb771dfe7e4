"""Small things that tests of the store put in and take out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session, func, select, update

from tests.conftest import FakeClock
from triagebot.messages import Address, Incoming, Outgoing
from triagebot.store import inbox, outbox
from triagebot.store.statements import run, table_of
from triagebot.store.store import Store
from triagebot.store.tables import Agent, Inbox, Lease, Outbox

OWNERS = {("telegram", "1"), ("telegram", "")}


def arrived(number: int | str, chat: str = "7", text: str = "刷脸不过", **more: Any) -> Incoming:
    at = datetime(2026, 11, 23, 2, 0, 0, 123456, UTC)
    return Incoming(Address("telegram", "1", chat), str(number), user=chat, at=at, text=text, **more)


def take_in(store: Store, clock: FakeClock, *messages: Incoming) -> int:
    return store.write_now(inbox.commit, messages, [], clock())


def claimed(store: Store, clock: FakeClock, limit: int = 10) -> list[str]:
    """The external ids of what may be handled now."""
    return [w.message.external_id for w in store.read_now(inbox.claim, OWNERS, clock(), limit)]


def say(store: Store, clock: FakeClock, chat: str, text: str, **more: Any) -> int:
    """Returns the number in the outbox, 0 when the key was used before."""
    return store.write_now(put, Address("telegram", "1", chat), Outgoing(text), now=clock(), **more) or 0


def put(session: Session, to: Address, message: Outgoing, **more: Any) -> int | None:
    """``outbox.put``, and the number that the message got: None when its key was used before."""
    newest = select(func.max(Outbox.id))
    before = session.exec(newest).one()
    outbox.put(session, to, message, **more)
    after = session.exec(newest).one()
    return after if after != before else None


def next_texts(store: Store, clock: FakeClock) -> list[str]:
    return [p.message.text for p in store.read_now(outbox.heads, OWNERS, clock(), 10)]


def add_agent(session: Session, name: str, at: datetime) -> int:
    agent = Agent(name=name, created_at=at)
    session.add(agent)
    session.flush()
    return agent.id or 0


def agent_names(session: Session) -> list[str]:
    return sorted(agent.name for agent in session.exec(select(Agent)))


def let_leases_lapse(store: Store) -> None:
    """As if their time had passed: on PostgreSQL it is the server's, which no test can set."""
    long_ago = datetime(1970, 1, 1, tzinfo=UTC)
    store.write_now(lambda s: run(s, update(table_of(Lease)).values(expires_at=long_ago)).rowcount)


def let_claims_lapse(store: Store) -> None:
    """As ``let_leases_lapse``, for what was taken up from the inbox."""
    long_ago, inbox_ = datetime(1970, 1, 1, tzinfo=UTC), table_of(Inbox)
    claimed_now = inbox_.c.claimed_until.is_not(None)
    store.write_now(lambda s: run(s, update(inbox_).where(claimed_now).values(claimed_until=long_ago)).rowcount)
