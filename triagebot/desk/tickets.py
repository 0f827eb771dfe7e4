"""The ticket is its event log: ``record`` is the only place that writes an event and the columns projected from it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from triagebot.desk import ticket_clocks
from triagebot.desk.finding import indexing
from triagebot.desk.office import Office
from triagebot.errors import DeskError
from triagebot.sla.clocks import Clock
from triagebot.store import later
from triagebot.store.passages import Log
from triagebot.store.tables import Conversation, Event, Ticket

HUMAN_STATES = frozenset({"queued", "assigned", "pending", "on_hold"})
"""A person is responsible; the bot no longer tries to solve it by itself."""
OPEN_STATES = HUMAN_STATES | {"bot"}
PRIORITIES = ("P1", "P2", "P3", "P4")
"""Most urgent first."""
REOPEN_WITHIN = timedelta(days=7)
"""Wall time after a resolution in which a ticket may be reopened; common desk practice."""

_APPEND = Log()
_OF = (
    select(Ticket)
    .where(
        Ticket.conversation_id == bindparam("conversation"),
        col(Ticket.status).in_(bindparam("states", expanding=True)),
    )
    .order_by(col(Ticket.id))
)

_MOST_DIGITS = 18
"""No database counts further than this."""

Project = Callable[[Ticket, Mapping[str, Any], datetime], None]


def _opened(t: Ticket, d: Mapping[str, Any], at: datetime) -> None:
    t.category, t.platform, t.priority = d["category"], d["platform"], d["priority"]


def _classified(t: Ticket, d: Mapping[str, Any], at: datetime) -> None:
    t.category = d.get("category", t.category)
    t.platform = d.get("platform", t.platform)
    if t.status == "bot":
        t.priority = d.get("priority", t.priority)


def _escalated(t: Ticket, d: Mapping[str, Any], at: datetime) -> None:
    t.status, t.queue, t.priority = "queued", d["queue"], d["priority"]
    _promised(t, d, at)
    t.category = d.get("category", t.category)
    t.escalated_at = t.escalated_at or at


def _user_replied(t: Ticket, d: Mapping[str, Any], at: datetime) -> None:
    if t.status == "pending":
        _resumed(t, d, at)


def _taken(t: Ticket, d: Mapping[str, Any], at: datetime) -> None:
    t.status, t.assignee_id = "assigned", d["agent"]


def _agent_replied(t: Ticket, d: Mapping[str, Any], at: datetime) -> None:
    t.first_response_at = t.first_response_at or at


def _queue_changed(t: Ticket, d: Mapping[str, Any], at: datetime) -> None:
    t.status, t.queue, t.assignee_id, t.snoozed_until = "queued", d["queue"], None, None
    _promised(t, d, at)


def _returned(t: Ticket, d: Mapping[str, Any], at: datetime) -> None:
    """One that waits for its person goes on waiting; what was put aside by who is gone comes back."""
    t.assignee_id, t.snoozed_until = None, None
    if t.status == "assigned":
        t.status = "queued"


def _priority_changed(t: Ticket, d: Mapping[str, Any], at: datetime) -> None:
    t.priority = d["priority"]
    if "promise" in d:
        _promised(t, d, at)


def _promised(t: Ticket, d: Mapping[str, Any], at: datetime) -> None:
    """What the person was told stays told, whatever is promised now."""
    told = {"told": t.sla["told"]} if "told" in t.sla else {}
    t.sla = {**d["promise"], **told}


def _user_warned(t: Ticket, d: Mapping[str, Any], at: datetime) -> None:
    t.sla = {**t.sla, "told": {"clock": d["clock"], "at": d["told_at"]}}


def _waiting(status: str) -> Project:
    def project(t: Ticket, d: Mapping[str, Any], at: datetime) -> None:
        t.status = status

    return project


def _over(status: str) -> Project:
    def project(t: Ticket, d: Mapping[str, Any], at: datetime) -> None:
        t.status, t.snoozed_until = status, None

    return project


def _resumed(t: Ticket, d: Mapping[str, Any], at: datetime) -> None:
    t.status = "bot" if t.escalated_at is None else "assigned" if t.assignee_id else "queued"


def _resolved(t: Ticket, d: Mapping[str, Any], at: datetime) -> None:
    t.status, t.resolved_at, t.snoozed_until = "resolved", at, None


def _reopened(t: Ticket, d: Mapping[str, Any], at: datetime) -> None:
    """With a promise: it comes back from a merge, which had ended what was promised (desk.following)."""
    t.resolved_at = None
    if "promise" in d:
        t.queue, t.escalated_at = d["queue"], t.escalated_at or at
        _promised(t, d, at)
    _resumed(t, d, at)


def _rated(t: Ticket, d: Mapping[str, Any], at: datetime) -> None:
    t.rating = d["stars"]


def _tagged(t: Ticket, d: Mapping[str, Any], at: datetime) -> None:
    t.tags = _joined({*t.tags.split(","), *d.get("tags", "").split(",")})


def _untagged(t: Ticket, d: Mapping[str, Any], at: datetime) -> None:
    t.tags = _joined({*t.tags.split(",")} - {*d.get("tags", "").split(",")})


def _joined(tags: set[str]) -> str:
    return ",".join(sorted(tags - {""}))


def _snoozed(t: Ticket, d: Mapping[str, Any], at: datetime) -> None:
    t.snoozed_until = datetime.fromisoformat(d["until"])


def _woken(t: Ticket, d: Mapping[str, Any], at: datetime) -> None:
    t.snoozed_until = None


def _attached(t: Ticket, d: Mapping[str, Any], at: datetime) -> None:
    t.incident_id = d["incident"]
    if "promise" in d:
        _promised(t, d, at)


def _detached(t: Ticket, d: Mapping[str, Any], at: datetime) -> None:
    t.incident_id = None
    if "promise" in d:
        _promised(t, d, at)


def _erased(t: Ticket, d: Mapping[str, Any], at: datetime) -> None:
    """Tags are words about the person: they are gone from the events too (desk.erase)."""
    t.tags = ""


PROJECTIONS: dict[str, Project] = {
    "opened": _opened,
    "classified": _classified,
    "category_changed": _classified,
    "escalated": _escalated,
    "user_replied": _user_replied,
    "taken": _taken,
    "assigned": _taken,
    "reassigned": _taken,
    "returned": _returned,
    "agent_replied": _agent_replied,
    "queue_changed": _queue_changed,
    "priority_changed": _priority_changed,
    "policy_changed": _promised,
    "user_warned": _user_warned,
    "pending_user": _waiting("pending"),
    "on_hold": _waiting("on_hold"),
    "resumed": _resumed,
    "resolved": _resolved,
    "reopened": _reopened,
    "rated": _rated,
    "merged": _over("merged"),
    "closed": _over("closed"),
    "tagged": _tagged,
    "untagged": _untagged,
    "snoozed": _snoozed,
    "woken": _woken,
    "incident_attached": _attached,
    "incident_detached": _detached,
    "erased": _erased,
}
"""What each event changes in the ticket's row; events that are not here only tell a story."""


