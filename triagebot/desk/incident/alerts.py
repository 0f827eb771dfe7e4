"""What supervisors hear of incidents: one notice each, again while nobody acknowledges it, and that it seems to be over.

Quiet hours hold none of it back. Each notice has a key: a late, doubled or killed tick says nothing twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session, col, select

from triagebot.desk.incident import gathering, story
from triagebot.desk.office import Office
from triagebot.desk.team import agents
from triagebot.locale import say
from triagebot.messages import PRIORITY_URGENT, Button, Outgoing
from triagebot.store import outbox
from triagebot.store.incident_tables import Incident
from triagebot.store.tables import Agent
from triagebot.text import span, spoken_time

_ACTOR = "system"


def begin(
    session: Session, office: Office, incident: Incident, kind: str, since: datetime, expected: float, now: datetime
) -> None:
    """Everybody who answers for the desk hears of it. ``kind``: opened | reopened; ``expected``: how many people would be usual
    since ``since``."""
    incident.alerts = 0
    _plan(office, incident, now)
    session.add(incident)
    people = gathering.heads(session, office, incident, since)
    for person in agents.supervisors(session):
        usual = f"{expected:.0f}" if expected >= 1 else say(person.lang, "notice.incident_hardly_any")
        _tell(session, incident, person, f"notice.incident_{kind}", f"{kind}:{now.timestamp():.0f}", now,
              ("incident_ack", "incident"), people=people, expected=usual,
              since=spoken_time(since, now, office.zone, person.lang))  # fmt: skip


def run_due(session: Session, office: Office, now: datetime, limit: int = 20) -> int:
    """Call again about what nobody has acknowledged; returns about how many that was. The last time everybody is called who may
    do something, before that supervisors as long as there are any."""
    query = select(Incident).where(col(Incident.alert_at) <= now).order_by(col(Incident.alert_at)).limit(limit)
    found = session.exec(query.with_for_update(skip_locked=True).execution_options(populate_existing=True)).all()
    for incident in found:
        _call_again(session, office, incident, now)
    return len(found)


def _call_again(session: Session, office: Office, incident: Incident, now: datetime) -> None:
    incident.alerts += 1
    last = incident.alerts >= office.book.incidents.alerts
    _plan(office, incident, now)
    session.add(incident)
    above = agents.supervisors(session)
    called = above if last else [person for person in above if person.role == "supervisor"] or above
    story.record(session, incident, "alerted", _ACTOR, now, {"time": incident.alerts, "to": _names(called)})
    since = incident.since or incident.opened_at
    people = gathering.heads(session, office, incident, since)
    for person in called:
        _tell(session, incident, person, "notice.incident_again", f"again:{now.timestamp():.0f}", now,
              ("incident_ack", "incident"), people=people, time=incident.alerts,
              since=spoken_time(since, now, office.zone, person.lang))  # fmt: skip


def _plan(office: Office, incident: Incident, now: datetime) -> None:
    rules = office.book.incidents
    incident.alert_at = now + span(rules.acknowledge_within) if incident.alerts < rules.alerts else None


def calm(session: Session, office: Office, incident: Incident, now: datetime) -> None:
    """As few people as usual report it since ``calm_at``: a person decides whether it is over."""
    at = incident.calm_at or now
    for person in agents.supervisors(session):
        _tell(session, incident, person, "notice.incident_calm", f"calm:{at.timestamp():.0f}", now,
              ("incident",), since=spoken_time(at, now, office.zone, person.lang))  # fmt: skip


def _tell(
    session: Session, incident: Incident, person: Agent, key: str, name: str, now: datetime, verbs: tuple[str, ...],
    **values: object,
) -> None:  # fmt: skip
    to = agents.address(person)
    if to is None:
        return
    words = say(person.lang, key, number=incident.id, title=incident.title, **values)
    row = tuple(Button(say(person.lang, f"verb.{verb}.button"), f"{verb}:{incident.id}") for verb in verbs)
    outbox.put(session, to, Outgoing(words, (row,)), now=now, priority=PRIORITY_URGENT,
               key=f"incident:{incident.id}:{name}:{person.id}")  # fmt: skip


def _names(people: Iterable[Agent]) -> str:
    return "、".join(person.name for person in people)
