"""What stands on a card beside the problem itself: tags, until when it is aside, the incident, the stars."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from triagebot.desk.afterwards import ratings
from triagebot.desk.office import Office
from triagebot.locale import say
from triagebot.store.incident_tables import Incident
from triagebot.store.tables import Ticket
from triagebot.text import one_line, spoken_time


def lines(session: Session, office: Office, ticket: Ticket, lang: str, now: datetime) -> list[str]:
    """One line each, for what there is."""
    found = []
    if ticket.tags:
        found.append(say(lang, "card.tags", tags=" ".join(f"#{tag}" for tag in ticket.tags.split(","))))
    if ticket.snoozed_until is not None:
        found.append(say(lang, "card.snoozed", at=spoken_time(ticket.snoozed_until, now, office.zone, lang)))
    incident = session.get(Incident, ticket.incident_id) if ticket.incident_id is not None else None
    if incident is not None:
        found.append(say(lang, "card.incident", number=incident.id, title=one_line(incident.title, 60),
                         state=say(lang, f"incident.{incident.state}")))  # fmt: skip
    if ticket.rating is not None:
        found.append(_stars(session, ticket, ticket.rating, lang))
    return found


def _stars(session: Session, ticket: Ticket, stars: int, lang: str) -> str:
    why = ratings.reasons(session, [ticket.id or 0])[ticket.id or 0] if stars <= ratings.LOW else ()
    if not why:
        return say(lang, "card.rated", stars=stars)
    return say(lang, "card.rated_because", stars=stars, reason=one_line(say(lang, "list.separator").join(why), 120))
