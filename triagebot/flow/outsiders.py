"""Who is no agent and does as if they were: it is written into the audit log, and nothing else comes of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from triagebot.access import audit
from triagebot.desk import tickets, topics
from triagebot.desk.office import Office
from triagebot.desk.verbs import VERBS
from triagebot.dialogue.signals import COMMANDS
from triagebot.dialogue.step import TRANSITIONS
from triagebot.locale import say
from triagebot.messages import PRIORITY_NOTICE, Incoming, Outgoing
from triagebot.store import inbox, outbox

_PRESSES = frozenset(signal for _, signal in TRANSITIONS)
"""What people's own buttons do."""


def turn_away(
    session: Session, office: Office, heard: Sequence[Incoming], ids: Sequence[int], now: datetime, holder: str = ""
) -> None:
    """Words in the staff room, and presses that we did not make, of who is no agent. Once they are told why nothing happens."""
    for message in heard:
        action, target = _attempted(message)
        number = topics.ticket_of(session, office, message.topic) if message.kind != "press" else None
        if not action and number is not None:
            action, target = "reply", f"ticket:{number}"
        if action:
            _note(session, message, action, target, now)
        if action and message.kind != "press" and office.room is not None:
            words = Outgoing(say(topics.LANG, "topic.no_agent"), topic=f"topic:{number}" if number is not None else "")
            outbox.put(session, office.room, words, now=now, priority=PRIORITY_NOTICE,
                       key=f"no_agent:{_who(message)}")  # fmt: skip
    inbox.done(session, ids, now, holder)


def note(session: Session, heard: Sequence[Incoming], now: datetime) -> None:
    """A person who talks to the bot as an agent would: they are a person, and are answered as one."""
    for message in heard:
        action, target = _attempted(message)
        if action:
            _note(session, message, action, target, now)


def _attempted(message: Incoming) -> tuple[str, str]:
    """(verb, what it is about) when this is how agents speak; ("", "") when it is not."""
    if message.kind == "press":
        name, _, words = message.action.partition(":")
        if not name:
            return "press", ""
        known = name in VERBS and name not in _PRESSES
    elif message.kind in ("text", "edit") and message.text.lstrip().startswith("/") and not message.forwarded:
        first, _, words = message.text.lstrip()[1:].partition(" ")
        name = first.partition("@")[0].lower()
        known = name in VERBS and name not in COMMANDS
    else:
        return "", ""
    number = tickets.number_in(words.strip().partition(" ")[0])
    return (name, f"ticket:{number}" if number is not None else "") if known else ("", "")


def _note(session: Session, message: Incoming, action: str, target: str, now: datetime) -> None:
    audit.note(session, now, _who(message), action, target=target, outcome="denied")


def _who(message: Incoming) -> str:
    return f"user:{message.address.channel}:{message.user or 'anonymous'}"
