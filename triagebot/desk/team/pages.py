"""What the people of the on-call chain read: a call with its two buttons, and later, in its place, how it ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from triagebot.desk import cards
from triagebot.desk.office import Office
from triagebot.desk.team import agents
from triagebot.locale import say
from triagebot.messages import PRIORITY_NOTICE, PRIORITY_URGENT, Button, Outgoing
from triagebot.store import outbox
from triagebot.store.tables import Agent, Page, Ticket
from triagebot.text import spoken_span


def put(session: Session, office: Office, ticket: Ticket, page: Page, person: Agent, now: datetime) -> None:
    """Each call is a message of its own, which rings, and is never folded into others."""
    to = agents.address(person)
    if to is None:
        return
    lang = person.lang
    words = say(lang, "page.call", number=ticket.id, category=office.title(ticket.category, lang),
                queue=office.queue_title(ticket.queue, lang),
                span=spoken_span((page.until - now).total_seconds(), lang))  # fmt: skip
    due = cards.due_line(session, office, ticket, lang, now)
    buttons = (
        (Button(say(lang, "page.take"), f"take:{ticket.id}"), Button(say(lang, "page.ack"), f"ack:{ticket.id}")),
    )
    message = Outgoing("\n".join(line for line in (words, due) if line), buttons, card=_name(page), ticket=ticket.id)
    outbox.put(session, to, message, now=now, priority=PRIORITY_URGENT, ticket_id=ticket.id, key=_name(page))


def close(session: Session, ticket: Ticket, run: Sequence[Page], why: str, who: str, now: datetime) -> None:
    """The last call that each person had says how it ended, and has no buttons any more."""
    for page in {page.agent_id: page for page in run}.values():
        person = session.get(Agent, page.agent_id)
        to = agents.address(person) if person is not None and person.active else None
        if person is None or to is None:
            continue
        words = say(person.lang, "page.closed", number=ticket.id, how=how(person.lang, why, who))
        outbox.put(session, to, Outgoing(words, card=_name(page), ticket=ticket.id), now=now, priority=PRIORITY_NOTICE,
                   ticket_id=ticket.id)  # fmt: skip


def how(lang: str, why: str, who: str) -> str:
    """How calling ended: ``why`` as in the event, ``who`` did it, "" for nobody."""
    return say(lang, f"paging.{why}_by" if who else f"paging.{why}", agent=who)


def _name(page: Page) -> str:
    return f"page:{page.ticket_id}:{page.round}:{page.step}"
