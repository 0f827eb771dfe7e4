"""Open tickets keep what they were promised until somebody applies the present rules to them: here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, func, select

from triagebot.desk import cards, tickets
from triagebot.desk.office import Office
from triagebot.desk.ticket_clocks import Line, Story, clock_id, clocks_of, stories
from triagebot.desk.tickets import HUMAN_STATES
from triagebot.store.tables import Ticket

_CHANGED = "policy_changed"


@dataclass(frozen=True)
class Moved:
    """A clock that still waits: by when before, by when under the present rules; None: no due moment."""

    metric: str
    old_due_at: datetime | None
    new_due_at: datetime | None

    def to_json(self) -> dict[str, Any]:
        old, new = (at.isoformat() if at else None for at in (self.old_due_at, self.new_due_at))
        return {"metric": self.metric, "old_due_at": old, "new_due_at": new}


@dataclass(frozen=True)
class Change:
    """One ticket whose promise is not what the rules say now. Versions are those of rules/sla.yaml."""

    ticket: int
    queue: str
    priority: str
    old_version: int | None
    new_version: int
    clocks: tuple[Moved, ...]

    def to_json(self) -> dict[str, Any]:
        plain = {"ticket": self.ticket, "queue": self.queue, "priority": self.priority}
        versions = {"old_version": self.old_version, "new_version": self.new_version}
        return {**plain, **versions, "clocks": [moved.to_json() for moved in self.clocks]}


def look(
    session: Session, office: Office, now: datetime, queue: str = "", after: int = 0, limit: int = 200
) -> tuple[list[Change], int | None]:
    """What would change for open tickets numbered above ``after``, and the last number looked at; None: that was all."""
    found, told = _batch(session, queue, after, limit)
    changes = [_change(office, ticket, told[ticket.id or 0], now) for ticket in found if _differs(office, ticket)]
    return changes, found[-1].id if found else None


def apply(
    session: Session, office: Office, now: datetime, queue: str = "", after: int = 0, limit: int = 200
) -> tuple[list[Change], int | None]:
    """As ``look``, and promises it: open, unbroken clocks are measured anew (docs/sla.md, rule 8)."""
    found, told = _batch(session, queue, after, limit, to_change=True)
    differing = [ticket for ticket in found if _differs(office, ticket)]
    changes = [_change(office, ticket, told[ticket.id or 0], now) for ticket in differing]
    for ticket in differing:
        facts = {"promise": _present(office, ticket), "was": ticket.sla.get("version")}
        tickets.record(session, office, ticket, _CHANGED, "system", now, facts)
    for ticket in differing:
        cards.refresh(session, office, ticket, now)
    return changes, found[-1].id if found else None


def without_calendar(session: Session, office: Office) -> dict[str, int]:
    """Calendars that open tickets were promised an answer on and that the rules no longer have, with how many tickets."""
    name = col(Ticket.sla)["calendar"].as_string()
    query = select(name, func.count()).where(col(Ticket.status).in_(sorted(HUMAN_STATES))).group_by(name)
    return {name: count for name, count in session.exec(query) if name and name not in office.calendars}


def _batch(
    session: Session, queue: str, after: int, limit: int, *, to_change: bool = False
) -> tuple[list[Ticket], dict[int, Story]]:
    query = select(Ticket).where(col(Ticket.status).in_(sorted(HUMAN_STATES)), col(Ticket.id) > after)
    if queue:
        query = query.where(Ticket.queue == queue)
    query = query.order_by(col(Ticket.id)).limit(limit)
    found = list(session.exec(query.with_for_update() if to_change else query))
    return found, stories(session, found)


def _present(office: Office, ticket: Ticket) -> dict[str, Any]:
    return office.promise_to(ticket)


def _differs(office: Office, ticket: Ticket) -> bool:
    return {key: value for key, value in ticket.sla.items() if key != "told"} != _present(office, ticket)


def _change(office: Office, ticket: Ticket, story: Story, now: datetime) -> Change:
    present = _present(office, ticket)
    before = {clock_id(c): c for c in clocks_of(office, ticket, story, now) if not c.ended_by}
    changed = [*story, Line(now, _CHANGED, "system", {"promise": present})]
    after = {clock_id(c): c for c in clocks_of(office, ticket, changed, now) if not c.ended_by}
    moved = []
    for name in dict.fromkeys((*before, *after)):
        old, new = before.get(name), after.get(name)
        clock = old or new
        if clock is not None:
            moved.append(Moved(clock.metric, old.due_at if old else None, new.due_at if new else None))
    return Change(ticket=ticket.id or 0, queue=ticket.queue, priority=ticket.priority,
                  old_version=ticket.sla.get("version"), new_version=present["version"], clocks=tuple(moved))  # fmt: skip
