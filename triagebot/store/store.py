"""One door to the database for writing, one for reading. Domain functions are synchronous; the async edge crosses here.

On SQLite one writer thread groups all waiting calls into one durable transaction, a savepoint each: a call that fails
rolls back alone, a call that returned is on disk. On PostgreSQL each call is a transaction of its own on a small pool.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from sqlalchemy import Engine
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlmodel import Session

from triagebot.errors import StoreError
from triagebot.store import engines

P = ParamSpec("P")
T = TypeVar("T")
Call = Callable[[Session], Any]

_READERS = 4
_PG_POOL = 8
_MOST_IN_GROUP = 200
_PG_RETRIES = 5
_PG_TRANSIENT = ("40001", "40P01")
"""serialization_failure and deadlock_detected: PostgreSQL asks to run the transaction again."""


class _Doors(Protocol):
    def write(self, call: Call) -> Future[Any]: ...
    def read(self, call: Call) -> Future[Any]: ...
    def close(self) -> None: ...


class Store:
    """``fn(session, …)`` passed to ``write`` may be run more than once (PostgreSQL conflicts): it must only touch the
    database. What it returns must be plain values or rows that are not needed in a session any more."""

    def __init__(self, url: URL, doors: _Doors) -> None:
        self.url = url
        self._doors = doors

    @classmethod
    def open(cls, url: str) -> Store:
        """SettingsError for a malformed URL, StoreError when the database cannot be reached."""
        parsed = engines.parse(url)
        if parsed.get_backend_name() == "sqlite":
            return cls(parsed, _SqliteDoors(parsed))
        return cls(parsed, _PostgresDoors(parsed))

    async def write(self, fn: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run ``fn`` in a durable transaction; when this returns, it is on disk."""
        return await asyncio.wrap_future(self._submit(self._doors.write, fn, *args, **kwargs))

    async def read(self, fn: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run ``fn`` on a snapshot; it cannot write and never waits for writers."""
        return await asyncio.wrap_future(self._submit(self._doors.read, fn, *args, **kwargs))

    def write_now(self, fn: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """``write`` for the command line: blocks."""
        return self._submit(self._doors.write, fn, *args, **kwargs).result()

    def read_now(self, fn: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """``read`` for the command line: blocks."""
        return self._submit(self._doors.read, fn, *args, **kwargs).result()

    def close(self) -> None:
        """Waits for what was accepted, then lets go of the database."""
        self._doors.close()

    @staticmethod
    def _submit(
        door: Callable[[Call], Future[Any]], fn: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> Future[T]:
        def call(session: Session) -> T:
            return fn(session, *args, **kwargs)

        return door(call)


class _SqliteDoors:
    """The writer thread and the readers of one SQLite file."""

    def __init__(self, url: URL) -> None:
        self._url = url
        self._writing = engines.sqlite_engine(url, writing=True)
        self._reading = engines.sqlite_engine(url, writing=False)
        self._queue: queue.SimpleQueue[tuple[Call, Future[Any]] | None] = queue.SimpleQueue()
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="store-read")
        self._closed = False
        self._door = threading.Lock()
        self._thread = threading.Thread(target=self._write_for_ever, name="store-write", daemon=True)
        self._thread.start()

    def write(self, call: Call) -> Future[Any]:
        future: Future[Any] = Future()
        with self._door:
            if self._closed:
                raise StoreError("the database was closed")
            self._queue.put((call, future))
        return future

    def read(self, call: Call) -> Future[Any]:
        return self._readers.submit(partial(_once, self._reading, self._url, call))

    def close(self) -> None:
        with self._door:
            if self._closed:
                return
            self._closed = True
            self._queue.put(None)
        self._thread.join()
        self._readers.shutdown()
        self._writing.dispose()
        self._reading.dispose()

    def _write_for_ever(self) -> None:
        while (first := self._queue.get()) is not None:
            group, last = [first], False
            while len(group) < _MOST_IN_GROUP and not self._queue.empty():
                following = self._queue.get()
                if following is None:
                    last = True
                    break
                group.append(following)
            self._commit([(call, future) for call, future in group if future.set_running_or_notify_cancel()])
            if last:
                return

    def _commit(self, group: list[tuple[Call, Future[Any]]]) -> None:
        """One transaction for all; callers hear only after the commit."""
        outcomes: list[tuple[Future[Any], Any, BaseException | None]] = []
        try:
            with Session(self._writing, expire_on_commit=False) as session, session.begin():
                session.connection()
                for call, future in group:
                    outcomes.append((future, *self._in_savepoint(session, call)))
        except BaseException as error:
            words = engines.in_words(error, self._url) if isinstance(error, DBAPIError) else error
            for _, future in group:
                future.set_exception(words)
            return
        for future, result, failed in outcomes:
            if failed is None:
                future.set_result(result)
            else:
                future.set_exception(failed)

    def _in_savepoint(self, session: Session, call: Call) -> tuple[Any, BaseException | None]:
        """The identity map is emptied after each call: two callers must never share a row object."""
        try:
            with session.begin_nested():
                result = call(session)
        except (OperationalError, IntegrityError) as error:
            if not session.connection().connection.dbapi_connection.in_transaction:  # type: ignore[union-attr]
                raise
            return None, engines.in_words(error, self._url) if isinstance(error, OperationalError) else error
        except BaseException as error:
            return None, error
        finally:
            session.expunge_all()
        return result, None


class _PostgresDoors:
    """A small pool; the database itself keeps writers apart."""

    def __init__(self, url: URL) -> None:
        self._url = url
        self._engine = engines.postgres_engine(url, _PG_POOL)
        self._threads = ThreadPoolExecutor(_PG_POOL, thread_name_prefix="store")

    def write(self, call: Call) -> Future[Any]:
        return self._threads.submit(self._retrying, call)

    def read(self, call: Call) -> Future[Any]:
        return self._threads.submit(partial(_once, self._engine, self._url, call))

    def close(self) -> None:
        self._threads.shutdown()
        self._engine.dispose()

    def _retrying(self, call: Call) -> Any:
        for attempt in range(_PG_RETRIES):
            try:
                with Session(self._engine, expire_on_commit=False) as session, session.begin():
                    return call(session)
            except DBAPIError as error:
                transient = getattr(error.orig, "sqlstate", None) in _PG_TRANSIENT
                if not transient or attempt == _PG_RETRIES - 1:
                    raise _spoken(error, self._url) from error
        raise AssertionError("unreachable: the last attempt returns or raises")


def _once(engine: Engine, url: URL, call: Call) -> Any:
    try:
        with Session(engine, expire_on_commit=False) as session, session.begin():
            return call(session)
    except DBAPIError as error:
        raise _spoken(error, url) from error


def _spoken(error: DBAPIError, url: URL) -> Exception:
    """Broken constraints belong to the caller; everything else is the database's trouble, in words."""
    return error if isinstance(error, IntegrityError) else engines.in_words(error, url)
