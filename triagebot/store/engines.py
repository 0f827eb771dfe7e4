"""SQLAlchemy engines as this product needs them, and database errors in words."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, InterfaceError, OperationalError

from triagebot.errors import SettingsError, StoreError, StoreUnavailable

BUSY_MS = 10_000
"""How long a writer waits for another process's transaction on the same SQLite file (wall milliseconds)."""

_CONNECT_S = 10
"""How long a server may take to answer (wall seconds); the operating system would wait for minutes."""


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
    """The URL for people: without the password, and without the query, which may hold another one."""
    plain = url.set(drivername=url.get_backend_name()).difference_update_query(list(url.query))
    return plain.render_as_string(hide_password=True)


def sqlite_engine(url: URL, *, writing: bool) -> Engine:
    """``BEGIN IMMEDIATE`` for writers (a deferred transaction that later writes fails at once with BUSY_SNAPSHOT)."""
    check_folder(url)
    engine = create_engine(
        url,
        hide_parameters=True,
        json_serializer=_json,
        connect_args={"check_same_thread": False, "timeout": BUSY_MS / 1000},
    )

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

    _quick_savepoints(engine)
    return engine


def _quick_savepoints(engine: Engine) -> None:
    """SQLAlchemy compiles each numbered savepoint anew, which costs more than most calls in it do."""

    def says(statement: str) -> Callable[[Connection, str], None]:
        return lambda connection, name: connection.connection.dbapi_connection.execute(f"{statement} {name}")  # type: ignore[union-attr]

    dialect: Any = engine.dialect
    dialect.do_savepoint, dialect.do_release_savepoint = says("SAVEPOINT"), says("RELEASE SAVEPOINT")
    dialect.do_rollback_to_savepoint = says("ROLLBACK TO SAVEPOINT")


def postgres_engine(url: URL, size: int) -> Engine:
    """No prepared statements and nothing else that lives in a session: PgBouncer in transaction mode works."""
    known: dict[str, Any] = {"prepare_threshold": None}
    if "connect_timeout" not in url.query:
        known["connect_timeout"] = _CONNECT_S
    return create_engine(
        url,
        hide_parameters=True,
        json_serializer=_json,
        pool_size=size,
        max_overflow=0,
        pool_pre_ping=True,
        connect_args=known,
    )


_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
"""Chinese as it is, not as escapes: a third of the bytes, and a person can read the database."""


def check_folder(url: URL) -> None:
    file = Path(url.database or "")
    if not file.parent.is_dir():
        raise StoreError(f"the database's folder {file.parent} does not exist; make it, or set TRIAGEBOT_DATABASE_URL")
    if file.is_dir():
        raise StoreError(f"the database path {file} is a folder; set TRIAGEBOT_DATABASE_URL to a file")


def in_words(error: BaseException, url: URL) -> StoreError:
    """One line for a failed database call: what, where, what to do. The error itself is kept as the cause.

    StoreUnavailable for what the drivers call operational: not this call's fault, and over some time later."""
    cause = _cause(error)
    advice = next((advice for sign, advice in _ADVICE if sign in cause.lower()), cause)
    passing = isinstance(error, (OperationalError, InterfaceError))
    words = (StoreUnavailable if passing else StoreError)(f"{shown(url)}: {advice}")
    words.__cause__ = error
    return words


def _cause(error: BaseException) -> str:
    """The database's own first line. After SQLite rolled back by itself, what matters lies below "no such savepoint"."""
    while "no such savepoint" in str(error) and error.__context__ is not None:
        error = error.__context__
    lines = str(getattr(error, "orig", None) or error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


_ADVICE: tuple[tuple[str, str], ...] = (
    ("database is locked", "another program keeps the database busy; close it and try again"),
    ("readonly", "the database cannot be written; check the rights of the file and its folder"),
    ("read-only", "this server may only be read, as replicas are; set TRIAGEBOT_DATABASE_URL to the primary"),
    (
        "unsupported startup parameter",
        "PgBouncer refuses a parameter of TRIAGEBOT_DATABASE_URL; take it out, or let "
        "PgBouncer pass over it with ignore_startup_parameters",
    ),
    ("unable to open", "the database cannot be opened; check that the folder exists and may be written to"),
    ("not a database", "this file is no SQLite database; set TRIAGEBOT_DATABASE_URL to another file"),
    ("malformed", "the database is damaged; restore a backup"),
    (
        "no such module",
        "this Python's SQLite has no full text search (FTS5), which the database uses; use another Python",
    ),
    ("no such table", "the database is not set up; run: triagebot db upgrade"),
    ("already exists", "the database holds tables of another program; set TRIAGEBOT_DATABASE_URL to an empty one"),
    ("does not exist", "the database or a table does not exist; create it and run: triagebot db upgrade"),
    ("disk is full", "the disk is full; nothing was written, make room and try again"),
    ("connection refused", "the database server does not answer; is it running?"),
    ("timeout", "the database server does not answer in time; check TRIAGEBOT_DATABASE_URL and the network"),
    ("resolve host", "the database server's name is unknown; check TRIAGEBOT_DATABASE_URL"),
    ("could not translate host name", "the database server's name is unknown; check TRIAGEBOT_DATABASE_URL"),
    ("password authentication failed", "the database refuses the password; check TRIAGEBOT_DATABASE_URL"),
)
