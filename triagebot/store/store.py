"""One door to the database for writing, one for reading. Domain functions are synchronous; the async edge crosses here.

On SQLite one writer thread groups all waiting calls into one durable transaction, a savepoint each: a call that fails
rolls back alone, a call that returned is on disk. On PostgreSQL each call is a transaction of its own on a small pool.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from sqlalchemy.engine import URL
from sqlmodel import Session

from triagebot.store import engines
from triagebot.store.postgres import PostgresDoors
from triagebot.store.sqlite import SqliteDoors

P = ParamSpec("P")
T = TypeVar("T")


class _Doors(Protocol):
    """One kind of database. Awaiting must not be what starts a call: it is on its way when the method returns."""

    def write(self, call: Callable[[Session], T]) -> Awaitable[T]: ...
    def read(self, call: Callable[[Session], T]) -> Awaitable[T]: ...
    def write_now(self, call: Callable[[Session], T]) -> T: ...
    def read_now(self, call: Callable[[Session], T]) -> T: ...
    def close(self) -> None: ...


class Store:
    """``fn(session, …)`` passed to ``write`` may be run more than once (PostgreSQL conflicts): it must only touch the
    database, and must neither commit nor roll back itself. What it returns must be plain values or rows that are not
    needed in a session any more.

    Raises what ``fn`` raises, IntegrityError for a broken constraint, and StoreError for all trouble with the database.
    Whoever stops waiting (cancellation) does not learn whether his call was carried out; the others' calls are.
    """

    def __init__(self, url: URL, doors: _Doors) -> None:
        self.url = url
        self._doors = doors

    @classmethod
    def open(cls, url: str) -> Store:
        """SettingsError for a malformed URL. A server is first spoken to by the first call."""
        parsed = engines.parse(url)
        if parsed.get_backend_name() == "sqlite":
            return cls(parsed, SqliteDoors(parsed))
        return cls(parsed, PostgresDoors(parsed))

    @property
    def shared(self) -> bool:
        """Whether several processes may work on this database at once: what is taken up is marked as taken there."""
        return self.url.get_backend_name() != "sqlite"

    async def write(self, fn: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run ``fn`` in a durable transaction; when this returns, it is on disk."""
        return await self._doors.write(_bound(fn, *args, **kwargs))

    async def read(self, fn: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run ``fn`` on a snapshot; it cannot write and never waits for writers."""
        return await self._doors.read(_bound(fn, *args, **kwargs))

    def write_now(self, fn: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """``write`` for the command line: blocks."""
        return self._doors.write_now(_bound(fn, *args, **kwargs))

    def read_now(self, fn: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """``read`` for the command line: blocks."""
        return self._doors.read_now(_bound(fn, *args, **kwargs))

    def close(self) -> None:
        """Waits for what was accepted, then lets go of the database. Calls that come later get a StoreError."""
        self._doors.close()


def _bound(fn: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> Callable[[Session], T]:
    def call(session: Session) -> T:
        try:
            return fn(session, *args, **kwargs)
        except StopIteration as error:  # asyncio cannot carry it: the caller would wait for ever
            raise RuntimeError("a function given to the store ended an iteration that was not its own") from error

    return call
