"""What one agent did today and in the last seven days, counted by the database from the log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, func, select
from sqlmodel import Session, col
from sqlmodel import select as select_model

from triagebot.desk import agents
from triagebot.desk.tickets import HUMAN_STATES
from triagebot.desk.work import Call
from triagebot.errors import DeniedError, DeskError
from triagebot.locale import say
from triagebot.store.statements import run, table_of
from triagebot.store.tables import Agent, Event, Ticket, UtcDateTime
from triagebot.text import spoken_span

_DAYS = 7
_STATES = sorted(HUMAN_STATES | {"bot", "resolved", "closed", "merged"})
_EVENT, _TICKET = table_of(Event), table_of(Ticket)
_SINCE = bindparam("since", type_=UtcDateTime)
_LATELY = (_TICKET.c.status.in_(_STATES), _TICKET.c.updated_at >= _SINCE)
"""Tickets touched in the period, in words that ``ix_ticket_idle`` serves: whoever did something touched them."""

_COUNTS = (
    select(_EVENT.c.type, func.count().label("times"), func.count(_EVENT.c.ticket_id.distinct()).label("tickets"))
    .join(_TICKET, _TICKET.c.id == _EVENT.c.ticket_id)
    .where(*_LATELY, _EVENT.c.at >= _SINCE, _EVENT.c.actor == bindparam("actor"),
           _EVENT.c.type.in_(("taken", "agent_replied", "resolved")))
    .group_by(_EVENT.c.type)
)  # fmt: skip
_FIRST = (
    select(_TICKET.c.escalated_at, _TICKET.c.first_response_at)
    .join(_EVENT, (_EVENT.c.ticket_id == _TICKET.c.id) & (_EVENT.c.at == _TICKET.c.first_response_at))
    .where(*_LATELY, _TICKET.c.first_response_at >= _SINCE, _EVENT.c.actor == bindparam("actor"),
           _EVENT.c.type == "agent_replied")
    .distinct()
)  # fmt: skip
_RATED = (
    select(func.count().label("ratings"), func.avg(_TICKET.c.rating).label("mean"))
    .where(*_LATELY, _TICKET.c.assignee_id == bindparam("agent"), _TICKET.c.id.in_(
        select(_EVENT.c.ticket_id).where(_EVENT.c.ticket_id == _TICKET.c.id, _EVENT.c.type == "rated",
                                         _EVENT.c.at >= _SINCE)))
)  # fmt: skip
_OPEN = select(func.count()).where(
    _TICKET.c.assignee_id == bindparam("agent"), _TICKET.c.status.in_(sorted(HUMAN_STATES))
)


@dataclass(frozen=True)
class Done:
    """``first_s``: wall seconds from the hand-over to the first answer, the median of those that this agent gave; None without
    any. ``rating``: mean of the stars of tickets that they had last."""

    taken: int
    answered: int
    resolved: int
    first_s: float | None
    ratings: int
    rating: float | None


def since(days: int, now: datetime, zone: ZoneInfo) -> datetime:
    """The first moment of a period of ``days`` local days that ends with today."""
    return datetime.combine(now.astimezone(zone).date() - timedelta(days=days - 1), time.min, zone)


def of(session: Session, agent: Agent, begin: datetime) -> Done:
    values = {"since": begin, "actor": f"agent:{agent.id}"}
    counted = {row.type: row for row in run(session, _COUNTS, values)}
    spans = _spans([(row.escalated_at, row.first_response_at) for row in run(session, _FIRST, values)])
    rated = run(session, _RATED, {"since": begin, "agent": agent.id}).one()
    return Done(
        taken=counted["taken"].tickets if "taken" in counted else 0,
        answered=counted["agent_replied"].times if "agent_replied" in counted else 0,
        resolved=counted["resolved"].tickets if "resolved" in counted else 0,
        first_s=median(spans) if spans else None,
        ratings=rated.ratings,
        rating=float(rated.mean) if rated.mean is not None else None,
    )


def _spans(moments: Sequence[tuple[datetime | None, datetime]]) -> list[float]:
    return [(answered - handed).total_seconds() for handed, answered in moments if handed is not None]


def stats(call: Call) -> str:
    """/stats: for oneself; for supervisors /stats NAME."""
    agent = _whose(call)
    periods = [("stats.today", 1), ("stats.week", _DAYS)]
    lines = [say(call.lang, "stats.head", agent=agent.name)]
    for key, days in periods:
        done = of(call.session, agent, since(days, call.now, call.office.zone))
        lines.append(say(call.lang, "stats.line", period=say(call.lang, key, days=days), taken=done.taken,
                         answered=done.answered, resolved=done.resolved))  # fmt: skip
        if done.first_s is not None:
            lines.append(say(call.lang, "stats.first", span=spoken_span(done.first_s, call.lang)))
        if done.rating is not None:
            lines.append(say(call.lang, "stats.rating", mean=f"{done.rating:.1f}", count=done.ratings))
    held = run(call.session, _OPEN, {"agent": agent.id}).scalar_one()
    return "\n".join([*lines, say(call.lang, "stats.open", count=held)])


def _whose(call: Call) -> Agent:
    if not call.text or call.text == call.agent.name:
        return call.agent
    if not agents.may(call.agent, "supervisor"):
        raise DeniedError(say(call.lang, "desk.only_own_stats"))
    named = select_model(Agent).where(Agent.name == call.text, col(Agent.active))
    found = call.session.exec(named).first()
    if found is None:
        known = ", ".join(agent.name for agent in agents.listed(call.session))
        raise DeskError(say(call.lang, "desk.no_such_agent", agent=call.text, known=known))
    return found
