"""What the desk has in mind to do about a ticket later: rows of the followup table, taken up by the tick (desk.followups).

They go with the person's words (desk.erase): whoever wanted to be forgotten is not spoken to again.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy
from sqlalchemy import bindparam, exists, literal_column
from sqlmodel import Session

from triagebot.store import later
from triagebot.store.statements import table_of
from triagebot.store.tables import Followup, Ticket

_FOLLOWUP = table_of(Followup)
_ONCE = ~exists().where(_FOLLOWUP.c.ticket_id == bindparam("ticket"), _FOLLOWUP.c.kind == bindparam("what"))
_ROW = sqlalchemy.select(
    bindparam("conversation", type_=_FOLLOWUP.c.conversation_id.type),
    bindparam("ticket", type_=_FOLLOWUP.c.ticket_id.type),
    bindparam("what", type_=_FOLLOWUP.c.kind.type),
    bindparam("due", type_=_FOLLOWUP.c.due_at.type),
    literal_column("'pending'"),
)
_COLUMNS = ["conversation_id", "ticket_id", "kind", "due_at", "state"]
_PLAN_ONCE = _FOLLOWUP.insert().from_select(_COLUMNS, _ROW.where(_ONCE))
_PLAN = _FOLLOWUP.insert()


def once(session: Session, ticket: Ticket, kind: str, due: datetime) -> None:
    """Plan ``kind`` for ``due``, unless it ever was planned for this ticket."""
    later.add(session, _PLAN_ONCE, {"conversation": ticket.conversation_id, "ticket": ticket.id, "what": kind,
                                    "due": due})  # fmt: skip


def for_all(session: Session, tickets: Iterable[Ticket], kind: str, due: datetime) -> None:
    """Plan ``kind`` for each of ``tickets``, whatever was planned before."""
    for ticket in tickets:
        later.add(session, _PLAN, {"conversation_id": ticket.conversation_id, "ticket_id": ticket.id, "kind": kind,
                                   "due_at": due, "state": "pending"})  # fmt: skip
