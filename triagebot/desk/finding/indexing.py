"""What of the log can be searched: which events hold words, the index made anew from them, and where the two differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    Row,
    and_,
    bindparam,
    case,
    false,
    func,
    null,
    or_,
    select,
    type_coerce,
)
from sqlmodel import Session

from triagebot.desk.finding.grams import grams
from triagebot.store import passages
from triagebot.store.passages import PASSAGE
from triagebot.store.statements import table_of
from triagebot.store.tables import Conversation, Event, Ticket

WORDS = {
    "user_replied": "text",
    "user_edited": "text",
    "fact_given": "text",
    "rating_explained": "text",
    "agent_replied": "text",
    "note": "text",
    "resolved": "reason",
}
"""Events that hold words of people, and where. What the bot says is the same for everybody, and is not searched."""
_OPENED = "opened"
BATCH = 5000

_EVENT, _TICKET, _CONVERSATION = table_of(Event), table_of(Ticket), table_of(Conversation)
_LOG = (
    select(
        _EVENT.c.id, _EVENT.c.ticket_id, _EVENT.c.type, _TICKET.c.summary, _CONVERSATION.c.user_name,
        type_coerce(case((_EVENT.c.type != _OPENED, _EVENT.c.data), else_=null()), JSON).label("data"),
    )
    .join(_TICKET, _TICKET.c.id == _EVENT.c.ticket_id)
    .join(_CONVERSATION, _CONVERSATION.c.id == _TICKET.c.conversation_id)
    .where(_EVENT.c.type.in_([_OPENED, *WORDS]))
    .where(_EVENT.c.id > bindparam("after"), _EVENT.c.id <= bindparam("last"))
    .order_by(_EVENT.c.id)
)  # fmt: skip
_LOG_HELD = _LOG.with_for_update(read=True, of=[_EVENT, _TICKET])
"""Nobody erases these words while they are being written into the index."""
_LAST = select(func.coalesce(func.max(_EVENT.c.id), 0))

Progress = Callable[[int], None]


def grams_of(session: Session, ticket: Ticket, type: str, data: Mapping[str, Any]) -> str | None:
    """What is searched of an event that is about to be recorded; None when it holds no words."""
    if type == _OPENED:
        conversation = session.get(Conversation, ticket.conversation_id)
        return _opening(ticket.summary, conversation.user_name if conversation is not None else "")
    return _said(type, data)


def _opening(summary: str, user_name: str) -> str | None:
    """A ticket is also found by the name of its person, as it was then."""
    return grams(f"{user_name} | {summary}") if summary else None


def _said(type: str, data: Mapping[str, Any]) -> str | None:
    words = data.get(WORDS[type]) if type in WORDS else None
    return grams(words) if words else None


def fill(connection: Connection, progress: Progress = lambda done: None) -> None:
    """Into an empty index, in the caller's transaction. ``progress``: the number of the event that it has come to."""
    last = connection.execute(_LAST).scalar_one()
    for after in range(0, last, BATCH):
        _index(connection, _LOG, after, after + BATCH)
        progress(after + BATCH)


def last_event(session: Session) -> int:
    """Up to which number ``reindex`` goes."""
    last: int = session.connection().execute(_LAST).scalar_one()
    return last


def reindex(session: Session, after: int) -> int | None:
    """Make the index of the next events numbered above ``after`` anew; returns where to go on, None at the end. What others do
    meanwhile is not lost: they wait, or are waited for."""
    connection = session.connection()
    last = after + BATCH
    _index(connection, _LOG_HELD, after, last, anew=True)
    return last if last < last_event(session) else None


def _index(connection: Connection, log: Any, after: int, last: int, *, anew: bool = False) -> None:
    rows = connection.execute(log, {"after": after, "last": last}).all()
    if anew:
        passages.forget_range(connection, after, last)
    found = ((row.id, row.ticket_id, _grams_of_row(row)) for row in rows)
    passages.add(connection, ((event, ticket, words) for event, ticket, words in found if words is not None))


def _grams_of_row(row: Row[Any]) -> str | None:
    return _opening(row.summary, row.user_name) if row.type == _OPENED else _said(row.type, row.data or {})


def _hold_words() -> ColumnElement[bool]:
    """Events that belong into the index, in SQL."""
    by_place: dict[str, list[str]] = {}
    for type, place in WORDS.items():
        by_place.setdefault(place, []).append(type)
    said = [
        and_(_EVENT.c.type.in_(types), func.coalesce(_EVENT.c.data[place].as_string(), "") != "")
        for place, types in by_place.items()
    ]
    return or_(and_(_EVENT.c.type == _OPENED, _TICKET.c.summary != ""), *said)


_MISSING = (
    select(_EVENT.c.id)
    .join(_TICKET, _TICKET.c.id == _EVENT.c.ticket_id)
    .outerjoin(PASSAGE, PASSAGE.c.id == _EVENT.c.id)
    .where(PASSAGE.c.id.is_(None), _hold_words())
    .order_by(_EVENT.c.id)
)
_LEFT_OVER = (
    select(PASSAGE.c.id)
    .outerjoin(_EVENT, _EVENT.c.id == PASSAGE.c.id)
    .outerjoin(_TICKET, _TICKET.c.id == _EVENT.c.ticket_id)
    .where(~func.coalesce(_hold_words(), false()))
    .order_by(PASSAGE.c.id)
)


def differences(session: Session) -> Iterator[str]:
    """Where the index and the log do not fit, in words; ``session``: one snapshot."""
    connection = session.connection()
    for statement, words in ((_MISSING, "cannot be found by search"), (_LEFT_OVER, "is still found by search")):
        for number in connection.execute(statement).scalars():
            yield f"search: event {number} {words}; run: triagebot db reindex"
