"""The story of an incident: what happened to it, who did it, when. Its tickets have stories of their own."""

from __future__ import annotations

from collections.abc import Mapping
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