def record(
    session: Session,
    office: Office,
    ticket: Ticket,
    type: str,  # the field's word, as in the events table and interface.md
    actor: str,
    now: datetime,
    data: Mapping[str, Any] | None = None,
    *,
    look: bool = True,
) -> None:
    """Append an event and bring the ticket's columns, and its due moments, up to date in the same transaction.

    ``look=False``: whoever calls works out the due moments of many tickets and sets them.
    """
    facts = dict(data or {})
    row = {"ticket_id": _number(ticket), "at": now, "type": type, "actor": actor, "data": facts}
    later.add(session, _APPEND, {**row, "grams": indexing.grams_of(session, ticket, type, facts)})
    project = PROJECTIONS.get(type)
    if project is not None:
        project(ticket, facts, now)
    ticket.updated_at = now
    if look and ticket.escalated_at is not None and type in ticket_clocks.SLA_EVENTS:
        clocks = ticket_clocks.ticket_clocks(session, office, ticket, now)
        ticket.next_due_at = _next_look(clocks, ticket, type, now)
        ticket.due_at, ticket.due_metric = ticket_clocks.nearest_due(clocks)
    if ticket not in session:  # to add what is there already costs as much as all of the above
        session.add(ticket)


def _next_look(clocks: tuple[Clock, ...], ticket: Ticket, type: str, now: datetime) -> datetime | None:
    """A look that is due stays due: what passed a moment ago must not be lost because something else happened."""
    if ticket.next_due_at is not None and ticket.next_due_at <= now:
        return ticket.next_due_at
    if type in ticket_clocks.MEASURED_ANEW and ticket_clocks.any_passed(clocks, now):
        return now
    return ticket_clocks.next_look(clocks, now)


