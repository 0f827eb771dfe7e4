"""SQL for the hot paths: statements on plain tables, built once and executed many times.

Building a statement anew for each message costs SQLAlchemy several times what running it costs; the benchmark ``intake``
shows it. Everything that is not on the way of a message uses the ORM.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CursorResult,
    Executable,
    FromClause,
    Subquery,
    Table,
    and_,
    false,
    literal_column,
    or_,
    select,
)
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


def walked(table: FromClause, owners: Collection[tuple[str, str]]) -> ColumnElement[bool]:
    """As ``owned``, in words that no index serves: for queries that walk along another one and stop after a few rows."""
    if not owners:
        return false()
    return (table.c.channel + literal_column("'/'") + table.c.bot).in_([f"{c}/{b}" for c, b in sorted(owners)])


def waiting(table: Table, rank: str, least: BindParameter[int], *columns: str) -> Subquery:
    """``columns`` of what is pending, from ``rank`` ``least`` on, in the order (rank, id). With a limit around it, PostgreSQL
    asks about no more rows than it needs.

    By itself it would ask about all of them, and sort them then: it knows nothing yet of a queue that has just filled up.
    SQLite walks along the index by itself, and would sort because of this.
    """
    return (
        select(*(table.c[name] for name in ("id", rank, "channel", "bot", "chat", "not_before", *columns)))
        .where(table.c.state == literal_column("'pending'"), table.c[rank] >= least)
        .order_by(table.c[rank], table.c.id)
        .offset(0)
        .subquery("waiting")
    )
