"""Which passages match, newest first.

Both databases can go along what matches, newest first, and stop when enough was found. Where the filters leave few tickets,
their passages are read instead: a common word may match a hundred thousand passages before the first one of theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Connection, Select, cast, func, literal, select
from sqlalchemy.dialects.postgresql import TSQUERY

from triagebot.store import passages
from triagebot.store.passages import INDEXED, PASSAGE
from triagebot.store.statements import table_of
from triagebot.store.tables import Ticket

_TICKET = table_of(Ticket)
_FEW = 2000
"""So many passages, or the passages of so many tickets, are read through without anybody noticing."""

Where = ColumnElement[bool]


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


def newest(connection: Connection, wanted: Wanted, most: int) -> list[tuple[int, int]]:
    """The newest passage of each ticket that has one: (number of the event, number of the ticket), newest first."""
    query, place = _query(connection, wanted)
    found: dict[int, int] = {}
    page = query.order_by(place.desc()).limit(2 * most)
    while len(found) < most:
        rows = connection.execute(page).all()
        for event, ticket in rows:
            found.setdefault(ticket, event)
        if len(rows) < 2 * most:
            break
        page = query.where(place < rows[-1][0], PASSAGE.c.ticket_id.not_in(list(found)))
        page = page.order_by(place.desc()).limit(2 * most)
    return [(event, ticket) for ticket, event in found.items()][:most]


def _query(connection: Connection, wanted: Wanted) -> tuple[Select[Any], ColumnElement[int]]:
    """Without its order; and what it is to be ordered by."""
    postgres = connection.dialect.name == "postgresql"
    indexed = passages.is_indexed(connection)
    matches = [PASSAGE.c.grams.op("@@")(_tsquery(wanted))] if postgres else _written_so(wanted)
    chosen = select(PASSAGE.c.id, PASSAGE.c.ticket_id)
    if wanted.where and not (indexed and _is_rare(connection, wanted)):
        numbers = connection.execute(select(_TICKET.c.id).where(*wanted.where).limit(_FEW + 1)).scalars().all()
        if len(numbers) <= _FEW:
            return chosen.where(PASSAGE.c.ticket_id.in_(numbers), *matches), PASSAGE.c.id + 0
    if wanted.where:
        chosen = chosen.join(_TICKET, _TICKET.c.id == PASSAGE.c.ticket_id).where(*wanted.where)
    if indexed:
        return chosen.where(PASSAGE.c.id == INDEXED.c.rowid + 0, _fts5(wanted)), INDEXED.c.rowid
    return chosen.where(*matches), PASSAGE.c.id


def _is_rare(connection: Connection, wanted: Wanted) -> bool:
    found = select(INDEXED.c.rowid).where(_fts5(wanted)).limit(_FEW + 1).subquery()
    return connection.execute(select(func.count()).select_from(found)).scalar_one() <= _FEW


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
