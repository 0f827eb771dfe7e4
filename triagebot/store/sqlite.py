"""SQLite's doors: one thread that writes, in groups, and a few that read beside it.

A durable commit costs a disk flush; a group of waiting calls shares it. Other processes may write to the same file: the
group waits for them at its BEGIN IMMEDIATE, up to ``engines.BUSY_MS``.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from sqlalchemy.engine import URL
from sqlmodel import Session

from triagebot.store import calls, engines

T = TypeVar("T")

_READERS = 4
_MOST_IN_GROUP = 200


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A call and who waits for it: a coroutine of ``loop``, or a blocked thread when there is none."""

    call: Callable[[Session], Any]
    future: asyncio.Future[Any] | Future[Any]
    loop: asyncio.AbstractEventLoop | None = None


@dataclass(frozen=True, slots=True)
class _Outcome:
    waiting: _Waiting
    result: Any = None
    error: BaseException | None = None

    def tell(self) -> None:
        if self.waiting.future.done():
            return
        if self.error is not None:
            self.waiting.future.set_exception(self.error)
        else:
            self.waiting.future.set_result(self.result)


class SqliteDoors:
    def __init__(self, url: URL) -> None:
        self._url = url
        self._writing = engines.sqlite_engine(url, writing=True)
        self._reading = engines.sqlite_engine(url, writing=False)
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="store-read")
        self._closed = False
        self._door = threading.Lock()
        self._thread = threading.Thread(target=self._write_for_ever, name="store-write", daemon=True)
        self._thread.start()

    def write(self, call: Callable[[Session], T]) -> Awaitable[T]:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._enqueue(_Waiting(call, future, loop))
        return future

    def read(self, call: Callable[[Session], T]) -> Awaitable[T]:
        return asyncio.wrap_future(self._read(call))

    def write_now(self, call: Callable[[Session], T]) -> T:
        future: Future[T] = Future()
        self._enqueue(_Waiting(call, future))
        return future.result()

    def read_now(self, call: Callable[[Session], T]) -> T:
        return self._read(call).result()

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

    def _read(self, call: Callable[[Session], T]) -> Future[T]:
        return calls.submit(self._readers, partial(calls.once, self._reading, self._url, call))

    def _enqueue(self, waiting: _Waiting) -> None:
        with self._door:
            if self._closed:
                raise calls.closed()
            self._queue.put(waiting)

    def _write_for_ever(self) -> None:
        while (first := self._queue.get()) is not None:
            group, last = [first], False
            while len(group) < _MOST_IN_GROUP and not self._queue.empty():
                following = self._queue.get()
                if following is None:
                    last = True
                    break
                group.append(following)
            _tell_all(self._carry_out([waiting for waiting in group if not waiting.future.cancelled()]))
            if last:
                return

    def _carry_out(self, group: Sequence[_Waiting]) -> list[_Outcome]:
        """One transaction for all; nobody hears anything before the commit."""
        try:
            with Session(self._writing, expire_on_commit=False) as session, session.begin():
                driver: Any = session.connection().connection.dbapi_connection
                return [self._in_savepoint(session, driver, waiting) for waiting in group]
        except BaseException as error:
            # A new error for each caller: they are raised in different places at once.
            return [_Outcome(waiting, error=engines.in_words(error, self._url)) for waiting in group]

    def _in_savepoint(self, session: Session, driver: Any, waiting: _Waiting) -> _Outcome:
        """The identity map is emptied after each call: two callers must never share a row object."""
        try:
            with session.begin_nested():
                return _Outcome(waiting, waiting.call(session))
        except BaseException as error:
            if not driver.in_transaction:
                raise
            return _Outcome(waiting, error=error if calls.is_callers(error) else engines.in_words(error, self._url))
        finally:
            session.expunge_all()


def _tell_all(outcomes: Sequence[_Outcome]) -> None:
    """Waking an event loop costs a system call: once for each loop, not for each caller."""
    by_loop: dict[asyncio.AbstractEventLoop, list[_Outcome]] = defaultdict(list)
    for outcome in outcomes:
        if outcome.waiting.loop is None:
            outcome.tell()
        else:
            by_loop[outcome.waiting.loop].append(outcome)
    for loop, theirs in by_loop.items():
        with contextlib.suppress(RuntimeError):  # a loop that was closed: nobody waits any more
            loop.call_soon_threadsafe(_tell_each, theirs)


def _tell_each(outcomes: Sequence[_Outcome]) -> None:
    for outcome in outcomes:
        outcome.tell()
