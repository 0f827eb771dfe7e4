"""PostgreSQL's doors: each call a transaction of its own on a small pool; the server itself keeps writers apart."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from sqlalchemy import Engine
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from triagebot.store import calls, engines

T = TypeVar("T")

_WRITERS = 6
_READERS = 4
_TRIES = 5
_PAUSE_S = 0.005
"""Wall seconds before the second try, doubled before each further one and shortened at random."""
_TRANSIENT = ("40001", "40P01", "25P03")
"""serialization_failure (also: what a replica replays is in the way of a read) and deadlock_detected: PostgreSQL asks to
run the transaction again. And
idle_in_transaction_session_timeout: the process was stopped in the middle of it."""

MOST_IDLE_MS = 10_000
"""Within a transaction that writes (wall milliseconds): a process that is stopped must not keep its locks from others."""


class PostgresDoors:
    """Readers have threads and connections of their own: they never wait for writers."""

    def __init__(self, url: URL) -> None:
        self._url = url
        self._engine = engines.postgres_engine(url, _WRITERS + _READERS)
        self._snapshots = self._engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._writers = ThreadPoolExecutor(_WRITERS, thread_name_prefix="store-write")
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="store-read")

    def write(self, call: Callable[[Session], T]) -> Awaitable[T]:
        return asyncio.wrap_future(self._write(call))

    def read(self, call: Callable[[Session], T]) -> Awaitable[T]:
        return asyncio.wrap_future(self._read(call))

    def write_now(self, call: Callable[[Session], T]) -> T:
        return self._write(call).result()

    def read_now(self, call: Callable[[Session], T]) -> T:
        return self._read(call).result()

    def close(self) -> None:
        self._writers.shutdown()
        self._readers.shutdown()
        self._engine.dispose()

    def _write(self, call: Callable[[Session], T]) -> Future[T]:
        return calls.submit(self._writers, partial(self._retrying, self._engine, _bounded(call)))

    def _read(self, call: Callable[[Session], T]) -> Future[T]:
        return calls.submit(self._readers, partial(self._retrying, self._snapshots, call))

    def _retrying(self, engine: Engine, call: Callable[[Session], T]) -> T:
        for tries in range(1, _TRIES):
            try:
                return calls.in_transaction(engine, call)
            except DBAPIError as error:
                if calls.is_callers(error):
                    raise
                if getattr(error.orig, "sqlstate", None) not in _TRANSIENT:
                    raise engines.in_words(error, self._url) from error
            time.sleep(_PAUSE_S * 2**tries * random.random())  # noqa: S311 (nothing secret about a pause)
        return calls.once(engine, self._url, call)


def _bounded(call: Callable[[Session], T]) -> Callable[[Session], T]:
    """SET LOCAL ends with the transaction, so that PgBouncer in transaction mode has nothing to carry over."""

    def bounded(session: Session) -> T:
        session.connection().exec_driver_sql(f"SET LOCAL idle_in_transaction_session_timeout = {MOST_IDLE_MS}")
        return call(session)

    return bounded
