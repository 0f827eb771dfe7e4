"""What people thought of how they were treated: stars, and the reasons of those who were not happy."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from triagebot.desk.periods import Period
from triagebot.store.tables import Agent, Conversation, Event, Ticket

LOW = 2
"""So many stars, or fewer, ask for a reason and are told to supervisors."""
REASONS = ("slow", "unsolved", "manner", "unclear", "other")
"""What people may press when asked why; their words are in the catalogues (``why.*``)."""


@dataclass(frozen=True)
class Low:
    """A rating that somebody should look at. ``reasons``: in the order in which they were given; erased ones are gone.
    ``agent``: who last had the ticket, "" for nobody."""

    ticket: int
    at: datetime
    stars: int
    reasons: tuple[str, ...]
    agent: str


@dataclass(frozen=True)
class Ratings:
    """``mean``: None without any. ``low``: newest first. Of a ticket that was rated twice the last word counts."""

    count: int
    mean: float | None
    low: tuple[Low, ...]


def of(session: Session, *, period: Period | None = None, agent: int | None = None, user: str | None = None) -> Ratings:
    """Of everybody and ever, or given in ``period``, to whoever ``agent`` is (the last who had the ticket), by the person
    whose id on their channel is ``user``."""
    query = (
        select(Ticket.id, Ticket.rating, func.max(Event.at), Agent.name)
        .join(Event, col(Event.ticket_id) == col(Ticket.id))
        .outerjoin(Agent, col(Agent.id) == col(Ticket.assignee_id))
        .where(col(Ticket.rating).is_not(None), Event.type == "rated")
        .group_by(col(Ticket.id), col(Ticket.rating), col(Agent.name))
    )
    if period is not None:
        query = query.where(col(Ticket.updated_at) >= period.since)
    if agent is not None:
        query = query.where(Ticket.assignee_id == agent)
    if user is not None:
        query = query.join(Conversation, col(Conversation.id) == col(Ticket.conversation_id)).where(
            Conversation.user == user
        )
    given = [(number or 0, stars or 0, at, name or "") for number, stars, at, name in session.exec(query)
             if period is None or period.holds(at)]  # fmt: skip
    low = [one for one in given if one[1] <= LOW]
    why = reasons(session, [number for number, *_ in low])
    found = [Low(number, at, stars, why[number], name) for number, stars, at, name in low]
    return Ratings(
        count=len(given),
        mean=sum(stars for _, stars, *_ in given) / len(given) if given else None,
        low=tuple(sorted(found, key=lambda one: (one.at, one.ticket), reverse=True)),
    )


def reasons(session: Session, numbers: Collection[int]) -> dict[int, tuple[str, ...]]:
    """What was given as reasons for the last rating of each of these tickets, in the person's language."""
    found: dict[int, tuple[str, ...]] = defaultdict(tuple)
    query = select(Event.ticket_id, Event.type, Event.data).where(
        col(Event.ticket_id).in_(sorted(numbers)), col(Event.type).in_(("rated", "rating_explained"))
    )
    for number, type, data in session.exec(query.order_by(col(Event.id))):
        if type == "rated":
            found[number] = ()
        elif data.get("text"):
            found[number] = (*found[number], data["text"])
    return found
