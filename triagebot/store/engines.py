"""SQLAlchemy engines as this product needs them, and database errors in words."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from triagebot.errors import SettingsError, StoreError

BUSY_MS = 10_000
"""How long a writer waits for another process's transaction on the same SQLite file (wall milliseconds)."""


def parse(url: str) -> URL:
    """``sqlite:///path`` or ``postgresql://…`` -> a SQLAlchemy URL; SettingsError on anything else."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        parsed = None
    kind = parsed.drivername.partition("+")[0] if parsed is not None else ""
    if parsed is None or kind not in ("sqlite", "postgresql", "postgres"):
        raise SettingsError("TRIAGEBOT_DATABASE_URL must be sqlite:///path/to/file.db or postgresql://user@host/name")
    if kind == "sqlite":
        if not parsed.database or parsed.database == ":memory:":
            raise SettingsError("TRIAGEBOT_DATABASE_URL: SQLite needs a file, e.g. sqlite:///triagebot.db")
        return parsed.set(drivername="sqlite+pysqlite")
    return parsed.set(drivername="postgresql+psycopg")


def shown(url: URL) -> str:
    """The URL for people: without a password."""
    return url.render_as_string(hide_password=True)


def sqlite_engine(url: URL, *, writing: bool) -> Engine:
    """``BEGIN IMMEDIATE`` for writers (a deferred transaction that later writes fails at once with BUSY_SNAPSHOT)."""
    check_folder(url)
    engine = create_engine(url, connect_args={"check_same_thread": False, "timeout": BUSY_MS / 1000})

    @event.listens_for(engine, "connect")
    def _connected(connection: sqlite3.Connection, record: Any) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_MS}"):
            connection.execute(f"PRAGMA {pragma}")
        if not writing:
            connection.execute("PRAGMA query_only=ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine


def postgres_engine(url: URL, size: int) -> Engine:
    """No prepared statements and nothing else that lives in a session: PgBouncer in transaction mode works."""
    return create_engine(
        url, pool_size=size, max_overflow=0, pool_pre_ping=True, connect_args={"prepare_threshold": None}
    )


def check_folder(url: URL) -> None:
    file = Path(url.database or "")
    if not file.parent.is_dir():
        raise StoreError(f"the database's folder {file.parent} does not exist; make it, or set TRIAGEBOT_DATABASE_URL")
    if file.is_dir():
        raise StoreError(f"the database path {file} is a folder; set TRIAGEBOT_DATABASE_URL to a file")


def in_words(error: DBAPIError | NoSuchModuleError, url: URL) -> StoreError:
    """One line for a failed database call: what, where, what to do."""
    place, cause = shown(url), str(getattr(error, "orig", None) or error).strip().splitlines()[0]
    for sign, advice in _ADVICE:
        if sign in cause.lower():
            return StoreError(f"{place}: {advice}")
    return StoreError(f"{place}: {cause}")


_ADVICE: tuple[tuple[str, str], ...] = (
    ("database is locked", "another program keeps the database busy; close it and try again"),
    ("readonly", "the database cannot be written; check the rights of the file and its folder"),
    ("read-only", "the database cannot be written; check the rights of the file and its folder"),
    ("unable to open", "the database cannot be opened; check that the folder exists and may be written to"),
    ("not a database", "this file is no SQLite database; set TRIAGEBOT_DATABASE_URL to another file"),
    ("malformed", "the database is damaged; restore a backup"),
    ("no such table", "the database is not set up; run: triagebot db upgrade"),
    ("does not exist", "the database or a table does not exist; create it and run: triagebot db upgrade"),
    ("disk is full", "the disk is full; nothing was written, make room and try again"),
    ("connection refused", "the database server does not answer; is it running?"),
    ("could not translate host name", "the database server's name is unknown; check TRIAGEBOT_DATABASE_URL"),
    ("password authentication failed", "the database refuses the password; check TRIAGEBOT_DATABASE_URL"),
)
