"""Incidents: many people with one trouble, handled as one.

An incident is opened, acknowledged (somebody is at it) and resolved. Tickets are attached to it; when it is resolved, so are
they, and each person hears it once (desk.following).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, func, select

from triagebot.desk import tickets
from triagebot.desk.incident import following, story
from triagebot.desk.office import Office
from triagebot.errors import DeskError
from triagebot.privacy import redact
from triagebot.store.incident_tables import Incident
from triagebot.store.tables import Ticket
from triagebot.text import clip, one_line

STATES = ("open", "acknowledged", "resolved")
_LONGEST_TITLE = 120
_LONGEST_STATUS = 1000


@dataclass(frozen=True)
class Standing:
    """An incident with the number of tickets that are attached to it, of those that are not over, and of their people; of one
    that has none, of those who were counted when it was noticed (a new wording attaches none)."""

    incident: Incident
    tickets: int
    waiting: int
    people: int


def open(
    session: Session, title: str, actor: str, now: datetime, *, category: str = "", platform: str = "",
    signature: str = "", app_version: str = "", since: datetime | None = None, facts: Mapping[str, Any] | None = None,
) -> Incident:  # fmt: skip
    """A new one. ``title`` is for colleagues; people are not told of it. ``since``: when it began, as estimated; ``facts``: for
    its story."""
    incident = Incident(title=one_line(redact(title).text, _LONGEST_TITLE), category=category, platform=platform,
                        signature=signature, app_version=app_version, opened_by=actor, opened_at=now,
                        since=since)  # fmt: skip
    session.add(incident)
    session.flush()
    story.record(session, incident, "opened", actor, now, facts)
    return incident


def get(session: Session, number: int, *, to_change: bool = False) -> Incident:
    """DeskError when there is none of this number. ``to_change``: on PostgreSQL nobody else does until the transaction ends."""
    found = session.get(Incident, number, with_for_update=to_change or None, populate_existing=to_change)
    if found is None:
        raise DeskError(
            f"没有事件 {number}。用 /incidents 看现有事件。 / There is no incident {number}; /incidents lists them."
        )
    return found


def attach(session: Session, office: Office, ticket: Ticket, incident: Incident, facts: dict[str, object], actor: str,
           now: datetime) -> None:  # fmt: skip
    """From now on ``ticket``, which is not over, is part of ``incident``, which is not resolved; of no other any more. What
    people promised it is measured by the incident's targets."""
    promise = _promise(office, ticket, attached=True)
    tickets.record(
        session, office, ticket, "incident_attached", actor, now, {**facts, **promise, "incident": incident.id}
    )


def detach(
    session: Session, office: Office, ticket: Ticket, facts: dict[str, object], actor: str, now: datetime
) -> None:
    """It is looked at by itself again, with the promise of its queue."""
    facts = {**facts, **_promise(office, ticket, attached=False), "incident": ticket.incident_id}
    tickets.record(session, office, ticket, "incident_detached", actor, now, facts)


def _promise(office: Office, ticket: Ticket, *, attached: bool) -> dict[str, object]:
    """Nothing before a person was promised anything, and after a merge, which ended that for good."""
    if ticket.escalated_at is None or ticket.status == "merged":
        return {}
    return {"promise": office.promise_to(ticket, attached=attached)}


def acknowledge(session: Session, incident: Incident, actor: str, now: datetime) -> bool:
    """Somebody is at it; False when that, or its end, was known before."""
    if incident.state != "open":
        return False
    incident.state, incident.acknowledged_at, incident.alert_at = "acknowledged", now, None
    session.add(incident)
    story.record(session, incident, "acknowledged", actor, now)
    return True


def resolve(session: Session, incident: Incident, status_text: str, actor: str, now: datetime) -> bool:
    """It is over, and so are those that it covers; False when it was before. ``status_text`` is told to its people as it
    stands, "" for nothing.

    They are told by the tick, a batch at a time: thousands may be attached."""
    if incident.state == following.RESOLVED:
        return False
    incident.status_text = clip(redact(status_text.strip()).text, _LONGEST_STATUS) or incident.status_text
    for ended in (incident, *_going_parts(session, incident)):
        ended.alert_at = None
        ended.state, ended.resolved_at, ended.resolved_by = following.RESOLVED, now, actor
        session.add(ended)
        story.record(session, ended, "resolved", actor, now, {"text": ended.status_text})
    following.plan_end_of_all(session, incident, now)
    return True


def _going_parts(session: Session, incident: Incident) -> list[Incident]:
    """Those that it covers and that go on; under lock."""
    query = select(Incident).where(Incident.covered_by == incident.id, Incident.state != following.RESOLVED)
    return list(session.exec(query.order_by(col(Incident.id)).with_for_update()))


def reopen(
    session: Session, incident: Incident, actor: str, now: datetime, facts: Mapping[str, Any] | None = None
) -> bool:
    """It is not over after all; False when it was not said to be. Tickets that ended with it come back one by one, when their
    people say so."""
    if incident.state != following.RESOLVED:
        return False
    incident.state, incident.acknowledged_at, incident.resolved_at, incident.resolved_by = "open", None, None, ""
    incident.calm_at = incident.covered_by = None
    session.add(incident)
    story.record(session, incident, "reopened", actor, now, facts)
    return True


def say(session: Session, incident: Incident, text: str, actor: str, now: datetime) -> bool:
    """What its people see about it from now on, "" for nothing; False when it is over, as they were told then."""
    if incident.state == following.RESOLVED:
        return False
    incident.status_text = clip(redact(text.strip()).text, _LONGEST_STATUS)
    session.add(incident)
    story.record(session, incident, "said", actor, now, {"text": incident.status_text})
    return True


def listed(session: Session, *, resolved: bool = False, limit: int = 50) -> list[Standing]:
    """Those that go on, newest first, or those that are over, lately resolved first."""
    over = Incident.state == following.RESOLVED
    order = col(Incident.resolved_at).desc() if resolved else col(Incident.opened_at).desc()
    query = select(Incident).where(over if resolved else ~col(Incident.state).in_((following.RESOLVED,)))
    return standings(session, session.exec(query.order_by(order, col(Incident.id).desc()).limit(limit)).all())


def standings(session: Session, found: Sequence[Incident]) -> list[Standing]:
    """Each of ``found`` with its counts, in the same order."""
    waiting = col(Ticket.status).in_({*tickets.OPEN_STATES, "merged"})
    query = (
        select(Ticket.incident_id, func.count(), func.count().filter(waiting),
               func.count(func.distinct(col(Ticket.conversation_id))))
        .where(col(Ticket.incident_id).in_([incident.id for incident in found]))
        .group_by(col(Ticket.incident_id))
    )  # fmt: skip
    attached = {number: (all, open, people) for number, all, open, people in session.exec(query)}
    without = [incident.id for incident in found if incident.id is not None and incident.id not in attached]
    noticed = story.counted(session, without) if without else {}
    return [Standing(i, *attached.get(i.id, (0, 0, noticed.get(i.id or 0, 0)))) for i in found]


def parts_of(session: Session, incident: Incident) -> list[Incident]:
    """Those that it covers, oldest first."""
    return list(session.exec(select(Incident).where(Incident.covered_by == incident.id).order_by(col(Incident.id))))


def tickets_of(session: Session, incident: Incident, limit: int = 20) -> list[Ticket]:
    """Attached tickets, those that are worked on first."""
    query = select(Ticket).where(Ticket.incident_id == incident.id)
    first = col(Ticket.status).in_(sorted(tickets.HUMAN_STATES)).desc()
    return list(session.exec(query.order_by(first, col(Ticket.id)).limit(limit)))
