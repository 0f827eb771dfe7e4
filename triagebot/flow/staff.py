"""What an agent types or presses becomes a desk verb; what cannot be done is explained, and nothing is half done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from triagebot.desk import cards, verbs
from triagebot.desk.agents import STAFF
from triagebot.desk.office import Office
from triagebot.errors import ConflictError
from triagebot.locale import say
from triagebot.messages import PRIORITY_REPLY, Address, Incoming, Outgoing
from triagebot.store import inbox, outbox
from triagebot.store.tables import Agent
from triagebot.text import clip

_LONGEST = 3900


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
        text = _do(session, office, agent, incoming, now)
        to = Address(incoming.address.channel, STAFF, incoming.address.chat)
        if text:
            outbox.put(session, to, Outgoing(text=clip(text, _LONGEST)), now=now, priority=PRIORITY_REPLY)
    inbox.done(session, ids, now, holder)


def _do(session: Session, office: Office, agent: Agent, incoming: Incoming, now: datetime) -> str:
    if incoming.kind == "join":
        return say(agent.lang, "join.already")
    name, words = command_of(session, incoming)
    if not name:
        return say(agent.lang, "desk.hint")
    return verbs.attempt(session, office, agent, name, words, now).text


def command_of(session: Session, incoming: Incoming) -> tuple[str, str]:
    """The verb and the words after it; ("", "") when the message is no command.

    A button on a card is the verb with its number; answering a card is a reply to that ticket. What was forwarded is
    somebody else's.
    """
    text = incoming.text.strip()
    if incoming.kind == "press":
        verb, _, number = incoming.action.partition(":")
        return verb, number
    if incoming.kind not in ("text", "empty") or incoming.forwarded:
        return "", ""
    if text.startswith("/"):
        word, words = (*text[1:].split(maxsplit=1), "", "")[:2]
        name = word.partition("@")[0].lower()
        return ("help" if name == "start" else name), words
    ticket = cards.ticket_behind(session, incoming.address, incoming.reply_ref) if incoming.reply_ref else None
    return ("reply", f"{ticket} {text}") if ticket is not None and text else ("", "")
