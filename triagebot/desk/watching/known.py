"""Which incidents people who watch a platform are told of, and what they are called to them."""

from __future__ import annotations

from sqlmodel import Session, col, select

from triagebot.desk.office import Office
from triagebot.locale import say
from triagebot.store.incident_tables import GOING, Incident


def told(office: Office, incident: Incident) -> bool:
    """Whether it is news: of a platform, no part of a wider one, and of no category whose people have their own advice."""
    if incident.platform not in office.book.platforms or incident.platform == "unknown":
        return False
    if incident.covered_by is not None:
        return False
    rules = office.book.incidents.of(incident.category, incident.platform) if incident.category else None
    return rules is None or rules.tell


def all_going(session: Session, office: Office) -> list[Incident]:
    """Those that people are told of and that go on, oldest first."""
    query = select(Incident).where(col(Incident.state).in_(GOING), Incident.platform != "").order_by(col(Incident.id))
    return [incident for incident in session.exec(query) if told(office, incident)]


def going(session: Session, office: Office, platform: str) -> Incident | None:
    """The oldest of ``platform``."""
    return next((incident for incident in all_going(session, office) if incident.platform == platform), None)


def what(office: Office, incident: Incident, lang: str) -> str:
    """Its trouble in people's words; its title is for colleagues."""
    if incident.category in office.book.categories:
        return office.title(incident.category, lang)
    return say(lang, "watch.many_things")
