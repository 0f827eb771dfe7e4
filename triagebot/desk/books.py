"""The books: whether every ticket's row is what its events say, and putting right those that are not.

Tickets are read in batches, in the order of their numbers, so that a million of them need the memory of a few thousand.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import JSON, bindparam, case, func, null, select, type_coerce, update
from sqlmodel import Session

from triagebot.desk.office import Office
from triagebot.desk.replay import PROJECTED, Entry, Finding, faults
from triagebot.desk.ticket_clocks import SLA_EVENTS, Line, clocks_of, nearest_due, next_look
from triagebot.desk.tickets import HUMAN_STATES, PROJECTIONS
from triagebot.sla.clocks import Clock
from triagebot.store.statements import table_of
from triagebot.store.tables import Event, Ticket

BATCH = 2000
_REPAIRS = 500
"""Tickets looked at in one transaction that may change some of them."""
_SLACK = timedelta(minutes=10)
"""Clocks of hosts differ: a sweep may have looked already at what is a little ahead of ours."""

_TICKET, _EVENT = table_of(Ticket), table_of(Event)
_TELLING = sorted(PROJECTIONS.keys() - {"user_replied", "agent_replied"})
"""Events whose data a projection reads; the others' are much to unpack for nothing."""
_BY_CLOCKS = ("next_due_at", "due_at", "due_metric")
_COLUMNS = [_TICKET.c[name] for name in ("id", *PROJECTED, *_BY_CLOCKS)]
_NEXT = select(*_COLUMNS).where(_TICKET.c.id > bindparam("after")).order_by(_TICKET.c.id).limit(bindparam("most"))
_THESE = select(*_COLUMNS).where(_TICKET.c.id.in_(bindparam("numbers", expanding=True))).order_by(_TICKET.c.id)
_LOG = select(
    _EVENT.c.ticket_id, _EVENT.c.id, _EVENT.c.at, _EVENT.c.type, _EVENT.c.actor,
    type_coerce(case((_EVENT.c.type.in_(_TELLING), _EVENT.c.data), else_=null()), JSON),
).order_by(_EVENT.c.ticket_id, _EVENT.c.id)  # fmt: skip
_LOG_OF_NEXT = _LOG.where(_EVENT.c.ticket_id > bindparam("after"), _EVENT.c.ticket_id <= bindparam("last"))
_LOG_OF_THESE = _LOG.where(_EVENT.c.ticket_id.in_(bindparam("numbers", expanding=True)))
_NOTHING: dict[str, Any] = {}

Row = dict[str, Any]
Progress = Callable[[int], None]


def read(
    session: Session, office: Office | None, now: datetime, progress: Progress = lambda done: None
) -> Iterator[Finding]:
    """What is wrong with the projections, ticket by ticket. ``session``: one snapshot, or a service that writes meanwhile
    would look like a mistake. Without an ``office`` (the rules are broken) what clocks say is not looked at."""
    after = done = 0
    while rows := _rows(session, after, BATCH):
        last = rows[-1]["id"]
        logs = _logs(session, _LOG_OF_NEXT, {"after": after, "last": last})
        for row in rows:
            yield from _of_one(office, row, logs[row["id"]], now)
        after, done = last, done + len(rows)
        progress(done)


def count(session: Session) -> int:
    return session.connection().execute(select(func.count()).select_from(_TICKET)).scalar_one()


