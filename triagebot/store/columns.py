"""Column types that all tables share: moments in UTC, numbers that do not run out, JSON."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Index, Integer, text
from sqlalchemy.types import TypeDecorator
from sqlmodel import Column, Field


class UtcDateTime(TypeDecorator[datetime]):
    """Aware in, aware (UTC) out; a naive datetime is refused, because nobody knows what it means."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone cannot be stored: {value!r}")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


BigId = BigInteger().with_variant(Integer, "sqlite")
"""SQLite only autoincrements a plain INTEGER; PostgreSQL should not run out of numbers."""


def moment(*, nullable: bool = False) -> Any:
    return Field(default=None, sa_column=Column(UtcDateTime, nullable=nullable))


def number() -> Any:
    return Field(default=None, sa_column=Column(BigId, primary_key=True, autoincrement=True))


def facts() -> Any:
    return Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


def index_where(condition: str, name: str, *columns: str) -> Index:
    """An index of the rows for which ``condition`` (SQL) holds."""
    return Index(name, *columns, sqlite_where=text(condition), postgresql_where=text(condition))
