"""How the service is doing at this moment, in numbers: one short read, bounded by what waits and what is open.

Finished work is not counted, however much of it there is: every query walks an index of what is pending, dead or open.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, Table, bindparam, case, func, literal_column, select
from sqlmodel import Session

from triagebot.desk.steps import BREACH
from triagebot.desk.tickets import HUMAN_STATES, OPEN_STATES
from triagebot.store.clock import database_now
from triagebot.store.columns import UtcDateTime
from triagebot.store.statements import run, table_of
from triagebot.store.tables import Inbox, Lease, Notice, Outbox, Ticket

STATES = (*sorted(OPEN_STATES), "resolved")
"""States that a ticket leaves again; closed and merged ones only grow in number."""
SOON = timedelta(hours=1)

_INBOX, _OUTBOX, _LEASE = table_of(Inbox), table_of(Outbox), table_of(Lease)
_TICKET, _NOTICE = table_of(Ticket), table_of(Notice)


def _depth(box: Table, since: str) -> Select[Any]:
    """What is pending in each channel: how many rows, and when the oldest of them came."""
    queue = (
        select(box.c.channel, func.count().label("depth"), func.min(box.c.id).label("first"))
        .where(box.c.state == literal_column("'pending'")).group_by(box.c.channel).subquery()
    )  # fmt: skip
    return select(queue.c.channel, queue.c.depth, box.c[since].label("since")).join(box, box.c.id == queue.c.first)


def _dead(box: Table) -> Select[Any]:
    return select(func.count()).select_from(box).where(box.c.state == literal_column("'dead'"))


_DEPTHS = {"inbox": _depth(_INBOX, "received_at"), "outbox": _depth(_OUTBOX, "created_at")}
_DEAD = {"inbox": _dead(_INBOX), "outbox": _dead(_OUTBOX)}
_BY_STATE = (
    select(_TICKET.c.status, func.count().label("number"))
    .where(_TICKET.c.status.in_(STATES))
    .group_by(_TICKET.c.status)
)
_LATE = _TICKET.c.next_due_at <= bindparam("now", type_=UtcDateTime)
_DUE = select(
    func.count().label("soon"), func.sum(case((_LATE, 1), else_=0)).label("now"), func.min(_TICKET.c.next_due_at).label("first")
).where(_TICKET.c.next_due_at <= bindparam("soon", type_=UtcDateTime))  # fmt: skip
_BREACHED = (
    select(func.count(_TICKET.c.id.distinct()))
    .join(_NOTICE, _NOTICE.c.ticket_id == _TICKET.c.id)
    .where(_TICKET.c.status.in_(sorted(HUMAN_STATES)), _NOTICE.c.step == BREACH)
)
_HELD = select(_LEASE.c.holder, _LEASE.c.expires_at).where(_LEASE.c.name == bindparam("lease"))


@dataclass(frozen=True)
class Depth:
    """``oldest_s``: wall seconds since the oldest of ``count`` messages came."""

    count: int
    oldest_s: float


@dataclass(frozen=True)
class Held:
    """A lease: whether this process holds it, and for how many seconds it is still held by anybody (0: by nobody)."""

    here: bool
    left_s: float


@dataclass(frozen=True)
class Vitals:
    """``inbox`` and ``outbox``: what is pending, by channel. ``dead``: dead letters, by box. ``tickets``: by state.

    ``due_now``: tickets whose clock has reached a step that was not taken yet, the first of them ``overdue_s`` seconds ago;
    ``due_soon``: those and the ones whose next step comes within SOON. ``breached``: open tickets with a broken promise.
    """

    inbox: Mapping[str, Depth]
    outbox: Mapping[str, Depth]
    dead: Mapping[str, int]
    tickets: Mapping[str, int]
    due_now: int
    due_soon: int
    overdue_s: float
    breached: int
    lease: Held


def read(session: Session, now: datetime, lease: str, holder: str) -> Vitals:
    """``lease``: the name of the one to look at; ``holder``: this process."""
    depths = {
        box: {row.channel: Depth(row.depth, _age(row.since, now)) for row in run(session, query)}
        for box, query in _DEPTHS.items()
    }
    counted = {row.status: row.number for row in run(session, _BY_STATE)}
    due = run(session, _DUE, {"now": now, "soon": now + SOON}).one()
    return Vitals(
        inbox=depths["inbox"],
        outbox=depths["outbox"],
        dead={box: run(session, query).scalar_one() for box, query in _DEAD.items()},
        tickets={state: counted.get(state, 0) for state in STATES},
        due_now=due.now or 0,
        due_soon=due.soon,
        overdue_s=_age(due.first, now),
        breached=run(session, _BREACHED).scalar_one(),
        lease=_held(session, lease, holder, now),
    )


def _held(session: Session, lease: str, holder: str, now: datetime) -> Held:
    row = run(session, _HELD, {"lease": lease}).one_or_none()
    if row is None:
        return Held(here=False, left_s=0.0)
    left = max(0.0, (row.expires_at - database_now(session, now)).total_seconds())
    return Held(here=left > 0 and row.holder == holder, left_s=left)


def _age(since: datetime | None, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds()) if since is not None else 0.0
