"""Tables about many people at once: incidents with their stories, silences, what the detector has learned; and who wants to
hear of what. As in tables.py, times have a zone and texts are redacted."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from triagebot.store.columns import BigId, facts, index_where, moment, number

GOING = ("open", "acknowledged")


class Incident(SQLModel, table=True):
    """Many people with one trouble. ``state``: open | acknowledged | resolved. ``opened_by``, ``resolved_by``: an actor as in
    events. ``status_text``: what a supervisor says about it, shown to the people concerned.

    ``category``, ``platform``, ``signature``, ``app_version``: whom it concerns, "" for any; a ``platform`` alone covers all
    categories whose reports may be an outage. ``since``: when it began, as estimated; null where nobody did.
    ``calm_at``: since when no more people than usual come, null while they do. ``covered_by``: a wider incident of which this
    one is a part; its people are told by that one. ``alerts``: how often somebody was called because nobody acknowledged it,
    ``alert_at``: when the next time is, null for none."""

    __table_args__ = (
        Index("ix_incident_state", "state", "opened_at"),
        index_where("alert_at IS NOT NULL", "ix_incident_alert", "alert_at"),
    )

    id: int | None = number()
    title: str
    category: str = ""
    platform: str = ""
    signature: str = ""
    app_version: str = ""
    state: str = "open"
    status_text: str = ""
    opened_by: str = ""
    resolved_by: str = ""
    opened_at: datetime = moment()
    acknowledged_at: datetime | None = moment(nullable=True)
    resolved_at: datetime | None = moment(nullable=True)
    since: datetime | None = moment(nullable=True)
    calm_at: datetime | None = moment(nullable=True)
    covered_by: int | None = Field(default=None, foreign_key="incident.id", index=True, sa_type=BigId)
    alerts: int = 0
    alert_at: datetime | None = moment(nullable=True)


class IncidentEvent(SQLModel, table=True):
    """What happened to an incident: append only. ``actor``: user | bot | system | agent:<id>. What happened to its tickets is
    in their own logs."""

    __tablename__ = "incident_event"
    __table_args__ = (Index("ix_incident_event", "incident_id", "id"),)

    id: int | None = number()
    incident_id: int = Field(foreign_key="incident.id", sa_type=BigId)
    at: datetime = moment()
    type: str
    actor: str
    data: dict[str, Any] = facts()


class Silence(SQLModel, table=True):
    """Surges that are expected until ``until`` (works on a platform, say): no incident is opened. ``category``, ``platform``:
    "" for any. ``ended_at``: when somebody ended it before its time."""

    __table_args__ = (Index("ix_silence_until", "until"),)

    id: int | None = number()
    category: str = ""
    platform: str = ""
    reason: str = ""
    by: str = ""
    at: datetime = moment()
    until: datetime = moment()
    ended_at: datetime | None = moment(nullable=True)


class SeriesState(SQLModel, table=True):
    """What the detector has learned about one series of reports (detect.series), as of ``at``. The row "" holds how far it has
    read the log."""

    __tablename__ = "series_state"

    key: str = Field(primary_key=True)
    at: datetime = moment()
    data: dict[str, Any] = facts()


class Watch(SQLModel, table=True):
    """What a person wants to hear of unasked, until they say stop. ``kind``: reminder (to query one's own report, every
    ``months``, counted from ``created_at``) | news (of incidents of ``platform``). ``state``: on | off; off is kept: who said
    stop is not asked again. ``next_at``: when something is to be said, null for nothing.

    Of news: ``incident_id`` is the incident of which the person is to hear, or whose end they wait for; ``heard``: they know of
    its beginning; ``told_at``: when they last heard of a beginning."""

    __table_args__ = (
        UniqueConstraint("conversation_id", "kind", "platform"),
        index_where("next_at IS NOT NULL", "ix_watch_next", "next_at"),
    )

    id: int | None = number()
    conversation_id: int = Field(foreign_key="conversation.id", index=True, sa_type=BigId)
    kind: str
    platform: str = ""
    months: int = 0
    state: str = "on"
    next_at: datetime | None = moment(nullable=True)
    incident_id: int | None = Field(default=None, foreign_key="incident.id", index=True, sa_type=BigId)
    heard: bool = False
    told_at: datetime | None = moment(nullable=True)
    created_at: datetime = moment()
