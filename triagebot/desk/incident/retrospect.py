"""What is known of an incident afterwards, as facts: how fast it was noticed, how many it concerned, what they were told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, func, select

from triagebot.desk.incident import curve, story
from triagebot.desk.incident.curve import Curve
from triagebot.desk.office import Office
from triagebot.store.incident_tables import Incident, IncidentEvent
from triagebot.store.tables import Event, Ticket

_OF_IT = ("incident_attached", "incident_detached", "resolved")
_WORDS = ("user_replied", "user_sent")
_AT_ONCE = 5000


@dataclass(frozen=True)
class PostMortem:
    """``people``, ``tickets``: whom it concerned, those excepted that a colleague took out again; ``messages``: how often they
    wrote from its beginning to its end. ``told``: tickets whose person heard of the end; ``not_over``: of these, the ones whose
    person said that it still fails."""

    incident: Incident
    story: tuple[IncidentEvent, ...]
    curve: Curve
    people: int
    tickets: int
    messages: int
    told: int
    not_over: int

    @property
    def detected_after_s(self) -> float | None:
        """From its beginning to when it was opened; None where nobody said when it began."""
        return _seconds(self.incident.since, self.incident.opened_at)

    @property
    def acknowledged_after_s(self) -> float | None:
        """From when it was opened."""
        return _seconds(self.incident.opened_at, self.incident.acknowledged_at)

    @property
    def resolved_after_s(self) -> float | None:
        """From its beginning, or from when it was opened where nobody said when it began."""
        return _seconds(self.incident.since or self.incident.opened_at, self.incident.resolved_at)

    def to_json(self) -> dict[str, Any]:
        """Moments in UTC, ISO 8601; durations in seconds."""
        c = self.curve
        return {
            "incident": self.incident.model_dump(mode="json"),
            "detected_after_s": self.detected_after_s, "acknowledged_after_s": self.acknowledged_after_s,
            "resolved_after_s": self.resolved_after_s, "people": self.people, "tickets": self.tickets,
            "messages": self.messages, "told": self.told, "not_over": self.not_over,
            "reported": {"since": c.since.isoformat(), "people": c.so_far, "usual": c.usual_so_far},
            "peak": {"at": c.start(c.peak).isoformat(), "bin_s": c.width.total_seconds(), "people": c.people[c.peak],
                     "usual": c.usual[c.peak] if c.usual else None},
            "timeline": [event.model_dump(mode="json", exclude={"id", "incident_id"}) for event in self.story],
        }  # fmt: skip


def of(session: Session, office: Office, incident: Incident, now: datetime) -> PostMortem:
    """Up to ``now``: of one that goes on it is a draft."""
    fates = _fates(session, incident)
    mine = [number for number, fate in fates.items() if fate.concerned]
    begin, end = incident.since or incident.opened_at, incident.resolved_at or now
    return PostMortem(
        incident=incident, story=tuple(story.timeline(session, incident.id or 0)),
        curve=curve.of(session, office, incident, now), people=_people(session, mine), tickets=len(mine),
        messages=_messages(session, mine, begin, end), told=sum(fate.told for fate in fates.values()),
        not_over=sum(fate.not_over for fate in fates.values()),
    )  # fmt: skip


@dataclass
class _Fate:
    """Of one ticket in the incident."""

    concerned: bool = True
    told: bool = False
    not_over: bool = False


def _fates(session: Session, incident: Incident) -> Mapping[int, _Fate]:
    """By ticket, from what was recorded about it and this incident."""
    query = select(Event.ticket_id, Event.type, Event.actor).where(
        col(Event.type).in_(_OF_IT), col(Event.at) >= incident.opened_at,
        col(Event.data)["incident"].as_integer() == incident.id,
    )  # fmt: skip
    found: dict[int, _Fate] = {}
    for number, type, actor in session.exec(query.order_by(col(Event.id))):
        fate = found.setdefault(number, _Fate())
        if type == "incident_attached":
            fate.concerned = True
        elif type == "resolved":
            fate.told = True
        elif actor == "user":
            fate.not_over = fate.told
        elif not fate.told:
            fate.concerned = False
    return found


def _people(session: Session, numbers: Sequence[int]) -> int:
    whose: set[int] = set()
    for part in _parts(numbers):
        whose.update(session.exec(select(Ticket.conversation_id).where(col(Ticket.id).in_(part))))
    return len(whose)


def _messages(session: Session, numbers: Sequence[int], begin: datetime, end: datetime) -> int:
    count = 0
    for part in _parts(numbers):
        query = select(func.count()).where(
            col(Event.ticket_id).in_(part), col(Event.type).in_(_WORDS), col(Event.at) >= begin, col(Event.at) <= end
        )
        count += session.exec(query).one()
    return count


def _parts(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    """No database takes any number of values in one statement."""
    for begin in range(0, len(numbers), _AT_ONCE):
        yield numbers[begin : begin + _AT_ONCE]


def _seconds(begin: datetime | None, end: datetime | None) -> float | None:
    return (end - begin).total_seconds() if begin is not None and end is not None else None
