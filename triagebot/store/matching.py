"""Which passages match, newest first: by the way that is short, whatever words and filters are asked for.

Few matches are all looked at. Of many, the newest are walked along until enough tickets were found; when a filter passes over
too many of them, the passages of the tickets that it leaves are read instead. A database left to itself takes the long way
too often: SQLite knows nothing of how often a word is written, PostgreSQL guesses.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Connection, Select, any_, cast, column, func, literal, select
from sqlalchemy.dialects.postgresql import TSQUERY

from triagebot.store import passages
from triagebot.store.passages import INDEXED, PASSAGE
from triagebot.store.statements import table_of
from triagebot.store.tables import Ticket

_TICKET = table_of(Ticket)
_FEW = 2000
"""So many matches are looked at one by one without anybody noticing."""
_MANY = 10_000
"""The passages of so many tickets are read rather than walking along all that matches."""
_NEWEST = 20_000
"""Passages at the end that PostgreSQL walks along before it takes another way."""

Where = ColumnElement[bool]
Pair = tuple[int, int]
"""(number of the event, number of the ticket)"""


class Phrase(Protocol):
    """As desk.grams.Phrase."""

    @property
    def grams(self) -> tuple[str, ...]: ...

    @property
    def begins(self) -> bool: ...


@dataclass(frozen=True)
class Wanted:
    """``words``: all of them in one passage, at least one; ``without``: none of them there. ``where``: about the ticket."""

    words: Sequence[Phrase]
    without: Sequence[Phrase]
    where: Sequence[Where]


def newest(connection: Connection, wanted: Wanted, most: int) -> list[Pair]:
    """The newest passage of each ticket that has one, newest first."""
    matches, place = _matches(connection, wanted)
    if connection.dialect.name == "sqlite" and not passages.is_indexed(connection):
        return _walk(connection, matches, place, wanted.where, most)
    with _planned(connection, _ALL_MATCHES):
        found = _pairs(
            connection, _ordered(matches, place) if connection.dialect.name == "sqlite" else matches, _FEW + 1
        )
    if len(found) <= _FEW:
        return _kept(connection, sorted(found, reverse=True), wanted.where, most)
    near = found if connection.dialect.name == "sqlite" else _at_the_end(connection, matches, place)
    kept = _kept(connection, near, wanted.where, most)
    if len(kept) == most:
        return kept
    if not wanted.where:
        return _walk(connection, matches, place, (), most)
    tickets = connection.execute(select(_TICKET.c.id).where(*wanted.where).limit(_MANY + 1)).scalars().all()
    if len(tickets) > _MANY:
        return _walk(connection, matches, place, wanted.where, most)
    return _along_tickets(connection, wanted, tickets, most)


def _matches(connection: Connection, wanted: Wanted) -> tuple[Select[Any], ColumnElement[int]]:
    """All that match, in no order; and what they are to be ordered by."""
    chosen = select(PASSAGE.c.id, PASSAGE.c.ticket_id)
    if passages.is_indexed(connection):
        return chosen.where(PASSAGE.c.id == INDEXED.c.rowid + 0, _fts5(wanted)), INDEXED.c.rowid
    return chosen.where(*_holds(connection, wanted)), PASSAGE.c.id


def _holds(connection: Connection, wanted: Wanted) -> list[Where]:
    """Said of a passage that is looked at by itself."""
    if connection.dialect.name == "postgresql":
        return [PASSAGE.c.grams.op("@@")(_tsquery(wanted))]
    return _written_so(wanted)


def _ordered(query: Select[Any], place: ColumnElement[int]) -> Select[Any]:
    return query.order_by(place.desc())


def _pairs(connection: Connection, query: Select[Any], most: int) -> list[Pair]:
    return [(event, ticket) for event, ticket in connection.execute(query.limit(most))]


def _walk(
    connection: Connection, matches: Select[Any], place: ColumnElement[int], where: Sequence[Where], most: int
) -> list[Pair]:
    """Along what matches, newest first, page by page: a ticket may have many in a row."""
    if where:
        matches = matches.join(_TICKET, _TICKET.c.id == PASSAGE.c.ticket_id).where(*where)
    found: list[Pair] = []
    page = matches
    with _planned(connection, _IN_ORDER):
        while True:
            rows = _pairs(connection, _ordered(page, place), 2 * most)
            found = _once(found + rows)
            if len(found) >= most or len(rows) < 2 * most:
                return found[:most]
            page = matches.where(place < rows[-1][0], PASSAGE.c.ticket_id.not_in([ticket for _, ticket in found]))


def _at_the_end(connection: Connection, matches: Select[Any], place: ColumnElement[int]) -> list[Pair]:
    last = connection.execute(select(func.max(PASSAGE.c.id))).scalar_one()
    with _planned(connection, _IN_ORDER):
        return _pairs(connection, _ordered(matches.where(place > last - _NEWEST), place), _FEW)


def _along_tickets(connection: Connection, wanted: Wanted, tickets: Sequence[int], most: int) -> list[Pair]:
    if connection.dialect.name == "postgresql":
        one_of = PASSAGE.c.ticket_id == any_(literal(list(tickets), ARRAY(BigInteger)))
    else:
        one_of = PASSAGE.c.ticket_id.in_(select(column("value")).select_from(func.json_each(json.dumps(list(tickets)))))
    newest_of = select(func.max(PASSAGE.c.id).label("event"), PASSAGE.c.ticket_id).where(
        one_of, *_holds(connection, wanted)
    )
    query = newest_of.group_by(PASSAGE.c.ticket_id).order_by(func.max(PASSAGE.c.id).desc())
    return _pairs(connection, query, most)


def _kept(connection: Connection, found: Sequence[Pair], where: Sequence[Where], most: int) -> list[Pair]:
    """Of these, in order, the first of each ticket for which ``where`` holds."""
    found = _once(found)
    if where and found:
        numbers = [ticket for _, ticket in found]
        held = set(connection.execute(select(_TICKET.c.id).where(_TICKET.c.id.in_(numbers), *where)).scalars())
        found = [pair for pair in found if pair[1] in held]
    return list(found[:most])


def _once(found: Iterable[Pair]) -> list[Pair]:
    first: dict[int, int] = {}
    for event, ticket in found:
        first.setdefault(ticket, event)
    return [(event, ticket) for ticket, event in first.items()]


_ALL_MATCHES = ("seqscan", "indexscan")
_IN_ORDER = ("seqscan", "bitmapscan", "sort", "hashjoin", "mergejoin")


@contextmanager
def _planned(connection: Connection, without: Sequence[str]) -> Iterator[None]:
    """On PostgreSQL, for the statements in the block: not in these ways."""
    if connection.dialect.name == "sqlite":
        yield
        return
    connection.exec_driver_sql("; ".join(f"SET LOCAL enable_{way} = off" for way in without))
    yield
    connection.exec_driver_sql("; ".join(f"SET LOCAL enable_{way} TO DEFAULT" for way in without))


def _fts5(wanted: Wanted) -> Where:
    def one(phrase: Phrase) -> str:
        return f'"{" ".join(phrase.grams)}"{" *" if phrase.begins else ""}'

    asked = " AND ".join(one(phrase) for phrase in wanted.words)
    without = "".join(f" NOT {one(phrase)}" for phrase in wanted.without)
    return INDEXED.c[passages.INDEX].op("MATCH")(f"({asked}){without}")


def _tsquery(wanted: Wanted) -> Any:
    def one(phrase: Phrase) -> str:
        parts = [f"'{gram}'" for gram in phrase.grams]
        return f"({' <-> '.join(parts)}{':*' if phrase.begins else ''})"

    asked = [*(one(phrase) for phrase in wanted.words), *(f"!{one(phrase)}" for phrase in wanted.without)]
    return cast(literal(" & ".join(asked)), TSQUERY)


def _written_so(wanted: Wanted) -> list[Where]:
    """On SQLite, of passages that are read one by one."""

    def at(phrase: Phrase) -> ColumnElement[int]:
        return func.instr(PASSAGE.c.grams, literal(f" {' '.join(phrase.grams)}{'' if phrase.begins else ' '}"))

    return [*(at(phrase) > 0 for phrase in wanted.words), *(at(phrase) == 0 for phrase in wanted.without)]
