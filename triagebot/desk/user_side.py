"""What the desk says to the person behind a ticket: one place that puts words into their chat and into the log."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session

from triagebot.desk import tickets
from triagebot.desk.office import Office
from triagebot.locale import say
from triagebot.messages import PRIORITY_REPLY, PRIORITY_ROUND, PRIORITY_URGENT, Address, Button, Outgoing
from triagebot.store import outbox
from triagebot.store.tables import Conversation, Ticket

Buttons = tuple[tuple[Button, ...], ...]


def tell(
    session: Session, office: Office, ticket: Ticket, text: str, now: datetime, *, type: str = "bot_replied",
    actor: str = "bot", buttons: Buttons = (), data: Mapping[str, Any] | None = None, focus: bool = True,
    priority: int = PRIORITY_REPLY,
) -> None:  # fmt: skip
    """Say ``text`` to the person of ``ticket`` and write it into the log as an event of ``type``.

    ``focus``: what the person says next is about this ticket. ``priority``: among what else is to be sent (messages); with a
    ticket in P1 it is urgent.
    """
    conversation = conversation_of(session, ticket)
    tickets.record(session, office, ticket, type, actor, now, {"text": text, **(data or {})})
    if focus:
        conversation.ticket_id = ticket.id
    conversation.memory = {**conversation.memory, "offered": _typeable(buttons)}
    conversation.version += 1
    session.add(conversation)
    outbox.put(
        session,
        Address(conversation.channel, conversation.bot, conversation.chat),
        Outgoing(text=text, buttons=buttons, ticket=ticket.id),
        now=now,
        priority=PRIORITY_URGENT if ticket.priority == "P1" else priority,
        ticket_id=ticket.id,
    )


def tell_unasked(session: Session, conversation: Conversation, text: str, now: datetime, buttons: Buttons) -> None:
    """Say ``text`` to somebody who asked to be told some day: it is about no ticket, and lets everything else go first."""
    conversation.memory = {**conversation.memory, "offered": _typeable(buttons)}
    conversation.version += 1
    session.add(conversation)
    to = Address(conversation.channel, conversation.bot, conversation.chat)
    outbox.put(session, to, Outgoing(text=text, buttons=buttons), now=now, priority=PRIORITY_ROUND)


def _typeable(buttons: Buttons) -> list[list[str]]:
    """What a typed label or position presses from now on (dialogue.state.Memory.offered): the buttons of this message
    and no older ones. Of stars nothing: the figure 5 means five stars, not the fifth button."""
    offered = [[b.label, b.action] for row in buttons for b in row]
    return [] if any(action.startswith("rate:") for _, action in offered) else offered


def conversation_of(session: Session, ticket: Ticket) -> Conversation:
    conversation = session.get(Conversation, ticket.conversation_id)
    if conversation is None:
        raise LookupError(f"ticket {ticket.id} has no conversation: the database is damaged; run: triagebot db check")
    return conversation


def rating_buttons(ticket: Ticket, lang: str) -> Buttons:
    """One to five, and the way back when it is not solved after all."""
    stars = tuple(Button(say(lang, f"rate.{n}"), f"rate:{n}:{ticket.id}") for n in range(5, 0, -1))
    return (stars, (Button(say(lang, "button.reopen"), f"reopen:{ticket.id}"),))
