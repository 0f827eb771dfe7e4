"""The two statements that SQLite and PostgreSQL spell alike but SQLAlchemy keeps apart."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, col


def insert_for(session: Session, table: type[SQLModel]) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that knows ON CONFLICT, for the database at hand."""
    if session.get_bind().dialect.name == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)


def owned(table: Any, owners: Collection[tuple[str, str]]) -> ColumnElement[bool]:
    """Rows of the (channel, bot) pairs that this process owns."""
    pairs = [and_(col(table.channel) == channel, col(table.bot) == bot) for channel, bot in sorted(owners)]
    return or_(*pairs) if pairs else false()
