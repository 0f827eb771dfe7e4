"""The live board: tickets in columns by queue, or one list, as plain rows; a constant number of statements whatever is open.

Most urgent first: P1, then what is due soonest, then by priority and age.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, bindparam, case, func, or_, select
from sqlmodel import Session

from triagebot.desk.finding.filters import KINDS, ME, Asking
from triagebot.desk.finding.find import Query
from triagebot.desk.finding.search import conditions, numbers
from triagebot.desk.office import Office
from triagebot.desk.steps import name_of
from triagebot.desk.team import agents
from triagebot.desk.ticket_clocks import MEASURED_ANEW
from triagebot.desk.tickets import HUMAN_STATES
from triagebot.store.statements import run, table_of
from triagebot.store.tables import Agent, Conversation, Event, Ticket

PAGE = 40
"""Rows of a column at a time."""
HOT, SOON = timedelta(minutes=15), timedelta(hours=1)
_MOST_FOUND = 1000
"""So many of the newest tickets that hold the words are looked at."""
_NEAR = 200
"""PostgreSQL hands out numbers before transactions end: an event may be seen after some that have higher numbers."""

Order = Literal["due", "newest", "priority"]
SlaState = Literal["late", "hot", "soon", "calm", "paused", "none"]

_TICKET, _EVENT, _AGENT, _CONVERSATION = (table_of(model) for model in (Ticket, Event, Agent, Conversation))
_URGENT = (case((_TICKET.c.priority == "P1", 0), else_=1), _TICKET.c.due_at.asc().nulls_last())
_ORDERS: dict[Order, tuple[Any, ...]] = {
    "due": (*_URGENT, _TICKET.c.priority, _TICKET.c.id),
    "newest": (_TICKET.c.id.desc(),),
    "priority": (_TICKET.c.priority, _TICKET.c.due_at.asc().nulls_last(), _TICKET.c.id),
}


def _newest(*what: ColumnElement[bool]) -> ScalarSelect[Any]:
    return select(func.max(_EVENT.c.id)).where(_EVENT.c.ticket_id == _TICKET.c.id, *what).scalar_subquery()


_WARNED = _newest(
    _EVENT.c.type == "sla_warned", _EVENT.c.data["metric"].as_string() == _TICKET.c.due_metric,
    _EVENT.c.data["step"].as_string() == bindparam("last_warning"),
)  # fmt: skip
# After these, and but for the resolution after an answer, a warning is about a clock that no longer runs.
_SET_BACK = _newest(
    or_(
        _EVENT.c.type.in_(sorted(MEASURED_ANEW)),
        and_(_EVENT.c.type == "agent_replied", _TICKET.c.due_metric != "resolution"),
    )
)
_SHOWN = (
    *(_TICKET.c[name] for name in ("id", "priority", "category", "platform", "status", "queue", "due_at", "due_metric",
                                   "summary", "tags", "snoozed_until", "created_at", "escalated_at")),
    _CONVERSATION.c.user_name, _AGENT.c.name.label("holder"),
    _newest().label("last_event"), _WARNED.label("warned"), _SET_BACK.label("set_back"),
)  # fmt: skip
_LAST = select(func.max(_EVENT.c.id))
_NEAR_LAST = select(func.count()).select_from(_EVENT).where(_EVENT.c.id > bindparam("after"))
_TICKET_OF = _EVENT.c.ticket_id + 0
"""SQLite would walk along all events in the order of their tickets, to have them without doubles."""
_CHANGED = select(_TICKET_OF).distinct().where(_EVENT.c.id > bindparam("after")).order_by(_TICKET_OF)


@dataclass(frozen=True)
class View:
    """What an agent wants to see. ``queues``: only these, () for all. ``query``: further words and filters. ``columns``: by
    queue, else one list. ``page``: from 0, of each column. ``snoozed``: also what was put off until later."""

    queues: tuple[str, ...] = ()
    states: frozenset[str] = HUMAN_STATES
    mine: bool = False
    tag: str = ""
    priorities: frozenset[str] = frozenset()
    query: Query = field(default_factory=Query)
    order: Order = "due"
    columns: bool = True
    page: int = 0
    snoozed: bool = True


@dataclass(frozen=True)
class Row:
    """One ticket at a glance. ``holder``, ``person``: names, "" for none. ``waiting_since``: when it came to people, or
    began."""

    number: int
    priority: str
    category: str
    platform: str
    status: str
    queue: str
    holder: str
    person: str
    due_at: datetime | None
    due_metric: str
    sla: SlaState
    summary: str
    waiting_since: datetime
    tags: tuple[str, ...]
    snoozed_until: datetime | None
    last_event: int


@dataclass(frozen=True)
class Column:
    """``queue``: "" for the one list, and for tickets that no queue has yet. ``count``, ``late``: of all its tickets, not only
    of the ``rows`` on this page."""

    queue: str
    count: int
    late: int
    rows: tuple[Row, ...]


class Version(NamedTuple):
    """Another one means that something happened: the newest event, and how many there are close to it."""

    event: int
    near: int


def board(session: Session, office: Office, agent: Agent, view: View, now: datetime) -> tuple[Column, ...]:
    """The columns of the agent's queues in the order of the rules, also empty ones; or one. DeskError as ``search.numbers``."""
    where = _where(session, agent, view, now)
    counts = {row.queue: row for row in run(session, _counts(where, now))}
    rows: dict[str, list[Row]] = {}
    last_warning = name_of(max(office.book.sla.warn_at, default=1.0))
    for row in run(session, _rows(where, view), {"last_warning": last_warning}):
        rows.setdefault(row.queue if view.columns else "", []).append(_row(row, now))
    if not view.columns:
        total, late = (sum(getattr(row, name) for row in counts.values()) for name in ("number", "late"))
        return (Column("", total, late, tuple(rows.get("", ()))),)
    return tuple(
        Column(queue, counts[queue].number if queue in counts else 0, counts[queue].late if queue in counts else 0,
               tuple(rows.get(queue, ())))
        for queue in _queues(office, agent, view, counts)
    )  # fmt: skip


