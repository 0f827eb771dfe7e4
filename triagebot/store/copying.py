"""All of one database into another, empty one, whatever kind each is; compared by counts and checksums before it is kept.

The source is read at one moment, and nobody can write to it meanwhile; the target is one transaction, so that a copy that
is killed midway leaves nothing.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, func, select, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, SQLModel

from triagebot.errors import StoreError, UsageError
from triagebot.store import engines, leases, migrate
from triagebot.store.clock import database_now

_BATCH = 5000
_MODULUS = 1 << 256
_WAIT_MS = 10_000
"""For the writers of a PostgreSQL source to end their transactions (wall milliseconds)."""

Progress = Callable[[str, int], None]
Finish = Callable[[Connection], None]


@dataclass
class Sum:
    """Rows of a table, in whatever order they come: how many, and the sum of the hashes of each."""

    rows: int = 0
    _total: int = 0

    def add(self, row: Any) -> None:
        self.rows += 1
        self._total = (self._total + int.from_bytes(sha256(_canonical(row)).digest())) % _MODULUS

    @property
    def checksum(self) -> str:
        return f"{self._total:064x}"


@dataclass(frozen=True)
class Copied:
    """``checksum``: the same for the same rows on every kind of database."""

    table: str
    rows: int
    checksum: str = field(repr=False)


def copy(
    source: str, target: str, now: datetime, progress: Progress = lambda table, rows: None,
    finish: Finish = lambda target: None,
) -> list[Copied]:  # fmt: skip
    """Returns what was copied, table by table in the order of foreign keys. ``progress``: the table, and its rows so far.
    ``finish``: what is made from the rows in the target, in its transaction (the search index, desk.indexing.fill).

    UsageError when somebody works on the source, when the target holds anything, or both are the same; StoreError for what the
    databases say, and for a copy that is not the same as the source. The target is as it was then, or empty.
    """
    here, there = engines.parse(source), engines.parse(target)
    if _same(here, there):
        raise UsageError("--to names the database that is copied from; name another one")
    found, head = migrate.current(source), migrate.head()
    if found != head:
        raise StoreError(f"{engines.shown(here)} is at version {found or 'none'}, this program needs {head}; "
                         "run: triagebot db upgrade")  # fmt: skip
    with _in_words(there):
        if migrate.current(target) is not None:
            with _connected(there) as connection, connection.begin():
                _refuse_rows(connection, there)
    migrate.upgrade(target)
    with _in_words(here), _connected(here) as source_, source_.begin():
        _hold(source_, here, now)
        with _in_words(there), _connected(there) as target_, target_.begin():
            _refuse_rows(target_, there)
            done = [_table(source_, target_, table, here, progress) for table in SQLModel.metadata.sorted_tables]
            finish(target_)
            return done


def _table(source: Connection, target: Connection, table: Table, named: URL, progress: Progress) -> Copied:
    before, after = Sum(), Sum()
    for batch in _batches(source, table, named):
        target.execute(table.insert(), batch)
        for row in batch:
            before.add(row)
        progress(table.name, before.rows)
    for batch in _batches(target, table, None):
        for row in batch:
            after.add(row)
    if before != after:
        raise StoreError(
            f"table {table.name}: {before.rows} rows became {after.rows}, or not the same ones "
            f"({before.checksum[:12]}, {after.checksum[:12]}); nothing was kept in the target"
        )
    _go_on_counting(target, table)
    return Copied(table.name, before.rows, before.checksum)


def _batches(connection: Connection, table: Table, named: URL | None) -> Iterator[list[dict[str, Any]]]:
    """By primary key, which each of our tables has in one column. ``named``: the database to blame for what goes wrong."""
    (key,) = table.primary_key.columns
    query, last = select(table).order_by(key).limit(_BATCH), None
    while True:
        with _in_words(named) if named is not None else contextlib.nullcontext():
            page = query if last is None else query.where(key > last)
            rows = [dict(row) for row in connection.execute(page).mappings()]
        if not rows:
            return
        yield rows
        last = rows[-1][key.name]


def _canonical(row: dict[str, Any]) -> bytes:
    return json.dumps(row, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain).encode()


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    raise TypeError(f"a column of type {type(value).__name__} cannot be compared")


def _go_on_counting(target: Connection, table: Table) -> None:
    """On PostgreSQL numbers come from a sequence, which knows nothing of rows that bring theirs along."""
    if target.dialect.name == "sqlite" or "id" not in table.c:
        return
    highest = target.execute(select(func.max(table.c.id))).scalar_one()
    if highest is not None:
        target.execute(select(func.setval(func.pg_get_serial_sequence(table.name, "id"), highest)))


def _hold(source: Connection, named: URL, now: datetime) -> None:
    """Nobody else writes until the copy is done: on SQLite the transaction began as a writer's, on PostgreSQL by locks, which
    come before the first look, so that what is read is as it is under them."""
    if source.dialect.name != "sqlite":
        tables = ", ".join(f'"{table.name}"' for table in SQLModel.metadata.sorted_tables)
        source.execute(text(f"SET LOCAL lock_timeout = {_WAIT_MS}"))
        source.execute(text(f"LOCK TABLE {tables} IN SHARE MODE"))
    with Session(source, join_transaction_mode="create_savepoint") as session:
        busy = leases.running(session, database_now(session, now))
    if busy:
        raise UsageError(
            f"triagebot ({', '.join(busy)}) works on {engines.shown(named)}; stop it (Ctrl-C, systemctl stop triagebot, docker "
            "compose stop), on other machines 30 seconds before you try again"
        )


def _refuse_rows(connection: Connection, named: URL) -> None:
    for table in SQLModel.metadata.sorted_tables:
        if connection.execute(select(*table.primary_key.columns).limit(1)).first() is not None:
            raise UsageError(
                f"{engines.shown(named)} holds rows already ({table.name}); --to must name an empty database"
            )


def _same(here: URL, there: URL) -> bool:
    if here.get_backend_name() == there.get_backend_name() == "sqlite":
        return Path(here.database or "").resolve() == Path(there.database or "").resolve()
    return _server(here) == _server(there)


def _server(url: URL) -> tuple[Any, ...]:
    """A socket's folder stands in the query."""
    return url.get_backend_name(), url.host or url.query.get("host"), url.port or url.query.get("port"), url.database


@contextlib.contextmanager
def _connected(url: URL) -> Iterator[Connection]:
    engine = _engine(url)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _engine(url: URL) -> Engine:
    if url.get_backend_name() == "sqlite":
        return engines.sqlite_engine(url, writing=True)
    return engines.postgres_engine(url, 1).execution_options(isolation_level="REPEATABLE READ")


@contextlib.contextmanager
def _in_words(url: URL) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise engines.in_words(error, url) from None
