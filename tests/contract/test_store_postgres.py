"""What is PostgreSQL's own: conflicts are repeated, nothing lives in the server's session."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlmodel import Session

from tests.conftest import FakeClock
from tests.storing import add_agent, agent_names
from triagebot.errors import StoreError
from triagebot.store import postgres
from triagebot.store.store import Store

_CONFLICT = text("DO $$ BEGIN RAISE EXCEPTION 'try again' USING ERRCODE = '40001'; END $$")


@pytest.fixture
def store(postgres_url: str) -> Iterator[Store]:
    opened = Store.open(postgres_url)
    yield opened
    opened.close()


def test_a_conflict_is_repeated_from_the_start(store: Store, clock: FakeClock) -> None:
    tries: list[int] = []

    def fussy(session: Session) -> int:
        tries.append(add_agent(session, "li", clock()))
        if len(tries) < 3:
            session.execute(_CONFLICT)
        return tries[-1]

    assert store.write_now(fussy) == tries[-1]
    assert len(tries) == 3
    assert store.read_now(agent_names) == ["li"]


def test_a_conflict_that_does_not_end_is_an_error(store: Store, clock: FakeClock) -> None:
    tries: list[int] = []

    def hopeless(session: Session) -> None:
        tries.append(add_agent(session, "li", clock()))
        session.execute(_CONFLICT)

    with pytest.raises(StoreError, match="try again"):
        store.write_now(hopeless)
    assert len(tries) == 5
    assert store.read_now(agent_names) == []


def test_two_writers_who_block_each_other_both_succeed(store: Store, clock: FakeClock) -> None:
    for name in ("li", "wang"):
        store.write_now(add_agent, name, clock())
    both_hold_one = threading.Barrier(2)
    one_is_done = threading.Event()
    tries: list[str] = []

    def cross(session: Session, first: str, second: str) -> None:
        if len(tries) == 2:  # or it would take its row again before the other one wakes up, and block it once more
            one_is_done.wait(30)
        session.execute(text("UPDATE agent SET queues = queues || :n WHERE name = :name"), {"n": "1", "name": first})
        tries.append(first)
        if len(tries) <= 2:
            both_hold_one.wait(30)
        session.execute(text("UPDATE agent SET queues = queues || :n WHERE name = :name"), {"n": "2", "name": second})

    def both(*names: str) -> None:
        store.write_now(cross, *names)
        one_is_done.set()

    threads = [threading.Thread(target=both, args=names) for names in (("li", "wang"), ("wang", "li"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    found = store.read_now(lambda s: s.execute(text("SELECT queues FROM agent ORDER BY name")).scalars().all())
    assert sorted("".join(sorted(queues)) for queues in found) == ["12", "12"]
    assert len(tries) == 3


def test_nothing_is_prepared_on_the_server(store: Store) -> None:
    """PgBouncer in transaction mode gives each transaction another server session."""

    def often(session: Session) -> int:
        for _ in range(20):
            session.execute(text("SELECT count(*) FROM agent")).scalar_one()
        return session.execute(text("SELECT count(*) FROM pg_prepared_statements")).scalar_one()

    assert (store.write_now(often), store.read_now(often)) == (0, 0)


def test_a_process_that_is_stopped_in_a_transaction_keeps_no_locks(
    store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "MOST_IDLE_MS", 50)
    store.write_now(add_agent, "li", clock())
    ours = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'"
    tries: list[int] = []

    def stops(session: Session) -> None:
        session.execute(text("UPDATE agent SET queues = queues || 'x' WHERE name = 'li'"))
        tries.append(len(tries))
        while len(tries) == 1 and store.read_now(lambda s: s.execute(text(ours)).scalar_one()):
            pass

    store.write_now(stops)
    assert len(tries) == 2, "it was not ended by the server"
    assert store.read_now(lambda s: s.execute(text("SELECT queues FROM agent")).scalars().all()) == ["x"]


def test_a_read_that_is_in_the_way_of_what_a_replica_replays_is_repeated(store: Store) -> None:
    tries: list[int] = []

    def cancelled_once(session: Session) -> int:
        tries.append(len(tries))
        if len(tries) == 1:
            session.execute(_CONFLICT)
        return len(agent_names(session))

    assert store.read_now(cancelled_once) == 0
    assert len(tries) == 2