def version(session: Session) -> Version:
    last: int = run(session, _LAST).scalar_one() or 0
    return Version(last, run(session, _NEAR_LAST, {"after": last - _NEAR}).scalar_one())


def changed_since(session: Session, event: int) -> list[int]:
    """Tickets to which something happened after ``event`` (Version.event); perhaps some more, never one too few."""
    return list(run(session, _CHANGED, {"after": event - _NEAR}).scalars())


def sla_state(status: str, due_at: datetime | None, warned: bool, now: datetime) -> SlaState:
    """``warned``: the last warning before ``due_at`` lies behind."""
    if due_at is None:
        return "paused" if status in ("pending", "on_hold") else "none"
    if due_at < now:
        return "late"
    if warned or due_at - now < HOT:
        return "hot"
    return "soon" if due_at - now < SOON else "calm"


def _where(session: Session, agent: Agent, view: View, now: datetime) -> list[ColumnElement[bool]]:
    where = conditions(session, agent, view.query, now)
    where.append(_TICKET.c.status.in_(sorted(view.states)))
    if view.queues:
        where.append(_TICKET.c.queue.in_(view.queues))
    if view.priorities:
        where.append(_TICKET.c.priority.in_(sorted(view.priorities)))
    if view.mine:
        where.append(KINDS["assignee"].where(ME, Asking(agent.id, now)))
    if view.tag:
        where.append(KINDS["tag"].where(view.tag, Asking(agent.id, now)))
    if not view.snoozed:
        where.append(func.coalesce(_TICKET.c.snoozed_until <= now, True))
    if view.query.words or view.query.without:
        found = numbers(session, agent, view.query, now, _MOST_FOUND)
        where.append(_TICKET.c.id.in_([number for _, number in found]))
    return where


def _counts(where: Sequence[ColumnElement[bool]], now: datetime) -> Select[Any]:
    late = func.sum(case((_TICKET.c.due_at < now, 1), else_=0))
    return (
        select(_TICKET.c.queue, func.count().label("number"), late.label("late"))
        .where(*where)
        .group_by(_TICKET.c.queue)
    )


def _rows(where: Sequence[ColumnElement[bool]], view: View) -> Select[Any]:
    """The page of each column; what is shown is looked up for its rows only."""
    order = _ORDERS[view.order]
    place = func.row_number().over(partition_by=_TICKET.c.queue if view.columns else None, order_by=order)
    ranked = select(_TICKET.c.id, place.label("place")).where(*where).subquery("ranked")
    first = view.page * PAGE
    return (
        select(*_SHOWN)
        .select_from(ranked)
        .join(_TICKET, _TICKET.c.id == ranked.c.id)
        .join(_CONVERSATION, _CONVERSATION.c.id == _TICKET.c.conversation_id)
        .outerjoin(_AGENT, _AGENT.c.id == _TICKET.c.assignee_id)
        .where(ranked.c.place > first, ranked.c.place <= first + PAGE)
        .order_by(ranked.c.place)
    )


def _queues(office: Office, agent: Agent, view: View, counts: dict[str, Any]) -> list[str]:
    """In the order of the rules; one that left them comes last, as long as it has tickets."""
    known = [queue for queue in office.book.queues if agents.may(agent, "supervisor") or agents.works_on(agent, queue)]
    wanted = [queue for queue in known if not view.queues or queue in view.queues]
    return [*wanted, *sorted(counts.keys() - set(wanted))]


def _row(row: Any, now: datetime) -> Row:
    warned = row.warned is not None and row.warned > (row.set_back or 0)
    return Row(
        number=row.id, priority=row.priority, category=row.category, platform=row.platform, status=row.status,
        queue=row.queue, holder=row.holder or "", person=row.user_name, due_at=row.due_at, due_metric=row.due_metric,
        sla=sla_state(row.status, row.due_at, warned, now), summary=row.summary,
        waiting_since=row.escalated_at or row.created_at, tags=tuple(tag for tag in row.tags.split(",") if tag),
        snoozed_until=row.snoozed_until, last_event=row.last_event or 0,
    )  # fmt: skip
