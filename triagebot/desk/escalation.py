"""From the bot to people: the moment at which human clocks start."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session

from triagebot.desk import cards, tickets
from triagebot.desk.office import Office
from triagebot.desk.team import assignment
from triagebot.store.tables import Ticket


def escalate(
    session: Session, office: Office, ticket: Ticket, actor: str, now: datetime, *, queue: str, priority: str,
    reason: str, category: str = "", data: Mapping[str, Any] | None = None, held: bool = False,
) -> None:  # fmt: skip
    """Put ``ticket`` into ``queue`` with the promise that holds there, and offer it to the people who work on it.

    ``data``: what else to keep with the event. ``held``: whoever does this takes it, so that it is only shown."""
    promise = office.promise_to(ticket, queue=queue, priority=priority, category=category)
    facts = {**(data or {}), "queue": queue, "priority": priority, "reason": reason, "promise": promise}
    if category:
        facts["category"] = category
    tickets.record(session, office, ticket, "escalated", actor, now, facts)
    (cards.announce if held else assignment.offer)(session, office, ticket, now)
