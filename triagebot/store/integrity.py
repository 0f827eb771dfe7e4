"""What can be wrong with a database whatever it is about: its file, its schema, rows that point nowhere or say nothing known.

Whether tickets say what their events say is desk.books.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Connection, Engine, and_, select, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

from triagebot.store import engines, migrate, passages
from triagebot.store.statements import table_of
from triagebot.store.tables import Card, Conversation, Followup, Inbox, Outbox, Ticket

MOST = 20
"""So many findings of one kind are shown, the others are counted."""
_BATCH = 2000
_CARD_OF = "ticket:"

_CONVERSATION, _TICKET, _FOLLOWUP = table_of(Conversation), table_of(Ticket), table_of(Followup)
_INBOX, _OUTBOX, _CARD = table_of(Inbox), table_of(Outbox), table_of(Card)


def check(url: str) -> list[str]:
    """Findings in words, one line each; empty when there are none. One snapshot: a service may write meanwhile."""
    found, head = migrate.current(url), migrate.head()
    if found != head:
        return [f"the database is at version {found or 'none'}, this program needs {head}: run triagebot db upgrade"]
    engine = _snapshots(url)
    try:
        with engine.begin() as connection:
            _begin(connection)
            problems = [f"integrity: {row}" for row in _damage(connection)]
            problems += [f"schema: {difference}" for difference in _schema_differences(connection)]
            for lines in (*_pointing_nowhere(connection), *_odd(connection), _cards(connection)):
                problems += capped(lines)
            return problems
    except DBAPIError as error:
        raise engines.in_words(error, engines.parse(url)) from None
    finally:
        engine.dispose()


def is_current(url: str) -> bool:
    return migrate.current(url) == migrate.head()


def _snapshots(url: str) -> Engine:
    """For looking only; what a transaction on it reads is one moment of the database, once ``_begin`` was called."""
    engine = migrate.plain_engine(engines.parse(url))
    return engine if engine.dialect.name == "sqlite" else engine.execution_options(isolation_level="REPEATABLE READ")


def _begin(connection: Connection) -> None:
    """Python's SQLite driver begins a transaction only before it writes."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN")


def capped(lines: Iterable[object]) -> list[str]:
    """The first ``MOST`` lines, and how many more there are."""
    shown: list[str] = []
    more = 0
    for line in lines:
        if len(shown) < MOST:
            shown.append(str(line))
        else:
            more += 1
    return [*shown, f"… and {more} more like the last one"] if more else shown


def _damage(connection: Connection) -> list[str]:
    if connection.dialect.name != "sqlite":
        return []
    return [row for row in connection.execute(text("PRAGMA integrity_check")).scalars() if row != "ok"]


def _schema_differences(connection: Connection) -> list[Any]:
    """As ``alembic check`` would say it."""
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": _is_modelled})
    return list(compare_metadata(context, SQLModel.metadata))


def _is_modelled(name: str | None, type_: str, parents: Any) -> bool:
    return not passages.is_ours(name)


def _pointing_nowhere(connection: Connection) -> Iterator[Iterator[str]]:
    """Also on PostgreSQL, where a restore can be told to leave the constraints out of account."""
    for table in SQLModel.metadata.sorted_tables:
        for column in table.columns:
            for key in column.foreign_keys:
                there = key.column.table.alias("there")
                query = (
                    select(table.c.id)
                    .outerjoin(there, there.c[key.column.name] == column)
                    .where(column.is_not(None), there.c[key.column.name].is_(None))
                )
                words = f"foreign key: {table.name} row {{}} points to a missing {key.column.table.name}"
                yield map(words.format, connection.execute(query).scalars())


def _box(table: Any, finished: str, ended: str) -> list[tuple[str, Any]]:
    """``finished``: the state of what was handled or sent, which has its moment in the column ``ended``."""
    state, at = table.c.state, table.c[ended]
    known = state.in_(["pending", finished, "dead", "dropped"])
    return [
        (f"{table.name} {{}}: its state is not known", select(table.c.id).where(~known)),
        (f"{table.name} {{}}: it is {finished}, but not since when", select(table.c.id).where(state == finished, at.is_(None))),
        (f"{table.name} {{}}: it is pending, but ended already", select(table.c.id).where(state == "pending", at.is_not(None))),
    ]  # fmt: skip


_ODD: tuple[tuple[str, Any], ...] = (
    (
        "conversation {}: the ticket in focus is not its own",
        select(_CONVERSATION.c.id)
        .outerjoin(_TICKET, and_(_TICKET.c.id == _CONVERSATION.c.ticket_id, _TICKET.c.conversation_id == _CONVERSATION.c.id))
        .where(_CONVERSATION.c.ticket_id.is_not(None), _TICKET.c.id.is_(None)),
    ),
    (
        "followup {}: its ticket belongs to another conversation",
        select(_FOLLOWUP.c.id)
        .join(_TICKET, _TICKET.c.id == _FOLLOWUP.c.ticket_id)
        .where(_TICKET.c.conversation_id != _FOLLOWUP.c.conversation_id),
    ),
    (
        "outbox {}: its ticket does not exist",
        select(_OUTBOX.c.id)
        .outerjoin(_TICKET, _TICKET.c.id == _OUTBOX.c.ticket_id)
        .where(_OUTBOX.c.ticket_id.is_not(None), _TICKET.c.id.is_(None)),
    ),
    *_box(_INBOX, "done", "done_at"),
    *_box(_OUTBOX, "sent", "sent_at"),
    ("inbox {}: it is claimed, but not until when",
     select(_INBOX.c.id).where(_INBOX.c.state == "pending", _INBOX.c.claimed_by != "", _INBOX.c.claimed_until.is_(None))),
    ("card {}: it names no message", select(_CARD.c.id).where(_CARD.c.ref == "")),
)  # fmt: skip


def _odd(connection: Connection) -> Iterator[Iterator[str]]:
    for words, query in _ODD:
        yield map(words.format, connection.execute(query).scalars())


def _cards(connection: Connection) -> Iterator[str]:
    """The cards of tickets name them in words: ``ticket:12``."""
    after = 0
    query = select(_CARD.c.id, _CARD.c.name).order_by(_CARD.c.id).limit(_BATCH)
    while rows := connection.execute(query.where(_CARD.c.id > after)).all():
        after = rows[-1].id
        named = {row.id: row.name.removeprefix(_CARD_OF) for row in rows if row.name.startswith(_CARD_OF)}
        numbers = {int(number) for number in named.values() if number.isdecimal()}
        known = set(connection.execute(select(_TICKET.c.id).where(_TICKET.c.id.in_(numbers))).scalars())
        for card, number in named.items():
            if not number.isdecimal() or int(number) not in known:
                yield f"card {card}: its ticket {number} does not exist"
