"""Rows that are only ever added (events, what is to be said): written together, each kind in the order of adding.

A turn adds about six such rows, and several turns are written at once. One statement with many rows costs a fraction of
many statements; the benchmark ``intake`` shows it. Nobody can tell the difference: whatever reads through the session, and
the end of the transaction or savepoint, writes them first.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from sqlalchemy import Connection, Executable, Table, event
from sqlmodel import Session

_WAITING = "rows that wait"
UNCONCERNED: Mapping[str, Any] = {"autoflush": False}
"""Execution options of an ORM query that reads nothing which waits or was not flushed: agents, whose changes are flushed at
once. Each turn asks for them, and the rows of all turns can go on waiting for each other."""


@runtime_checkable
class Writes(Protocol):
    """An insert that takes more than one statement."""

    def write(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None: ...


Insert = Executable | Writes


def add(session: Session, insert: Insert, row: Mapping[str, Any]) -> None:
    """``insert`` must be the same object for all rows of one kind."""
    session.info.setdefault(_WAITING, []).append((insert, row))


def waiting(session: Session, table: Table) -> list[Mapping[str, Any]]:
    """Rows of ``table`` that wait, in the order of adding: after everything that was written."""
    return [row for insert, row in session.info.get(_WAITING, ()) if getattr(insert, "table", None) is table]


def settle(session: Session) -> None:
    """Write what waits now."""
    waiting = session.info.pop(_WAITING, None)
    if waiting is None:
        return
    connection = session.connection()
    kinds: dict[int, tuple[Insert, list[Mapping[str, Any]]]] = {}
    for insert, row in waiting:
        kinds.setdefault(id(insert), (insert, []))[1].append(row)
    for insert, rows in kinds.values():
        if isinstance(insert, Writes):
            insert.write(connection, rows)
        else:
            connection.execute(insert, rows)


@contextlib.contextmanager
def savepoint(session: Session) -> Iterator[None]:
    """What happens in the block is undone when it fails; what was added before is not."""
    settle(session)
    with session.begin_nested():
        yield


@event.listens_for(Session, "do_orm_execute")
def _before_reading(state: Any) -> None:
    if state.execution_options.get("autoflush", True):
        settle(state.session)


@event.listens_for(Session, "before_commit")
def _before_the_end(session: Session) -> None:
    settle(session)


@event.listens_for(Session, "after_transaction_create")
def _before_a_savepoint(session: Session, transaction: Any) -> None:
    if transaction.nested and _WAITING in session.info:
        raise RuntimeError("rows wait to be written: open the savepoint with later.savepoint()")


@event.listens_for(Session, "after_soft_rollback")
def _given_up(session: Session, previous: Any) -> None:
    session.info.pop(_WAITING, None)
