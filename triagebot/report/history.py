"""Tickets that can matter for a stretch of time, with their events, streamed in one query."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, cast

from sqlalchemy import JSON, Select, case, null, or_, select, type_coerce
from sqlmodel import Session

from triagebot.desk.office import Office
from triagebot.desk.periods import Period
from triagebot.desk.replay import Standing
from triagebot.desk.ticket_clocks import SLA_EVENTS, Line, clocks_of
from triagebot.desk.tickets import HUMAN_STATES, PROJECTIONS
from triagebot.sla.clocks import Clock
from triagebot.store.statements import table_of
from triagebot.store.tables import Event, Ticket

_TICKET, _EVENT = table_of(Ticket), table_of(Event)
_TYPES = sorted(SLA_EVENTS | PROJECTIONS.keys())
_WORDS_ONLY = ("user_replied", "agent_replied")
"""Their data are what people wrote: much to read, nothing to count."""
_BATCH = 2000
_NOTHING: dict[str, Any] = {}


@dataclass
class Story:
    """A ticket up to a moment: its events in the order in which they were recorded, what its row said then, and from
    when to when people were responsible for it (the last end is None while they are)."""

    ticket: int
    lines: list[Line]
    standing: Standing
    with_people: list[tuple[datetime, datetime | None]]

    def clocks(self, office: Office, until: datetime) -> tuple[Clock, ...]:
        told = [line for line in self.lines if line.type in SLA_EVENTS]
        return clocks_of(office, cast(Ticket, self.standing), told, until)


def _alive(period: Period) -> Select[Any]:
    """Every event of a ticket moves its ``updated_at``: what was last touched before the period can only matter if people
    still have it. Ordered so that the primary key and ``ix_event_ticket`` deliver without sorting."""
    data = case((_EVENT.c.type.in_(_WORDS_ONLY), null()), else_=_EVENT.c.data)
    return (
        select(_EVENT.c.ticket_id, _EVENT.c.at, _EVENT.c.type, _EVENT.c.actor, type_coerce(data, JSON))
        .join_from(_TICKET, _EVENT, _EVENT.c.ticket_id == _TICKET.c.id)
        .where(
            _TICKET.c.created_at < period.until,
            or_(_TICKET.c.updated_at >= period.since, _TICKET.c.status.in_(sorted(HUMAN_STATES))),
            _EVENT.c.at < period.until,
            _EVENT.c.type.in_(_TYPES),
        )
        .order_by(_TICKET.c.id, _EVENT.c.id)
    )


def tickets(session: Session, period: Period) -> Iterator[tuple[int, list[Line]]]:
    """(number, events before the end of ``period``) of each ticket that something can have happened to in ``period``, or
    that was with people in it. Never more than a few thousand events in memory."""
    rows = session.connection().execute(_alive(period).execution_options(yield_per=_BATCH))
    for number, events in groupby(rows, key=lambda row: row[0]):
        yield int(number), [Line(at, type, actor, data or _NOTHING) for _, at, type, actor, data in events]


def told(ticket: int, lines: list[Line], until: datetime) -> Story:
    """The story as it stood at ``until``: what came later has not happened yet."""
    if lines and lines[-1].at >= until:
        lines = [line for line in lines if line.at < until]
    standing = Standing()
    row = cast(Ticket, standing)
    with_people: list[tuple[datetime, datetime | None]] = []
    for line in lines:
        project = PROJECTIONS.get(line.type)
        if project is None:
            continue
        project(row, line.data, line.at)
        there = standing.status in HUMAN_STATES
        open_since = with_people[-1][0] if with_people and with_people[-1][1] is None else None
        if there and open_since is None:
            with_people.append((line.at, None))
        elif not there and open_since is not None:
            with_people[-1] = (open_since, line.at)
    return Story(ticket, lines, standing, with_people)
