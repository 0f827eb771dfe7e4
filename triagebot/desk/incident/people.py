"""The people of an incident: their tickets become part of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session

from triagebot.desk.incident import incidents, story
from triagebot.desk.office import Office
from triagebot.desk.tickets import OPEN_STATES
from triagebot.store.incident_tables import Incident
from triagebot.store.tables import Ticket


def take_in(
    session: Session, office: Office, incident: Incident, found: Iterable[Ticket], actor: str, now: datetime
) -> int:
    """Attach those of ``found`` that are not over and belong to no incident yet; returns how many that were."""
    taken = [ticket for ticket in found if ticket.status in OPEN_STATES and ticket.incident_id is None]
    for ticket in taken:
        incidents.attach(session, office, ticket, incident, {}, actor, now)
    if taken:
        story.record(session, incident, "taken_in", actor, now, {"tickets": [ticket.id for ticket in taken]})
    return len(taken)
