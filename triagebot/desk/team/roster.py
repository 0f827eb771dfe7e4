"""Who works here, at a glance: what each of them holds, how they were rated, when they were last seen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, select
from sqlmodel import Session
from sqlmodel import select as select_model

from triagebot.desk.team import agents
from triagebot.desk.tickets import HUMAN_STATES, OPEN_STATES
from triagebot.store.columns import UtcDateTime
from triagebot.store.statements import run, table_of
from triagebot.store.tables import Agent, Audit, Ticket, WebSession

LATELY = timedelta(days=30)
"""Ratings of tickets that were touched since then (wall time)."""
_LAST_ROWS = 2000
"""Of the audit log, counted from its end: who did nothing in so many is not seen there."""

_STATES = sorted(OPEN_STATES | {"resolved", "closed", "merged"})
"""All of them: with the day of the last change, ``ix_ticket_idle`` serves these words."""
_TICKET, _SESSION, _AUDIT = table_of(Ticket), table_of(WebSession), table_of(Audit)
_HELD = (
    select(_TICKET.c.assignee_id, func.count().label("number"))
    .where(_TICKET.c.assignee_id.is_not(None), _TICKET.c.status.in_(sorted(HUMAN_STATES)))
    .group_by(_TICKET.c.assignee_id)
)
_RATED = (
    select(_TICKET.c.assignee_id, func.count().label("number"), func.avg(_TICKET.c.rating).label("mean"))
    .where(_TICKET.c.status.in_(_STATES), _TICKET.c.assignee_id.is_not(None), _TICKET.c.rating.is_not(None),
           _TICKET.c.updated_at >= bindparam("since", type_=UtcDateTime))
    .group_by(_TICKET.c.assignee_id)
)  # fmt: skip
_BROWSERS = select(_SESSION.c.agent_id, func.max(_SESSION.c.seen_at, type_=UtcDateTime).label("at")).group_by(
    _SESSION.c.agent_id
)
_DID = select(_AUDIT.c.actor, _AUDIT.c.at).order_by(_AUDIT.c.id.desc()).limit(_LAST_ROWS)


@dataclass(frozen=True)
class Colleague:
    """``held``: open tickets; ``rated``, ``mean``: stars of the last thirty days; ``seen``: in a browser, or when they last
    changed something, None when neither is known."""

    agent: Agent
    held: int
    rated: int
    mean: float | None
    seen: datetime | None


def colleagues(session: Session, now: datetime, *, with_ratings: bool) -> list[Colleague]:
    """Everybody who works here, in the order in which they came. Ratings are read for those who may see them."""
    held = {row.assignee_id: row.number for row in run(session, _HELD)}
    found = run(session, _RATED, {"since": now - LATELY}) if with_ratings else ()
    rated = {row.assignee_id: row for row in found}
    seen = {f"agent:{row.agent_id}": row.at for row in run(session, _BROWSERS)}
    for row in run(session, _DID):
        seen[row.actor] = max(seen.get(row.actor, row.at), row.at)
    return [
        Colleague(
            agent, held.get(agent.id, 0), rated[agent.id].number if agent.id in rated else 0,
            float(rated[agent.id].mean) if agent.id in rated else None, seen.get(f"agent:{agent.id}"),
        )
        for agent in agents.listed(session)
    ]  # fmt: skip


def names(session: Session) -> dict[str, str]:
    """What everybody who works here, or ever did, is called, by their actor in the logs."""
    return {f"agent:{number}": name for number, name in session.exec(select_model(Agent.id, Agent.name))}
