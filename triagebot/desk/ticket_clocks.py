"""From a ticket's events to its SLA clocks: reads the log, lets sla.clocks compute, says due moments in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import bindparam, case, select
from sqlmodel import Session

from triagebot.desk.office import Office
from triagebot.desk.steps import ANSWERS
from triagebot.sla import clocks
from triagebot.sla.clocks import Clock, SlaEvent
from triagebot.store import later
from triagebot.store.statements import run_beside, table_of
from triagebot.store.tables import Event, Ticket
from triagebot.text import spoken_time

SLA_EVENTS = frozenset(
    {
        "opened", "escalated", "agent_replied", "user_replied", "pending_user", "on_hold", "resumed",
        "priority_changed", "queue_changed", "policy_changed", "incident_attached", "incident_detached", "resolved", "reopened",
        "merged", "closed",
    }
)  # fmt: skip
"""Ticket events that a clock may react to; the names are those of ``sla simulate``, but for those of incidents."""
PROMISED_ANEW = frozenset(
    {"priority_changed", "queue_changed", "policy_changed", "incident_attached", "incident_detached"}
)
"""With a promise, these put it in the place of the one before (rule 8)."""
MEASURED_ANEW = PROMISED_ANEW | {"reopened"}
"""After these a moment that nobody waited for may already have passed."""

_EVENT = table_of(Event)
_TOLD = SLA_EVENTS - {"opened"}
_OF_INCIDENTS = {"incident_attached": "policy_changed", "incident_detached": "policy_changed"}
"""What they are to a clock."""
_WITH_PROMISE = ("escalated", *sorted(MEASURED_ANEW))
_STORIES = (
    select(_EVENT.c.ticket_id, _EVENT.c.at, _EVENT.c.type, _EVENT.c.actor,
           case((_EVENT.c.type.in_(_WITH_PROMISE), _EVENT.c.data), else_=None).label("data"))
    .where(_EVENT.c.ticket_id.in_(bindparam("numbers", expanding=True)),
           _EVENT.c.type.in_(sorted(_TOLD)))
    .order_by(_EVENT.c.id)
)  # fmt: skip
"""Without what would only be unpacked to be thrown away: what people said, and the verdict at the opening, which starts no
clock."""


@dataclass(frozen=True)
class Line:
    """One event of a ticket's story, as far as clocks are concerned: ``data`` only where it holds a promise."""

    at: datetime
    type: str
    actor: str
    data: Mapping[str, Any]


Story = list[Line]


def stories(session: Session, tickets: Iterable[Ticket]) -> dict[int, Story]:
    """The events of many tickets in one query, in the order in which they were recorded."""
    found: dict[int, Story] = {ticket.id or 0: [] for ticket in tickets}
    for row in run_beside(session, _STORIES, {"numbers": list(found)}):
        found[row.ticket_id].append(Line(row.at, row.type, row.actor, row.data or {}))
    for new in later.waiting(session, _EVENT):
        if new["ticket_id"] in found and new["type"] in _TOLD:
            data = new["data"] if new["type"] in _WITH_PROMISE else {}
            found[new["ticket_id"]].append(Line(new["at"].astimezone(UTC), new["type"], new["actor"], data))
    return found


def clocks_of(office: Office, ticket: Ticket, story: Story, now: datetime) -> tuple[Clock, ...]:
    """All clocks of ``ticket`` at ``now``; empty before a person was promised anything.

    A merge ends what was promised for good (rule 9). A ticket that comes back from one is promised anew, and its clocks
    begin as at a hand-over: those before are history.
    """
    if ticket.escalated_at is None:
        return ()
    backs = [n for n, line in enumerate(story) if _is_back(line)]
    lives = [story[begin:end] for begin, end in pairwise([0, *backs, len(story)])]
    return tuple(clock for life in lives for clock in _clocks_of_life(office, ticket, life, now))


def _is_back(line: Line) -> bool:
    return line.type == "reopened" and "promise" in line.data


