"""What an agent has begun to write to a person, kept so that neither a closed page nor a colleague's answer loses it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, select
from sqlmodel import Session

from triagebot.desk.team import presence
from triagebot.privacy import redact
from triagebot.store.codec import storable
from triagebot.store.statements import run, table_of
from triagebot.store.tables import Agent, Presence, Ticket

_PRESENCE = table_of(Presence)
_DRAFT = select(_PRESENCE.c.draft).where(
    _PRESENCE.c.ticket_id == bindparam("ticket"), _PRESENCE.c.agent_id == bindparam("agent")
)


def keep(session: Session, ticket: Ticket, agent: Agent, text: str, now: datetime) -> None:
    """``agent`` is at ``ticket`` and has written ``text`` so far; personal numbers in it are not kept."""
    presence.seen(session, ticket, agent, redact(storable(text)).text, now)


def kept(session: Session, number: int, agent_id: int | None) -> str:
    return run(session, _DRAFT, {"ticket": number, "agent": agent_id}).scalar_one_or_none() or ""
