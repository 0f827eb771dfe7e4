"""People for whom it is not over, though an incident was said to be: from a few on, supervisors hear so, once."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from triagebot.desk.incident import story
from triagebot.desk.team import agents
from triagebot.locale import say
from triagebot.messages import PRIORITY_NOTICE, Outgoing
from triagebot.store import outbox
from triagebot.store.incident_tables import Incident
from triagebot.store.tables import Ticket

FROM = 3
"""So many different people; our own figure: one or two have a trouble of their own."""


def note(session: Session, incident: Incident, ticket: Ticket, now: datetime) -> None:
    """The person of ``ticket`` says that it is not over for them."""
    story.record(session, incident, "still_failing", "user", now,
                 {"ticket": ticket.id, "conversation": ticket.conversation_id})  # fmt: skip
    session.flush()
    since: set[int] = set()
    end = 0
    for event in story.timeline(session, incident.id or 0):
        if event.type == "resolved":
            since, end = set(), event.id or 0
        elif event.type == "still_failing":
            since.add(event.data["conversation"])
    if len(since) >= FROM:
        _tell(session, incident, len(since), end, now)


def _tell(session: Session, incident: Incident, count: int, end: int, now: datetime) -> None:
    for person in agents.supervisors(session):
        to = agents.address(person)
        if to is not None:
            words = say(person.lang, "notice.still_failing", number=incident.id, title=incident.title, count=count)
            outbox.put(session, to, Outgoing(text=words), now=now, priority=PRIORITY_NOTICE,
                       key=f"still_failing:{end}:{person.id}")  # fmt: skip
