"""What could not be handled, and what could not be delivered: kept until somebody looks, tries again, or lets it go.

Their words are redacted like all others, and go with the person's (desk.erase) or when they are as old as words may get.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlmodel import Session

from triagebot.desk import tickets
from triagebot.desk.office import Office
from triagebot.errors import UsageError
from triagebot.store.statements import table_of
from triagebot.store.tables import Inbox, Outbox

DROPPED = "dropped"
"""The state of a row that nobody will try again; its words are gone, why it failed is kept."""
_MOST = 1000


@dataclass(frozen=True)
class Box:
    """``ended``: the column that says when a row was given up."""

    name: str
    table: Any
    ended: str


INBOX = Box("inbox", table_of(Inbox), "done_at")
OUTBOX = Box("outbox", table_of(Outbox), "sent_at")


@dataclass(frozen=True)
class Letter:
    """``at``: when it came, or was written. ``text`` is redacted, "" when its words are gone: it cannot be tried again."""

    id: int
    channel: str
    chat: str
    state: str
    at: datetime
    attempts: int
    error: str
    text: str
    ticket: int | None


def listed(session: Session, box: Box, states: Sequence[str] = ("dead",)) -> list[Letter]:
    """Oldest first, a thousand at most."""
    t = box.table
    query = select(t).where(t.c.state.in_(states)).order_by(t.c.id).limit(_MOST)
    return [
        Letter(row.id, row.channel, row.chat, row.state, row.received_at if box is INBOX else row.created_at, row.attempts,
               row.error, _words(row.payload), row.ticket_id if box is OUTBOX else None)
        for row in session.execute(query)
    ]  # fmt: skip


def retry(session: Session, box: Box, numbers: Sequence[int] | None) -> list[int]:
    """These, or (None) all that still have their words, are waiting again, as if for the first time."""
    wanted = [row for row in _dead(session, box, numbers) if row.payload or numbers is not None]
    gone = [row.id for row in wanted if not row.payload]
    if gone:
        raise UsageError(
            f"{box.name} {gone[0]} cannot be tried again: it could not be read, or its words are gone; drop it"
        )
    ids = [row.id for row in wanted]
    values = {"state": "pending", "attempts": 0, "not_before": None, box.ended: None}
    session.execute(update(box.table).where(box.table.c.id.in_(ids)).values(**values))
    return ids


def drop(session: Session, office: Office, box: Box, numbers: Sequence[int] | None, now: datetime) -> list[int]:
    """Let these (None: all) go; a message about a ticket leaves a word in its log."""
    rows = _dead(session, box, numbers)
    _let_go(session, box, box.table.c.id.in_([row.id for row in rows]))
    for row in rows:
        ticket = tickets.held(session, row.ticket_id) if box is OUTBOX else None
        if ticket is not None:
            tickets.record(session, office, ticket, "undelivered_dropped", "system", now, {"reason": row.error})
    return [row.id for row in rows]


def forget(session: Session, before: datetime) -> None:
    """Retention: the words of what was given up before that moment."""
    for box in (INBOX, OUTBOX):
        _let_go(session, box, (box.table.c.state == "dead") & (box.table.c[box.ended] < before))


def _let_go(session: Session, box: Box, which: Any) -> None:
    session.execute(update(box.table).where(which).values(state=DROPPED, payload={}))


def _dead(session: Session, box: Box, numbers: Sequence[int] | None) -> list[Any]:
    """UsageError for a number that is no dead letter's."""
    t = box.table
    query = select(t).where(t.c.state == "dead").order_by(t.c.id).with_for_update()
    if numbers is None:
        return list(session.execute(query))
    found = {row.id: row for row in session.execute(query.where(t.c.id.in_(numbers)))}
    for number in numbers:
        if number not in found:
            raise UsageError(f"there is no dead letter {number} in the {box.name}; see: triagebot {box.name} list")
    return [found[number] for number in dict.fromkeys(numbers)]


def _words(payload: dict[str, Any]) -> str:
    return str(payload.get("text") or payload.get("action") or payload.get("kind") or "")
