"""What people said a message really is about: users by pressing a button, agents by correcting a ticket. From the log.

A supervisor looks each of them over; what they decide is an event of the ticket too, so that it lives where the rules' folder
cannot be written to, and goes into every copy of the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from sqlmodel import Session, col, func, select

from triagebot.access import audit
from triagebot.desk import tickets
from triagebot.desk.office import Office
from triagebot.errors import DeskError
from triagebot.locale import say
from triagebot.rulebook.corrections import fresh
from triagebot.rulebook.repeats import squeeze
from triagebot.rulebook.schema import Corrected
from triagebot.store.tables import Agent, Event, Ticket

Decision = Literal["", "accepted", "rejected"]
"""What a supervisor said of a correction; "": nobody has looked at it yet."""
REVIEWED = "correction_reviewed"
_MADE = ("chosen", "category_changed")
_LOOK_BACK = 200_000
"""Events, counted from the newest: few of them are corrections, and no index knows which."""
MOST_DIGITS = 18
"""No database counts further than this."""
_LONGEST = 300
"""Characters of an example; what is longer tells a story, and its beginning says what it is about."""


@dataclass(frozen=True)
class Correction:
    """``event``: the number of the event in which it was made, on ``ticket``."""

    event: int
    ticket: int
    at: datetime
    row: Corrected
    decision: Decision = ""


def corrections(session: Session, accepted_only: bool = False) -> list[Corrected]:
    """What may become examples, oldest first, in the person's own redacted words: all that nobody rejected, or what was
    accepted. Erased words are gone from here too."""
    wanted = ("accepted",) if accepted_only else ("accepted", "")
    return [found.row for found in made(session) if found.decision in wanted]


def made(session: Session, last: int | None = None) -> list[Correction]:
    """Every correction, oldest first; ``last``: no more than so many of the newest, as far back as a page may look."""
    query = (
        select(Event, Ticket.lang)
        .join(Ticket, col(Ticket.id) == Event.ticket_id)
        .where(col(Event.type).in_(("user_replied", REVIEWED, *_MADE)))
        .order_by(col(Event.id))
    )
    if last is None:
        return list(_read(session.exec(query)))
    lately = (session.exec(select(func.max(Event.id))).one() or 0) - _LOOK_BACK
    newest = select(Event.ticket_id).where(col(Event.id) > lately, col(Event.type).in_(_MADE))
    about = set(session.exec(newest.order_by(col(Event.id).desc()).limit(last)))
    return list(_read(session.exec(query.where(col(Event.ticket_id).in_(about)))))[-last:]


def _read(events: Iterable[tuple[Event, str]]) -> Iterator[Correction]:
    """A decision counts for all corrections that say the same about the same message."""
    said: dict[int, str] = {}
    found: dict[int, Correction] = {}
    decided: dict[tuple[str, str], Decision] = {}
    for event, lang in events:
        if event.type == "user_replied":
            said.setdefault(event.ticket_id, str(event.data.get("text", "")))
        elif event.type == REVIEWED:
            if (reviewed := found.get(event.data["event"])) is not None:
                decided[_key(reviewed.row)] = event.data["decision"]
        elif (row := _corrected(event, lang, said.get(event.ticket_id, ""))) is not None:
            found[event.id or 0] = Correction(event.id or 0, event.ticket_id, event.at, row)
    for correction in found.values():
        yield replace(correction, decision=decided.get(_key(correction.row), ""))


def _key(row: Corrected) -> tuple[str, str]:
    return squeeze(row.text), row.category


def _corrected(event: Event, lang: str, first_words: str) -> Corrected | None:
    chosen = event.type == "chosen"
    text = ", ".join(event.data.get("said", ())) if chosen else first_words
    by: Literal["user", "agent"] = "user" if chosen else "agent"
    by_person = chosen or event.actor.startswith("agent:")
    if not by_person or not text.strip():
        return None
    return Corrected(
        text=text.strip()[:_LONGEST], lang="en" if lang == "en" else "zh", category=event.data["category"], by=by
    )


def to_review(session: Session, office: Office, last: int) -> list[Correction]:
    """Of the ``last`` corrections those that the rules do not hold as examples yet, one a message, newest first."""
    found = made(session, last)
    newest = {correction.row: correction for correction in found}
    return sorted((newest[row] for row in fresh(office.book, (c.row for c in found))), key=lambda c: -c.event)


def review(session: Session, office: Office, agent: Agent, event: int, decision: Decision, now: datetime) -> None:
    """Accept or reject what was said in ``event``, or ("") take that back. DeskError when it is no correction."""
    source = session.get(Event, event)
    ticket = tickets.held(session, source.ticket_id) if source is not None and source.type in _MADE else None
    if ticket is None or decision not in ("", "accepted", "rejected"):
        raise DeskError(say(agent.lang, "desk.no_such_correction"))
    facts = {"event": event, "decision": decision}
    tickets.record(session, office, ticket, REVIEWED, f"agent:{agent.id}", now, facts)
    audit.note(session, now, f"agent:{agent.id}", "correction", target=f"ticket:{ticket.id}", data=facts)


def undecided(found: Sequence[Correction]) -> int:
    return sum(not correction.decision for correction in found)
