"""Whose reports are about an incident: how many people that is, and which of their tickets are taken in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from triagebot.desk.incident import grouping, people, reports
from triagebot.desk.office import Office
from triagebot.desk.tickets import OPEN_STATES
from triagebot.detect.series import Series
from triagebot.store.incident_tables import GOING, Incident
from triagebot.store.tables import Event, Ticket
from triagebot.text import span

_ACTOR = "system"
_DANGER = "P1"
_MOST = 100_000


def heads(session: Session, office: Office, incident: Incident, since: datetime) -> int:
    """How many different people reported it since ``since``."""
    rules = office.book.incidents
    found = reports.since(session, since, limit=_MOST)
    return len({report.person for _, report in found if grouping.is_its_own(incident, report, rules)})


def catch_up(session: Session, office: Office, now: datetime, limit: int = 200) -> int:
    """Take in the tickets that fit an incident which goes on and that are part of none; returns how many that were.

    Not those of danger, not those that somebody took out of an incident, and none once as few people as usual report it."""
    query = select(Incident).where(
        col(Incident.state).in_(GOING), col(Incident.since).is_not(None), col(Incident.calm_at).is_(None),
        col(Incident.covered_by).is_(None),
    )  # fmt: skip
    going = session.exec(query.order_by(col(Incident.id))).all()
    return sum(take_in(session, office, incident, now, limit) for incident in going)


def take_in(session: Session, office: Office, incident: Incident, now: datetime, limit: int = 200) -> int:
    """As ``catch_up``, for one."""
    categories = [c for c in office.book.categories if _fits(office, incident, c)]
    if incident.since is None or not categories:
        return 0
    back = span(office.book.incidents.attach_back)
    was_out = sa.exists().where(col(Event.ticket_id) == col(Ticket.id), col(Event.type) == "incident_detached")
    query = select(Ticket).where(
        col(Ticket.status).in_(sorted(OPEN_STATES)), col(Ticket.updated_at) >= now - back,
        col(Ticket.created_at) >= max(incident.since, incident.opened_at - back), col(Ticket.incident_id).is_(None),
        col(Ticket.category).in_(categories), Ticket.priority != _DANGER, ~was_out,
    )  # fmt: skip
    if incident.platform:
        query = query.where(Ticket.platform == incident.platform)
    locked = query.order_by(col(Ticket.id)).limit(limit).with_for_update(skip_locked=True)
    found: Iterable[Ticket] = session.exec(locked.execution_options(populate_existing=True)).all()
    if incident.signature or incident.app_version:
        found = _saying_so(session, office, incident, found, now - back)
    return people.take_in(session, office, incident, found, _ACTOR, now)


def _fits(office: Office, incident: Incident, category: str) -> bool:
    series = grouping.series_of(incident)
    named = category == series.category or (not series.category and bool(series.platform))
    return named and grouping.is_outage(office.book.incidents, Series(category, series.platform))


def _saying_so(
    session: Session, office: Office, incident: Incident, found: Iterable[Ticket], begin: datetime
) -> list[Ticket]:
    """Those of ``found`` whose people wrote the wording, or named the version, that the incident is about."""
    told = reports.with_tickets(session, begin, limit=_MOST)
    mine = {number for _, number, report in told if grouping.is_its_own(incident, report, office.book.incidents)}
    return [ticket for ticket in found if ticket.id in mine]
