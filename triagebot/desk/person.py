"""One person as the desk knows them: their tickets and how those ended, what was said last, and all of it to be taken along."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from triagebot.desk import erase, tickets
from triagebot.desk.tickets import OPEN_STATES
from triagebot.desk.watching import subscriptions
from triagebot.errors import DeskError
from triagebot.locale import say
from triagebot.store.tables import Agent, Conversation, Event, Followup, Ticket

_MOST_TICKETS = 100
_MOST_WORDS = 12
_SAID = ("user_replied", "agent_replied")


@dataclass(frozen=True)
class Words:
    """Redacted words of one of them. ``by``: the agent's name, "" for the person."""

    ticket: int
    at: datetime
    by: str
    text: str


@dataclass(frozen=True)
class Person:
    """``tickets``: newest first, the last hundred of ``count``; ``holders``: names by agent's number; ``words``: newest
    first."""

    conversation: Conversation
    count: int
    tickets: tuple[Ticket, ...]
    holders: dict[int, str]
    words: tuple[Words, ...]

    @property
    def open(self) -> list[Ticket]:
        return [ticket for ticket in self.tickets if ticket.status in OPEN_STATES]

    @property
    def erased(self) -> bool:
        return self.conversation.state == erase.ERASED


def person(session: Session, number: int, lang: str) -> Person:
    """Whose conversation has this number. DeskError when there is none."""
    conversation = session.get(Conversation, number)
    if conversation is None:
        raise DeskError(say(lang, "desk.no_such_person"))
    mine = select(Ticket).where(Ticket.conversation_id == number).order_by(col(Ticket.id).desc())
    found = session.exec(mine).all()
    names = select(Agent.id, Agent.name).where(col(Agent.id).in_({t.assignee_id for t in found} - {None}))
    return Person(
        conversation, len(found), tuple(found[:_MOST_TICKETS]), {number or 0: name for number, name in session.exec(names)},
        tuple(_words(session, [ticket.id or 0 for ticket in found])),
    )  # fmt: skip


def _words(session: Session, numbers: Sequence[int]) -> list[Words]:
    query = select(Event).where(col(Event.ticket_id).in_(numbers), col(Event.type).in_(_SAID))
    last = session.exec(query.order_by(col(Event.id).desc()).limit(_MOST_WORDS))
    return [
        Words(event.ticket_id, event.at, str(event.data.get("agent_name", "")) if event.type == "agent_replied" else "",
              str(event.data["text"]))
        for event in last if event.data.get("text")
    ]  # fmt: skip


def export(session: Session, conversations: Sequence[Conversation]) -> list[dict[str, Any]]:
    """All that is kept in these conversations, fit for JSON (redacted, as it is kept)."""
    out: list[dict[str, Any]] = []
    for conversation in conversations:
        mine = select(Ticket).where(Ticket.conversation_id == conversation.id).order_by(col(Ticket.id))
        out.append(
            {
                **conversation.model_dump(mode="json"),
                "followups": [
                    row.model_dump(mode="json")
                    for row in session.exec(select(Followup).where(Followup.conversation_id == conversation.id))
                ],
                "watches": [w.model_dump(mode="json") for w in subscriptions.all_of(session, conversation.id or 0)],
                "tickets": [
                    {**t.model_dump(mode="json"),
                     "events": [e.model_dump(mode="json") for e in tickets.timeline(session, t.id or 0)]}
                    for t in session.exec(mine)
                ],
            }
        )  # fmt: skip
    return out
