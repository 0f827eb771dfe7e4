"""The made-up traffic of desk_traffic.py, lived through by the product: its own ``record`` and its own sweep write the log,
so that the desk's raises stand in it as they would."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from tests.desk_traffic import AGENTS, lives
from triagebot.desk import promises, reapply
from triagebot.desk import tickets as desk_tickets
from triagebot.desk.office import Office
from triagebot.store.tables import Agent, Conversation, Ticket

_TICK = timedelta(seconds=5)
_NOT_LIVED = frozenset({"bot_replied"})


def live(
    session: Session,
    office: Office,
    *,
    tickets: int,
    days: int,
    until: datetime,
    seed: int = 7,
    reapplied: Office | None = None,
) -> None:
    """One ticket after the other; the sweep comes up to five seconds late, as it does.

    ``reapplied``: whose promise every seventh ticket gets an hour after the hand-over (``sla reapply``).
    """
    session.add_all(Agent(name=name, created_at=until, queues="") for name in AGENTS)
    session.add(Conversation(channel="bench", bot="1", chat="1", user="1", created_at=until, updated_at=until))
    session.flush()
    for made in lives(random.Random(seed), office, tickets, days, until):
        begin = made.events[0]["at"]
        ticket = Ticket(id=made.number, conversation_id=1, created_at=begin, updated_at=begin)
        session.add(ticket)
        session.flush()
        again = begin + timedelta(hours=1) if reapplied is not None and made.number % 7 == 0 else None
        for event in sorted(made.events, key=lambda event: event["at"]):
            if again is not None and again < event["at"]:
                _sweep(session, office, ticket, again)
                reapply.apply(session, reapplied or office, again, after=made.number - 1, limit=1)
                again = None
            _sweep(session, office, ticket, event["at"])
            _record(session, office, ticket, event)
        _sweep(session, office, ticket, until)
        ticket.next_due_at = None
        session.flush()


def _sweep(session: Session, office: Office, ticket: Ticket, before: datetime) -> None:
    while ticket.next_due_at is not None and (now := ticket.next_due_at + _TICK) < before:
        session.flush()
        promises.sweep(session, office, now)
        session.flush()
        if ticket.next_due_at is not None and ticket.next_due_at + _TICK <= now:
            raise AssertionError(f"the sweep leaves #{ticket.id} where it was")


def _record(session: Session, office: Office, ticket: Ticket, event: dict[str, Any]) -> None:
    """As the product does it: the promise is the one of that moment, for the row as it stands then."""
    data = dict(event["data"])
    if event["type"] in _NOT_LIVED:
        return
    if "promise" in data:
        queue, priority = data.get("queue", ticket.queue), data.get("priority", ticket.priority)
        data["promise"] = office.promise(queue, priority, ticket.category)
    desk_tickets.record(session, office, ticket, event["type"], event["actor"], event["at"], data)
