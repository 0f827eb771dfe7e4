"""The search index: the grams (desk.grams) of what was said at tickets, a row for each event that holds words.

Derived from the log and made anew at any time (desk.indexing), so it is none of the tables of ``tables.py``. On PostgreSQL
the grams are a tsvector with a GIN index. On SQLite they are text, and triggers keep an FTS5 index of it, with *external
content*: one without content can forget a row only from SQLite 3.43 on, and then the file cannot be opened by an older one.
A Python whose SQLite has no FTS5 makes no such index: searching then reads along the rows, newest first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Dialect,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    bindparam,
    column,
    delete,
    func,
    inspect,
    select,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel import Session

from triagebot.store.statements import run, table_of
from triagebot.store.tables import Event

INDEX = "passage_index"
_EVENT = table_of(Event)


class Grams(TypeDecorator[str]):
    """Grams with a blank between them; bound as what each database keeps. Not read back."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(TSVECTOR() if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str:
        """Grams are letters and digits only: nothing in a tsvector's own spelling needs to be quoted."""
        if dialect.name == "postgresql":
            return " ".join(f"{gram}:{n}" for n, gram in enumerate((value or "").split(), start=1))
        return f" {value} "


PASSAGE = Table(
    "passage",
    MetaData(),
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("ticket_id", BigInteger().with_variant(Integer, "sqlite"), nullable=False),
    Column("grams", Grams, nullable=False),
)
"""``id``: the event's."""
INDEXED = table(INDEX, column("rowid", Integer), column(INDEX, String))
"""The FTS5 index of SQLite; its column of the same name is what ``MATCH`` asks."""

_ADD = PASSAGE.insert()
_FORGET = delete(PASSAGE).where(PASSAGE.c.ticket_id.in_(bindparam("tickets", expanding=True)))
_FORGET_RANGE = delete(PASSAGE).where(PASSAGE.c.id > bindparam("after"), PASSAGE.c.id <= bindparam("last"))
_LAST = select(func.coalesce(func.max(_EVENT.c.id), 0))
_NUMBERS = text("SELECT nextval(pg_get_serial_sequence('event', 'id')) FROM generate_series(1, :count)")

_SQLITE = (
    "CREATE TABLE passage (id INTEGER PRIMARY KEY, ticket_id INTEGER NOT NULL, grams TEXT NOT NULL)",
    "CREATE INDEX ix_passage_ticket ON passage (ticket_id)",
)
_FTS5 = (
    "CREATE VIRTUAL TABLE passage_index USING "
    "fts5(grams, content='passage', content_rowid='id', columnsize=0, tokenize='ascii')",
    "CREATE TRIGGER passage_added AFTER INSERT ON passage BEGIN "
    "INSERT INTO passage_index (rowid, grams) VALUES (new.id, new.grams); END",
    "CREATE TRIGGER passage_gone AFTER DELETE ON passage BEGIN "
    "INSERT INTO passage_index (passage_index, rowid, grams) VALUES ('delete', old.id, old.grams); END",
)
_POSTGRES = ("CREATE TABLE passage (id BIGINT PRIMARY KEY, ticket_id BIGINT NOT NULL, grams TSVECTOR NOT NULL)",)
_POSTGRES_FILLED = (
    "CREATE INDEX ix_passage_ticket ON passage (ticket_id)",
    # What was added lately is read along by each search until it is merged: not more than this.
    "CREATE INDEX ix_passage_grams ON passage USING gin (grams) WITH (gin_pending_list_limit = 512)",
    "ANALYZE passage",
)


class Log:
    """The insert of events, for ``later.add``: in their rows ``grams`` is what is searched of them, None for nothing."""

    table = _EVENT
    _append = _EVENT.insert()

    def write(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Events and, under the numbers that these get, their passages."""
        events = [{name: value for name, value in row.items() if name != "grams"} for row in rows]
        if any(row["grams"] is not None for row in rows):
            for event, number in zip(events, _numbers(connection, len(events)), strict=True):
                event["id"] = number
        connection.execute(self._append, events)
        add(connection, ((e["id"], e["ticket_id"], row["grams"]) for e, row in zip(events, rows, strict=True)
                         if row["grams"] is not None))  # fmt: skip


def _numbers(connection: Connection, count: int) -> list[int]:
    """The next numbers of events: on SQLite nobody else writes at the same time."""
    if connection.dialect.name == "sqlite":
        last: int = connection.execute(_LAST).scalar_one()
        return list(range(last + 1, last + 1 + count))
    return list(connection.execute(_NUMBERS, {"count": count}).scalars())


def add(connection: Connection, passages: Iterable[tuple[int, int, str]]) -> None:
    """``passages``: number of the event, number of the ticket, grams."""
    rows = [{"id": event, "ticket_id": ticket, "grams": grams} for event, ticket, grams in passages]
    if rows:
        connection.execute(_ADD, rows)


def forget(session: Session, tickets: Collection[int | None]) -> None:
    """Nothing that was said at these tickets is found any more."""
    run(session, _FORGET, {"tickets": list(tickets)})


def forget_range(connection: Connection, after: int, last: int) -> None:
    """The passages of the events numbered above ``after`` up to ``last``."""
    connection.execute(_FORGET_RANGE, {"after": after, "last": last})


def create(connection: Connection) -> None:
    """The empty table; on PostgreSQL without its indexes, which are quicker made when it is filled."""
    for statement in _POSTGRES if connection.dialect.name == "postgresql" else _SQLITE:
        connection.exec_driver_sql(statement)
    if connection.dialect.name == "sqlite" and _has_fts5(connection):
        for statement in _FTS5:
            connection.exec_driver_sql(statement)


def filled(connection: Connection) -> None:
    """After the first filling: what makes it quick to search."""
    if connection.dialect.name == "postgresql":
        for statement in _POSTGRES_FILLED:
            connection.exec_driver_sql(statement)
    elif is_indexed(connection):
        connection.exec_driver_sql("INSERT INTO passage_index (passage_index) VALUES ('optimize')")


def drop(connection: Connection) -> None:
    if is_indexed(connection):
        connection.exec_driver_sql("DROP TABLE passage_index")
    connection.exec_driver_sql("DROP TABLE passage")


def is_indexed(connection: Connection) -> bool:
    """Whether there is an FTS5 index: only on SQLite."""
    return connection.dialect.name == "sqlite" and inspect(connection).has_table(INDEX)


def _has_fts5(connection: Connection) -> bool:
    return connection.exec_driver_sql("SELECT 1 FROM pragma_module_list WHERE name = 'fts5'").first() is not None


def is_ours(name: str | None) -> bool:
    """Whether a table or index of the database belongs to the search index, which the models know nothing of."""
    return name is not None and name.startswith(("passage", "ix_passage"))
