"""SQL for the hot paths: statements on plain tables, built once and executed many times.

Building a statement anew for each message costs SQLAlchemy several times what running it costs; the benchmark ``intake``
shows it. Everything that is not on the way of a message uses the ORM.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, Executable, Table, and_, false, or_
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel

from triagebot.store.later import settle

Insert = sqlite.Insert | postgresql.Insert
Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]]


def table_of(model: type[SQLModel]) -> Table:
    found: Table = model.__table__  # type: ignore[attr-defined]
    return found


def run(session: Session, statement: Executable, parameters: Parameters | None = None) -> CursorResult[Any]:
    """Execute on the session's transaction, past the ORM: what the session has not flushed yet stays where it is."""
    settle(session)
    return session.connection().execute(statement, parameters)


def run_beside(session: Session, statement: Executable, parameters: Parameters) -> CursorResult[Any]:
    """As ``run``, and what waits to be written goes on waiting (later.waiting)."""
    return session.connection().execute(statement, parameters)


class PerDialect:
    """An INSERT with ON CONFLICT, which SQLite and PostgreSQL spell alike but SQLAlchemy keeps apart; built once each."""

    def __init__(self, build: Callable[[Callable[[Table], Any]], Any]) -> None:
        self._statements = {"sqlite": build(sqlite.insert), "postgresql": build(postgresql.insert)}

    def on(self, session: Session) -> Executable:
        found: Executable = self._statements[session.get_bind().dialect.name]
        return found


def owned(table: Table, owners: Collection[tuple[str, str]]) -> ColumnElement[bool]:
    """Rows of the (channel, bot) pairs that this process owns."""
    pairs = [and_(table.c.channel == channel, table.c.bot == bot) for channel, bot in sorted(owners)]
    return or_(*pairs) if pairs else false()