def _clocks_of_life(office: Office, ticket: Ticket, story: Story, now: datetime) -> tuple[Clock, ...]:
    events, first = [], None
    for line in story:
        promise = line.data.get("promise")
        first = first or promise
        if line.type in _OF_INCIDENTS and promise is None:
            continue
        policy, calendar = office.policy_of(promise) if promise and line.type in PROMISED_ANEW else (None, None)
        type = "escalated" if _is_back(line) else _OF_INCIDENTS.get(line.type, line.type)
        events.append(SlaEvent(line.at, type, policy, calendar))
    policy, calendar = office.policy_of(first or ticket.sla)
    return clocks.run(events, policy, calendar, now)


def ticket_clocks(session: Session, office: Office, ticket: Ticket, now: datetime) -> tuple[Clock, ...]:
    """As ``clocks_of``, for one ticket."""
    if ticket.escalated_at is None:
        return ()
    return clocks_of(office, ticket, stories(session, [ticket])[ticket.id or 0], now)


def clock_id(clock: Clock) -> str:
    """Names a clock of a ticket for good: a ticket has many next responses, but one that began at that moment."""
    return f"{clock.metric}@{clock.started_at.isoformat()}"


def next_look(found: Sequence[Clock], now: datetime) -> datetime | None:
    """When the sweep must look at these clocks next: the nearest step ahead, or the due moment of a running clock.

    A due moment counts as ahead until it is strictly past, because only then it is a breach; a paused clock has one only
    when its target was used up at the very moment of the pause.
    """
    waiting = [c for c in found if not c.ended_by]
    ahead = [at for c in waiting for _, at in c.marks_at if at > now]
    dues = [c.due_at for c in waiting if c.state != "breached" and c.due_at is not None and c.due_at >= now]
    return min([*ahead, *dues], default=None)


def any_passed(found: Sequence[Clock], now: datetime) -> bool:
    """Whether a step of a clock that still waits lies behind us; it may have been taken already."""
    waiting = [c for c in found if not c.ended_by]
    return any(c.state == "breached" or any(at <= now for _, at in c.marks_at) for c in waiting)


def running(found: tuple[Clock, ...]) -> list[Clock]:
    """Clocks that still wait for a person, most urgent first."""
    waiting = [c for c in found if not c.ended_by and c.state in ("running", "breached") and c.due_at is not None]
    return sorted(waiting, key=lambda c: c.due_at or c.started_at)


def nearest_due(found: tuple[Clock, ...]) -> tuple[datetime | None, str]:
    """What the desk looks at: the nearest due moment of all clocks that run, past when it was missed, and its metric.

    (None, "") when none runs."""
    first = next(iter(running(found)), None)
    return (first.due_at, first.metric) if first is not None else (None, "")


def answer_due(found: tuple[Clock, ...]) -> datetime | None:
    """By when the person was promised an answer (first or next response), if a promise is running."""
    return next((clock.due_at for clock in running(found) if clock.metric in ANSWERS), None)


def told_due(ticket: Ticket, found: tuple[Clock, ...]) -> datetime | None:
    """``answer_due``, or the later moment that the person was told once the first one could not be kept."""
    clock = next((clock for clock in running(found) if clock.metric in ANSWERS), None)
    if clock is None or clock.due_at is None:
        return None
    told = ticket.sla.get("told")
    return (
        max(clock.due_at, datetime.fromisoformat(told["at"]))
        if told and told["clock"] == clock_id(clock)
        else clock.due_at
    )


def due_in_words(session: Session, office: Office, ticket: Ticket, now: datetime, lang: str) -> str:
    """The promised answer time as a person would say it, or "" when none is running or it has already passed."""
    due = told_due(ticket, ticket_clocks(session, office, ticket, now))
    return spoken_time(due, now, office.zone, lang) if due is not None and due > now else ""


def would_be_due_in_words(office: Office, queue: str, priority: str, category: str, now: datetime, lang: str) -> str:
    """By when a person would answer if the ticket were handed over at ``now``, as ``due_in_words``."""
    policy, calendar = office.policy_of(office.promise(queue, priority, category))
    due = answer_due(clocks.run([SlaEvent(now, "escalated")], policy, calendar, now))
    return spoken_time(due, now, office.zone, lang) if due is not None and due > now else ""
