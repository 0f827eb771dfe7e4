"""What is done to databases while a service uses them: kept locked, its connections ended."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import sqlalchemy as sa

_OTHERS = """
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database()
    AND backend_type = 'client backend' AND pid <> pg_backend_pid() AND state IN ('active', 'idle in transaction')
"""
_BLOCKED = """
    SELECT application_name FROM pg_locks JOIN pg_class ON pg_class.oid = relation JOIN pg_stat_activity USING (pid)
    WHERE relname = %s AND NOT granted AND datname = current_database() AND query LIKE %s
"""
_BUSY = """
    SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = %s AND state <> 'idle'
"""


@contextmanager
def connected(url: str) -> Iterator[psycopg.Connection]:
    """A connection of one's own to PostgreSQL; each statement is a transaction."""
    plain = sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        yield connection


@contextmanager
def locked(url: str, table: str = "inbox", mode: str = "EXCLUSIVE") -> Iterator[None]:
    """Nobody else can write: to the whole file of SQLite, to ``table`` of PostgreSQL (see its lock modes)."""
    if url.startswith("sqlite"):
        held = sqlite3.connect(sa.make_url(url).database or "", isolation_level=None, timeout=30)
        try:
            held.execute("BEGIN IMMEDIATE")
            yield
        finally:
            held.close()
    else:
        with connected(url) as connection, connection.transaction():
            connection.execute(f"LOCK TABLE {table} IN {mode} MODE")
            yield


def blocked(connection: psycopg.Connection, table: str, doing: str = "") -> list[str]:
    """Who waits for a lock on ``table`` with a query that has ``doing`` in it, by the name in their environment (PGAPPNAME)."""
    return [name for (name,) in connection.execute(_BLOCKED, [table, f"%{doing}%"])]


def busy(connection: psycopg.Connection, name: str) -> bool:
    """Whether the process with that name is in the middle of a transaction."""
    return _number(connection, _BUSY, name) > 0


def end_transactions(connection: psycopg.Connection, timeout: float = 30.0) -> int:
    """End the connections of all others that are in the middle of something, once there are some; returns how many."""
    until = time.monotonic() + timeout
    while time.monotonic() < until:
        if ended := _number(connection, _OTHERS):
            return ended
    raise AssertionError(f"nobody did anything for {timeout} s")


def _number(connection: psycopg.Connection, query: str, *values: str) -> int:
    row = connection.execute(query, values or None).fetchone()
    assert row is not None
    number: int = row[0]
    return number