def rebuild(session: Session, office: Office | None, now: datetime, after: int) -> tuple[list[Finding], int | None]:
    """Put right the rows of the next batch of tickets numbered above ``after``; returns what was changed, and the last number
    looked at (None: that was all). Events are never touched.

    Those that look wrong are locked and looked at again: on PostgreSQL a service may have written between the two reads.
    """
    rows = _rows(session, after, _REPAIRS)
    if not rows:
        return [], None
    last = rows[-1]["id"]
    logs = _logs(session, _LOG_OF_NEXT, {"after": after, "last": last})
    suspect = [row["id"] for row in rows if any(_of_one(office, row, logs[row["id"]], now))]
    changed: list[Finding] = []
    if suspect:
        locked = _mappings(session, _THESE.with_for_update(), {"numbers": suspect})
        logs = _logs(session, _LOG_OF_THESE, {"numbers": suspect})
        for row in locked:
            wrong = [f for f in _of_one(office, row, logs[row["id"]], now) if f.column]
            values = {finding.column: finding.value for finding in wrong}
            if values:
                session.connection().execute(update(_TICKET).where(_TICKET.c.id == row["id"]).values(**values))
            changed += wrong
    return changed, last


def _of_one(office: Office | None, row: Row, log: Sequence[Entry], now: datetime) -> Iterator[Finding]:
    sound = True
    for finding in faults(row["id"], row, log):
        sound = False
        yield finding
    if sound and office is not None:
        if row["escalated_at"] is None:
            yield from _promised_nothing(row)
        elif row["status"] in HUMAN_STATES:
            yield from _not_by_its_clocks(office, row, log, now)


def _promised_nothing(row: Row) -> Iterator[Finding]:
    for column in ("next_due_at", "due_at"):
        if row[column] is not None:
            words = f"{column} is {row[column].isoformat()}, but nobody was promised anything"
            yield Finding(row["id"], words, column, None)


def _not_by_its_clocks(office: Office, row: Row, log: Sequence[Entry], now: datetime) -> Iterator[Finding]:
    story = [Line(e.at, e.type, e.actor, e.data) for e in log if e.type in SLA_EVENTS and e.type != "opened"]
    moment = max(now, *(entry.at for entry in log)) + _SLACK
    ticket = cast(Ticket, _Columns(row))
    clocks = clocks_of(office, ticket, story, moment)
    yield from _look_is_missed(row, next_look(clocks, moment), now)
    yield from _due_differs(row, clocks, moment)


def _look_is_missed(row: Row, ahead: datetime | None, now: datetime) -> Iterator[Finding]:
    """``next_due_at`` depends on when the sweep came by, so not all of it is in the events. What must hold: it is no later
    than the next step of the ticket's clocks, or nobody would look in time. Too early costs a look."""
    planned = row["next_due_at"]
    if ahead is not None and (planned is None or planned > ahead):
        is_ = planned.isoformat() if planned is not None else "not set"
        yield Finding(row["id"], f"next_due_at is {is_}, its clocks say {ahead.isoformat()}", "next_due_at", now)


def _due_differs(row: Row, clocks: tuple[Clock, ...], moment: datetime) -> Iterator[Finding]:
    """Not of a ticket that is looked at before ``moment``: the sweep writes these columns as well."""
    if row["next_due_at"] is not None and row["next_due_at"] <= moment:
        return
    for column, expected in zip(("due_at", "due_metric"), nearest_due(clocks), strict=True):
        if row[column] != expected:
            words = f"{column} is {_shown(row[column])}, its clocks say {_shown(expected)}"
            yield Finding(row["id"], words, column, expected)


def _shown(value: datetime | str | None) -> str:
    return value.isoformat() if isinstance(value, datetime) else value or "not set"


class _Columns:
    """A row that is read like a Ticket."""

    def __init__(self, row: Row) -> None:
        self.sla, self.escalated_at = row["sla"], row["escalated_at"]


def _rows(session: Session, after: int, most: int) -> list[Row]:
    return _mappings(session, _NEXT, {"after": after, "most": most})


def _mappings(session: Session, statement: Any, values: dict[str, Any]) -> list[Row]:
    return [dict(row) for row in session.connection().execute(statement, values).mappings()]


def _logs(session: Session, statement: Any, values: dict[str, Any]) -> dict[int, list[Entry]]:
    found: dict[int, list[Entry]] = defaultdict(list)
    for number, id, at, type, actor, data in session.connection().execute(statement, values):
        found[number].append(Entry(id, at, type, actor, data or _NOTHING))
    return found
