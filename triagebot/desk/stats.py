"""What one agent did today and in the last seven days, counted by the database from the log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from statistics import fmean, median
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, func, select
from sqlmodel import Session, col
from sqlmodel import select as select_model

from triagebot.desk.team import agents
from triagebot.desk.tickets import HUMAN_STATES
from triagebot.desk.work import Call
from triagebot.errors import DeniedError, DeskError
from triagebot.locale import say
from triagebot.store.columns import UtcDateTime
from triagebot.store.statements import run, table_of
from triagebot.store.tables import Agent, Event, Ticket
from triagebot.text import spoken_span

_DAYS = 7
_SLACK = timedelta(hours=1)
"""Ids of events go forward and times nearly do: each process says its own ``now``, a moment before it writes."""
_EVENT, _TICKET = table_of(Event), table_of(Ticket)
_SINCE = bindparam("since", type_=UtcDateTime)

_ENDS = select(func.min(_EVENT.c.id).label("low"), func.max(_EVENT.c.id).label("high"))
_FROM = select(_EVENT.c.id, _EVENT.c.at).where(_EVENT.c.id >= bindparam("id")).order_by(_EVENT.c.id).limit(1)
_DEEDS = select(_EVENT.c.type, _EVENT.c.ticket_id, _EVENT.c.at).where(
    _EVENT.c.id >= bindparam("id"), _EVENT.c.at >= _SINCE, _EVENT.c.actor == bindparam("actor"),
    _EVENT.c.type.in_(("taken", "agent_replied", "resolved")),
)  # fmt: skip
_FIRST = select(_TICKET.c.id, _TICKET.c.escalated_at, _TICKET.c.first_response_at).where(
    _TICKET.c.id.in_(bindparam("numbers", expanding=True)), _TICKET.c.first_response_at >= _SINCE
)
_RATED = (
    select(_TICKET.c.rating, func.max(_EVENT.c.at, type_=UtcDateTime).label("at"))
    .join(_EVENT, _EVENT.c.ticket_id == _TICKET.c.id)
    .where(_TICKET.c.assignee_id == bindparam("agent"), _TICKET.c.rating.is_not(None), _TICKET.c.updated_at >= _SINCE,
           _EVENT.c.type == "rated", _EVENT.c.at >= _SINCE)
    .group_by(_TICKET.c.id, _TICKET.c.rating)
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


@dataclass(frozen=True)
class Deeds:
    """What one agent did since a moment. ``done``: (type of event, ticket, when); ``first``: by (ticket, when it was answered
    first), wall seconds from the hand-over; ``stars``: (how many, when)."""

    done: Sequence[tuple[str, int, datetime]]
    first: Mapping[tuple[int, datetime], float]
    stars: Sequence[tuple[int, datetime]]

    def since(self, begin: datetime) -> Done:
        rows = [row for row in self.done if row[2] >= begin]
        tickets = {kind: {number for type, number, _ in rows if type == kind} for kind in ("taken", "resolved")}
        replies = [(number, at) for type, number, at in rows if type == "agent_replied"]
        spans = [self.first[reply] for reply in {*replies} & self.first.keys()]
        stars = [count for count, at in self.stars if at >= begin]
        return Done(
            taken=len(tickets["taken"]), answered=len(replies), resolved=len(tickets["resolved"]),
            first_s=median(spans) if spans else None, ratings=len(stars), rating=fmean(stars) if stars else None,
        )  # fmt: skip


def read(session: Session, agent: Agent, begin: datetime) -> Deeds:
    """All that ``agent`` did from ``begin`` on. What happened before is not read: the log is entered where ``begin`` lies."""
    values = {"id": _entry(session, begin - _SLACK), "since": begin, "actor": f"agent:{agent.id}"}
    done = [(row.type, row.ticket_id, row.at) for row in run(session, _DEEDS, values)]
    numbers = sorted({number for type, number, _ in done if type == "agent_replied"})
    first = {
        (row.id, row.first_response_at): (row.first_response_at - row.escalated_at).total_seconds()
        for row in run(session, _FIRST, {"numbers": numbers, "since": begin})
        if row.escalated_at is not None
    }
    stars = [(row.rating, row.at) for row in run(session, _RATED, {"agent": agent.id, "since": begin})]
    return Deeds(done, first, stars)


def _entry(session: Session, begin: datetime) -> int:
    """The id of the first event at or after ``begin``, found by halving: there is no index over times."""
    ends = run(session, _ENDS).one()
    low, high = ends.low, ends.high
    while low is not None and low < high:
        middle = (low + high) // 2
        row = run(session, _FROM, {"id": middle}).one()
        low, high = (low, middle) if row.at >= begin else (row.id + 1, high)
    return low or 0


def first_moment(days: int, now: datetime, zone: ZoneInfo) -> datetime:
    """Of a period of ``days`` local days that ends with today."""
    return datetime.combine(now.astimezone(zone).date() - timedelta(days=days - 1), time.min, zone)


def stats(call: Call) -> str:
    """/stats: for oneself; for supervisors /stats NAME."""
    agent = _whose(call)
    deeds = read(call.session, agent, first_moment(_DAYS, call.now, call.office.zone))
    lines = [say(call.lang, "stats.head", agent=agent.name)]
    for key, days in (("stats.today", 1), ("stats.week", _DAYS)):
        done = deeds.since(first_moment(days, call.now, call.office.zone))
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
