"""What people said a message really is about: users by pressing a button, agents by correcting a ticket. From the log."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from sqlmodel import Session, col, select

from triagebot.rulebook.schema import Corrected
from triagebot.store.tables import Event, Ticket

_LONGEST = 300
"""Characters of an example; what is longer tells a story, and its beginning says what it is about."""


def corrections(session: Session) -> list[Corrected]:
    """Every correction, oldest first, in the person's own redacted words; erased words are gone from here too."""
    query = (
        select(Event, Ticket.lang)
        .join(Ticket, col(Ticket.id) == Event.ticket_id)
        .where(col(Event.type).in_(("user_replied", "chosen", "category_changed")))
        .order_by(col(Event.id))
    )
    said: dict[int, str] = {}
    found: list[Corrected] = []
    for event, lang in session.exec(query):
        if event.type == "user_replied":
            said.setdefault(event.ticket_id, str(event.data.get("text", "")))
        else:
            found += _corrected(event, lang, said.get(event.ticket_id, ""))
    return found


def _corrected(event: Event, lang: str, first_words: str) -> Iterator[Corrected]:
    chosen = event.type == "chosen"
    text = ", ".join(event.data.get("said", ())) if chosen else first_words
    by: Literal["user", "agent"] = "user" if chosen else "agent"
    by_person = chosen or event.actor.startswith("agent:")
    if by_person and text.strip():
        yield Corrected(text=text.strip()[:_LONGEST], lang="en" if lang == "en" else "zh",
                        category=event.data["category"], by=by)  # fmt: skip
