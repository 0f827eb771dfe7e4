"""What an agent types or presses becomes a desk verb; what cannot be done is explained, and nothing is half done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from triagebot.access import audit
from triagebot.desk import cards, tickets, topics, verbs
from triagebot.desk.office import Office
from triagebot.desk.team.agents import STAFF
from triagebot.desk.verbs import VERBS
from triagebot.errors import ConflictError
from triagebot.locale import say
from triagebot.messages import PRIORITY_REPLY, Address, Incoming, Outgoing
from triagebot.store import inbox, outbox
from triagebot.store.tables import Agent
from triagebot.text import clip

_LONGEST = 3900
_NOTE = "//"
_SEEN_IN_TOPIC = ("reply", "note")
"""What a topic shows by itself when it is done: its card is brought up to date."""


def obey(
    session: Session, office: Office, agent_id: int, heard: Sequence[Incoming], ids: Sequence[int], now: datetime,
    holder: str = "",
) -> None:  # fmt: skip
    """Carry out an agent's messages and answer each, in one transaction with the inbox. ``holder`` as in inbox.done.
    ConflictError when they are no agent any more: they are heard as anybody is."""
    agent = session.get(Agent, agent_id)
    if agent is None or not agent.active:
        raise ConflictError(f"agent {agent_id} was removed in between")
    for incoming in heard:
        answer = _do(session, office, agent, incoming, now)
        to = Address(incoming.address.channel, STAFF, incoming.address.chat)
        if answer.text:
            outbox.put(session, to, answer, now=now, priority=PRIORITY_REPLY)
    inbox.done(session, ids, now, holder)


def _do(session: Session, office: Office, agent: Agent, incoming: Incoming, now: datetime) -> Outgoing:
    """What to tell the agent, in their own chat; in the staff room nothing is said that everybody there can see."""
    if incoming.kind == "join":
        return Outgoing(say(agent.lang, "join.already"))
    if incoming.kind == "press" and not incoming.action:
        audit.note(session, now, f"agent:{agent.id}", "press", outcome="denied")
        return Outgoing("")
    ticket = topics.ticket_of(session, office, incoming.topic)
    name, words = command_of(session, incoming, ticket)
    if not name:
        return Outgoing(_hint(agent, incoming, ticket))
    done = verbs.attempt(session, office, agent, name, words, now)
    if ticket is not None and name in _SEEN_IN_TOPIC and done.refusal is None and done.done:
        return Outgoing("")
    chosen = done.done and incoming.kind == "press" and VERBS[name].changes
    is_card = chosen and cards.ticket_behind(session, incoming.address, incoming.message_ref) is not None
    return Outgoing(
        clip(done.text, _LONGEST),
        done.buttons,
        drop_buttons_of=incoming.message_ref if chosen and not is_card else "",
    )


def _hint(agent: Agent, incoming: Incoming, ticket: int | None) -> str:
    """Colleagues also talk with each other: outside of a ticket's topic that is not ours to answer."""
    if not incoming.mine and ticket is None:
        return ""
    return say(agent.lang, "desk.not_sent" if ticket is not None else "desk.hint", number=ticket)


def command_of(session: Session, incoming: Incoming, topic: int | None = None) -> tuple[str, str]:
    """The verb and the words after it; ("", "") when the message is no command.

    A button is the verb with its number, and with what was chosen; answering a card is a reply to that ticket. In the topic
    of a ticket (``topic``: its number) words are a reply, words after ``//`` a note, and a command is about that ticket. What
    was forwarded is somebody else's.
    """
    text = incoming.text.strip()
    if incoming.kind == "press":
        verb, _, rest = incoming.action.partition(":")
        return verb, rest.replace(":", " ", 1)
    if incoming.kind not in ("text", "empty") or incoming.forwarded:
        return "", ""
    if topic is not None and text.startswith(_NOTE):
        return "note", f"{topic} {text.removeprefix(_NOTE).strip()}"
    if text.startswith("/"):
        word, words = (*text[1:].split(maxsplit=1), "", "")[:2]
        name = word.partition("@")[0].lower()
        return ("help" if name == "start" else name), _about(name, words, topic)
    if topic is not None:
        return ("reply", f"{topic} {text}") if text else ("", "")
    ticket = cards.ticket_behind(session, incoming.address, incoming.reply_ref) if incoming.reply_ref else None
    return ("reply", f"{ticket} {text}") if ticket is not None and text else ("", "")


def _about(name: str, words: str, topic: int | None) -> str:
    verb = verbs.VERBS.get(name)
    if topic is None or verb is None or not verb.ticket or tickets.number_in(words.partition(" ")[0]) is not None:
        return words
    return f"{topic} {words}".rstrip()
