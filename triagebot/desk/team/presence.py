"""Who looks at a ticket at this moment, and what they have begun to write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Table, bindparam, case, select
from sqlmodel import Session

from triagebot.store.columns import UtcDateTime
from triagebot.store.statements import PerDialect, run, table_of
from triagebot.store.tables import Agent, Presence, Ticket

HERE = timedelta(seconds=45)
"""Who was seen no longer ago than this is there."""
WRITING = timedelta(minutes=2)
"""Whose draft changed no longer ago than this is writing."""

_PRESENCE, _AGENT = table_of(Presence), table_of(Agent)
_PLACE = ["ticket_id", "agent_id"]


def _upsert(build: Callable[[Any], dict[str, Any]]) -> Callable[[Callable[[Table], Any]], Any]:
    def statement(insert: Callable[[Table], Any]) -> Any:
        new = insert(_PRESENCE)
        return new.on_conflict_do_update(index_elements=_PLACE, set_=build(new.excluded))

    return statement


_LOOKED = PerDialect(_upsert(lambda new: {"seen_at": new.seen_at}))
_WROTE = PerDialect(
    _upsert(
        lambda new: {
            "seen_at": new.seen_at,
            "draft": new.draft,
            "draft_at": case((_PRESENCE.c.draft != new.draft, new.draft_at), else_=_PRESENCE.c.draft_at),
        }
    )
)
_OTHERS = (
    select(_AGENT.c.name, _PRESENCE.c.seen_at, _PRESENCE.c.draft, _PRESENCE.c.draft_at)
    .join(_AGENT, _AGENT.c.id == _PRESENCE.c.agent_id)
    .where(
        _PRESENCE.c.ticket_id == bindparam("ticket"), _PRESENCE.c.agent_id != bindparam("agent"),
        _PRESENCE.c.seen_at >= bindparam("since", type_=UtcDateTime),
    )
    .order_by(_AGENT.c.name)
)  # fmt: skip
_LAST = select(_PRESENCE.c.seen_at).where(
    _PRESENCE.c.ticket_id == bindparam("ticket"), _PRESENCE.c.agent_id == bindparam("agent")
)


@dataclass(frozen=True)
class Other:
    """A colleague who is there. ``draft``: what they have written and not sent; ``draft_at``: when it last changed."""

    name: str
    seen_at: datetime
    draft: str
    draft_at: datetime | None
    writing: bool


def seen(session: Session, ticket: Ticket, agent: Agent, draft: str | None, now: datetime) -> None:
    """``agent`` looks at ``ticket``. ``draft``: what they have written so far; None: that did not change."""
    row = {"ticket_id": ticket.id, "agent_id": agent.id, "seen_at": now, "draft": draft or "",
           "draft_at": now if draft else None}  # fmt: skip
    run(session, (_LOOKED if draft is None else _WROTE).on(session), row)


def others(session: Session, ticket: Ticket, agent: Agent, now: datetime) -> list[Other]:
    """Colleagues who look at ``ticket`` too, by name."""
    found = run(session, _OTHERS, {"ticket": ticket.id, "agent": agent.id, "since": now - HERE})
    return [
        Other(row.name, row.seen_at, row.draft, row.draft_at,
              writing=bool(row.draft) and row.draft_at is not None and row.draft_at >= now - WRITING)
        for row in found
    ]  # fmt: skip


def last_look(session: Session, ticket: Ticket, agent: Agent) -> datetime | None:
    """When ``agent`` last looked at ``ticket``, however long ago."""
    return run(session, _LAST, {"ticket": ticket.id, "agent": agent.id}).scalar_one_or_none()