@dataclass(frozen=True)
class Opening:
    """A ticket to be. ``facts``: category, platform, priority, and what else to keep."""

    conversation: Conversation
    lang: str
    facts: Mapping[str, Any]
    summary: str


def open_all(session: Session, office: Office, openings: Sequence[Opening], now: datetime) -> list[Ticket]:
    """New self-service tickets (no human clock yet), in the order of ``openings``; all of them in one statement."""
    opened = [
        Ticket(conversation_id=new.conversation.id or 0, lang=new.lang or "zh", summary=new.summary, created_at=now,
               updated_at=now)
        for new in openings
    ]  # fmt: skip
    for ticket, new in zip(opened, openings, strict=True):
        _opened(ticket, new.facts, now)
    session.add_all(opened)
    session.flush()
    for ticket, new in zip(opened, openings, strict=True):
        record(session, office, ticket, "opened", "bot", now, new.facts)
    return opened


def number_in(word: str) -> int | None:
    """The ticket number that an agent wrote (``12``, ``#12``), or None when it is none."""
    digits = word.lstrip("#")
    return int(digits) if digits.isdecimal() and len(digits) <= _MOST_DIGITS else None


def get(session: Session, number: int, *, to_change: bool = False) -> Ticket:
    """DeskError when there is no such ticket. ``to_change``: on PostgreSQL nobody else does until the transaction ends."""
    ticket = session.get(Ticket, number, with_for_update=to_change or None, populate_existing=to_change)
    if ticket is None:
        raise DeskError(
            f"没有工单 #{number}。用 /queue 看现有工单。 / There is no ticket #{number}; /queue lists them."
        )
    return ticket


def held(session: Session, number: int | None) -> Ticket | None:
    """To record something: as it is now, and on PostgreSQL nobody else changes it until the transaction ends. Without that
    its row could end up as another process's event says, though this one's comes later in the log."""
    return session.get(Ticket, number, with_for_update=True, populate_existing=True) if number is not None else None


def held_all(session: Session, numbers: Collection[int]) -> list[Ticket]:
    """As ``held``, all that exist of them."""
    query = select(Ticket).where(col(Ticket.id).in_(sorted(set(numbers)))).order_by(col(Ticket.id)).with_for_update()
    return list(session.exec(query, execution_options={"populate_existing": True}))


def open_of(session: Session, conversation_id: int, states: Collection[str] = OPEN_STATES) -> list[Ticket]:
    """A person's tickets that are not over, oldest first."""
    return list(session.execute(_OF, {"conversation": conversation_id, "states": list(states)}).scalars())


def timeline(session: Session, number: int) -> list[Event]:
    return list(session.exec(select(Event).where(Event.ticket_id == number).order_by(col(Event.id))))


def _number(ticket: Ticket) -> int:
    if ticket.id is None:
        raise RuntimeError("the ticket has no number yet: flush the session first")
    return ticket.id
