"""The story of an incident: what happened to it, who did it, when. Its tickets have stories of their own."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from triagebot.store.incident_tables import Incident, IncidentEvent


def record(
    session: Session, incident: Incident, type: str, actor: str, now: datetime, data: Mapping[str, Any] | None = None
) -> None:
    """Append what happened. ``type``: opened | acknowledged | said | surged | calmed | covered | uncovered | alerted |
    taken_in | resolved | still_failing | reopened."""
    if incident.id is None:
        raise RuntimeError("the incident has no number yet: flush the session first")
    session.add(IncidentEvent(incident_id=incident.id, at=now, type=type, actor=actor, data=dict(data or {})))


def timeline(session: Session, number: int) -> list[IncidentEvent]:
    """Oldest first."""
    mine = select(IncidentEvent).where(IncidentEvent.incident_id == number)
    return list(session.exec(mine.order_by(col(IncidentEvent.id))))


def counted(session: Session, numbers: Collection[int]) -> dict[int, int]:
    """Incidents among ``numbers`` that were noticed by counting -> the most people of whom their stories speak."""
    query = select(IncidentEvent.incident_id, IncidentEvent.data).where(
        col(IncidentEvent.incident_id).in_(numbers), col(IncidentEvent.type).in_(("opened", "reopened", "surged"))
    )
    most: dict[int, int] = {}
    for number, data in session.exec(query):
        if "people" in data:
            most[number] = max(most.get(number, 0), int(data["people"]))
    return most
