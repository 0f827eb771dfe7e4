"""A service that begins, or goes on, while its SQLite file is locked by another program."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager

import pytest
from structlog.testing import capture_logs

from tests.conftest import FakeClock
from triagebot.errors import StoreUnavailable
from triagebot.flow.ownership import Ownership
from triagebot.store import engines, leases
from triagebot.store.store import Store

OWNERS = {("telegram", "4242")}


@pytest.fixture
def store(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setattr(engines, "BUSY_MS", 50)
    opened = Store.open(sqlite_url)
    yield opened
    opened.close()


@contextmanager
def locked(url: str) -> Iterator[sqlite3.Connection]:
    held = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    held.execute("BEGIN IMMEDIATE")
    try:
        yield held
    finally:
        held.close()


def test_a_channel_is_taken_once_the_lock_is_gone(store: Store, sqlite_url: str, clock: FakeClock) -> None:
    async def scene() -> None:
        async with AsyncExitStack() as stack:
            with locked(sqlite_url), capture_logs() as said:
                beginning = asyncio.create_task(
                    stack.enter_async_context(Ownership(store, OWNERS, "one", clock).held(outlasting=True))
                )
                while not any(line["event"] == "store.unavailable" for line in said):  # noqa: ASYNC110 (a log rings no bell)
                    await asyncio.sleep(0.01)
                assert not beginning.done()
            await beginning
            assert await store.read(leases.holder_of, "owner:telegram:4242") == "one"

    asyncio.run(asyncio.wait_for(scene(), 30))


def test_a_command_is_told_of_the_lock_at_once(store: Store, sqlite_url: str, clock: FakeClock) -> None:
    async def scene() -> None:
        async with Ownership(store, OWNERS, "one", clock).held():
            pass

    with locked(sqlite_url), pytest.raises(StoreUnavailable, match="keeps the database busy"):
        asyncio.run(scene())
