"""The staff room: a group in which each ticket that people are responsible for has a topic.

Its name tells how the ticket stands, its first message is the card, below are the person's words; what agents write there is
theirs to the person (flow.staff). What single agents are told stays in their own chats.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, func, select

from triagebot.desk.office import Office
from triagebot.desk.tickets import HUMAN_STATES
from triagebot.locale import say
from triagebot.messages import PRIORITY_NOTICE, PRIORITY_URGENT, Forum, Outgoing
from triagebot.store import outbox
from triagebot.store.tables import Card, Event, Ticket
from triagebot.text import clip

LANG = "zh"
"""What everybody reads together."""
_NAMING = (
    "escalated", "taken", "assigned", "reassigned", "queue_changed", "priority_changed", "category_changed", "pending_user",
    "on_hold", "resumed", "resolved", "reopened", "merged", "closed",
)  # fmt: skip
"""Events after which a ticket's topic may need another name. A person's answer changes it only with the status."""
_LONGEST = 3000


def name_of(ticket: Ticket) -> str:
    return f"topic:{ticket.id}"


def show(session: Session, office: Office, ticket: Ticket, title: str, card: Outgoing, now: datetime) -> None:
    """Open the topic when people become responsible; bring its name (``title``) and its card up to date."""
    human = ticket.status in HUMAN_STATES
    room = office.room
    if room is None or not (human or _is_there(session, office, ticket)):
        return
    last = session.exec(
        select(func.max(Event.id)).where(Event.ticket_id == ticket.id, col(Event.type).in_(_NAMING))
    ).one()
    topic = Outgoing(title, card=name_of(ticket), forum=_state(session, ticket) if human else "close", ticket=ticket.id)
    priority = _priority(ticket)
    outbox.put(
        session,
        room,
        topic,
        now=now,
        priority=priority,
        ticket_id=ticket.id,
        key=f"topic:{ticket.id}:{last}:{ticket.status}",
    )
    words = Outgoing(card.text, card.buttons, card.card, ticket.id, topic=name_of(ticket))
    outbox.put(session, room, words, now=now, priority=priority, ticket_id=ticket.id)


def post(session: Session, office: Office, ticket: Ticket, text: str, now: datetime) -> None:
    """What the person said, into the topic."""
    room = office.room
    if room is not None and text and _is_there(session, office, ticket):
        words = say(LANG, "topic.user_wrote", text=clip(text, _LONGEST))
        outbox.put(session, room, Outgoing(words, topic=name_of(ticket), ticket=ticket.id), now=now,
                   priority=_priority(ticket), ticket_id=ticket.id)  # fmt: skip


def remove(session: Session, office: Office, ticket: Ticket, now: datetime) -> None:
    """The topic and all that was said in it go, with the person's words."""
    room = office.room
    if room is None:
        return
    ref = outbox.ref_of(session, room, name_of(ticket))
    outbox.forget_cards(session, room, (name_of(ticket), f"ticket:{ticket.id}"))
    if ref:
        outbox.put(session, room, Outgoing("", topic=ref, forum="delete"), now=now, priority=PRIORITY_NOTICE)


def ticket_of(session: Session, office: Office, topic: str) -> int | None:
    """The ticket whose topic has the network's id ``topic``."""
    room = office.room
    if room is None or not topic:
        return None
    found = session.exec(
        select(Card.name).where(
            Card.channel == room.channel, Card.bot == room.bot, Card.chat == room.chat, Card.ref == topic
        )
    )
    return next((int(name.removeprefix("topic:")) for name in found if name.startswith("topic:")), None)


def _is_there(session: Session, office: Office, ticket: Ticket) -> bool:
    """It was opened, or will be once what waits has been sent."""
    room = office.room
    return room is not None and (room.channel, room.chat) in outbox.chats_with_card(session, name_of(ticket))


def _state(session: Session, ticket: Ticket) -> Forum:
    """A topic that is open already may be opened again without harm, one that is closed must be."""
    again = select(Event.id).where(Event.ticket_id == ticket.id, Event.type == "reopened").limit(1)
    return "reopen" if session.exec(again).first() is not None else "open"


def _priority(ticket: Ticket) -> int:
    return PRIORITY_URGENT if ticket.priority == "P1" else PRIORITY_NOTICE
