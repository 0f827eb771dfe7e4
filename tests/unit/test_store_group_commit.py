"""SQLite's writer: one durable commit for all who wait, and the truth for each of them."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import Engine, event, text
from sqlmodel import Session

from tests.conftest import FakeClock
from tests.storing import add_agent, agent_names
from triagebot.errors import StoreError
from triagebot.store import engines
from triagebot.store.store import Store
from triagebot.store.tables import Ticket


@pytest.fixture
def file(sqlite_url: str) -> str:
    return sqlite_url.removeprefix("sqlite:///")


@pytest.fixture
def store(sqlite_url: str) -> Iterator[Store]:
    opened = Store.open(sqlite_url)
    yield opened
    opened.close()


@pytest.fixture
def commits(file: str) -> Iterator[list[str]]:
    """Grows by one with each commit to the file."""
    seen: list[str] = []

    def committed(connection: Any) -> None:
        if connection.engine.url.database == file:
            seen.append(threading.current_thread().name)

    event.listen(Engine, "commit", committed)
    yield seen
    event.remove(Engine, "commit", committed)


def together(store: Store, calls: Sequence[Callable[[Session], Any]]) -> list[Any]:
    """What became of calls that all waited for the writer at the same time."""
    reached, go_on = threading.Event(), threading.Event()

    def busy(session: Session) -> None:
        reached.set()
        assert go_on.wait(30)

    async def wait() -> list[Any]:
        first = asyncio.create_task(store.write(busy))
        await asyncio.to_thread(reached.wait, 30)
        waiting = [asyncio.create_task(store.write(call)) for call in calls]
        await asyncio.sleep(0)
        go_on.set()
        await first
        return await asyncio.gather(*waiting, return_exceptions=True)

    return asyncio.run(wait())


def test_all_who_wait_share_one_commit(store: Store, commits: list[str], clock: FakeClock) -> None:
    numbers = together(store, [lambda s, n=n: add_agent(s, f"a{n}", clock()) for n in range(50)])
    assert len(set(numbers)) == 50
    assert commits == ["store-write", "store-write"]


def test_one_who_comes_alone_waits_for_nobody(store: Store, commits: list[str], clock: FakeClock) -> None:
    for n in range(3):
        store.write_now(add_agent, f"a{n}", clock())
    assert len(commits) == 3


def test_threads_and_coroutines_share_the_writer(store: Store, clock: FakeClock) -> None:
    async def both() -> None:
        with ThreadPoolExecutor(8) as threads:
            blocking = [threads.submit(store.write_now, add_agent, f"t{n}", clock()) for n in range(40)]
            await asyncio.gather(*(store.write(add_agent, f"c{n}", clock()) for n in range(40)))
            await asyncio.gather(*(asyncio.wrap_future(one) for one in blocking))

    asyncio.run(both())
    assert len(store.read_now(agent_names)) == 80


def test_callers_never_share_a_row_object(store: Store, clock: FakeClock) -> None:
    from triagebot.store.tables import Agent

    number = store.write_now(add_agent, "li", clock())
    one, other = together(store, [lambda s: s.get(Agent, number), lambda s: s.get(Agent, number)])
    assert one == other
    assert one is not other


def test_who_gives_up_while_being_served_takes_nobody_along(store: Store, clock: FakeClock) -> None:
    queued, go_on, served, finish = (threading.Event() for _ in range(4))

    def hold(session: Session, reached: threading.Event, leave: threading.Event) -> None:
        reached.set()
        assert leave.wait(30)

    async def wait() -> int:
        asyncio.create_task(store.write(hold, queued, go_on))  # noqa: RUF006 (kept by the store)
        await asyncio.to_thread(queued.wait, 30)
        impatient = asyncio.create_task(store.write(hold, served, finish))
        patient = asyncio.create_task(store.write(add_agent, "li", clock()))
        await asyncio.sleep(0)
        go_on.set()
        await asyncio.to_thread(served.wait, 30)
        impatient.cancel()
        await asyncio.sleep(0)
        finish.set()
        async with asyncio.timeout(30):
            return await patient

    assert asyncio.run(wait()) > 0


def test_when_the_commit_fails_nobody_is_told_success(store: Store, clock: FakeClock) -> None:
    def breaks_the_commit(session: Session) -> None:
        session.execute(text("PRAGMA defer_foreign_keys = ON"))
        session.add(Ticket(conversation_id=999, created_at=clock(), updated_at=clock()))

    outcome = together(store, [lambda s: add_agent(s, "li", clock()), breaks_the_commit])
    assert [type(one) for one in outcome] == [StoreError, StoreError]
    assert outcome[0] is not outcome[1]
    assert "FOREIGN KEY" in str(outcome[0])
    assert store.read_now(agent_names) == []
    assert store.write_now(add_agent, "wang", clock()) > 0


def test_when_the_disk_is_full_everybody_whose_work_is_lost_is_told(store: Store, clock: FakeClock) -> None:
    def no_more_pages(session: Session) -> None:
        pages = session.execute(text("PRAGMA page_count")).scalar_one()
        session.execute(text(f"PRAGMA max_page_count = {pages}"))

    def long_words(session: Session) -> int:
        return add_agent(session, "long" * 50_000, clock())

    store.write_now(no_more_pages)
    outcome = together(store, [lambda s: add_agent(s, "before", clock()), long_words, lambda s: 1])
    failed = [one for one in outcome if isinstance(one, StoreError)]
    assert outcome[1] in failed
    assert all("the disk is full; nothing was written" in str(one) for one in failed)
    kept = store.read_now(agent_names)
    assert kept == ([] if outcome[0] in failed else ["before"])


def test_a_savepoint_within_a_call_is_the_calls_own(store: Store, clock: FakeClock) -> None:
    def half(session: Session) -> None:
        add_agent(session, "kept", clock())
        with contextlib.suppress(LookupError), session.begin_nested():
            add_agent(session, "taken back", clock())
            raise LookupError

    store.write_now(half)
    assert store.read_now(agent_names) == ["kept"]


def test_another_process_that_writes_for_too_long_is_reported(
    sqlite_url: str, file: str, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "BUSY_MS", 20)
    store = Store.open(sqlite_url)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="another program keeps the database busy"):
            store.write_now(add_agent, "li", clock())
        assert store.read_now(agent_names) == []
        other.execute("ROLLBACK")
    assert store.write_now(add_agent, "li", clock()) > 0
    store.close()


def test_nobody_else_writes_between_a_calls_reading_and_its_writing(store: Store, file: str, clock: FakeClock) -> None:
    """A transaction that begins by reading could not write any more after somebody else's commit."""

    def read_then_write(session: Session) -> list[str]:
        before = agent_names(session)
        with closing(sqlite3.connect(file, isolation_level=None, timeout=0)) as other:
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                other.execute("INSERT INTO lease VALUES ('theirs', 'x', 1, '2026-01-01 00:00:00.000000')")
            add_agent(session, "li", clock())
        return before

    assert store.write_now(read_then_write) == []
    assert store.read_now(agent_names) == ["li"]


def test_another_process_that_writes_is_waited_for(store: Store, file: str, clock: FakeClock) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as other, ThreadPoolExecutor(1) as threads:
        other.execute("BEGIN IMMEDIATE")
        waiting = threads.submit(store.write_now, add_agent, "li", clock())
        other.execute("INSERT INTO lease VALUES ('theirs', 'x', 1, '2026-01-01 00:00:00.000000')")
        other.execute("COMMIT")
        assert waiting.result(30) > 0


def test_what_durability_and_integrity_rest_on_is_switched_on(store: Store) -> None:
    def pragmas(session: Session) -> list[Any]:
        names = ("journal_mode", "synchronous", "foreign_keys", "query_only")
        return [session.execute(text(f"PRAGMA {name}")).scalar_one() for name in names]

    assert store.write_now(pragmas) == ["wal", 2, 1, 0]
    assert store.read_now(pragmas) == ["wal", 2, 1, 1]
