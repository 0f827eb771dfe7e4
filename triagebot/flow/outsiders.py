"""Who is no agent and does as if they were: it is written into the audit log, and nothing else comes of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from triagebot.access import audit
from triagebot.desk import tickets
from triagebot.desk.verbs import VERBS
from triagebot.dialogue.signals import COMMANDS
from triagebot.dialogue.step import TRANSITIONS
from triagebot.messages import Incoming

_PRESSES = frozenset(signal for _, signal in TRANSITIONS)
"""What people's own buttons do."""


def note(session: Session, heard: Sequence[Incoming], now: datetime) -> None:
    """A person who talks to the bot as an agent would: they are a person, and are answered as one."""
    for message in heard:
        action, target = _attempted(message)
        if action:
            audit.note(session, now, _who(message), action, target=target, outcome="denied")


def _attempted(message: Incoming) -> tuple[str, str]:
    """(verb, what it is about) when this is how agents speak; ("", "") when it is not."""
    if message.kind == "press":
        name, _, words = message.action.partition(":")
        known = name in VERBS and name not in _PRESSES
    elif message.kind in ("text", "edit") and message.text.lstrip().startswith("/") and not message.forwarded:
        first, _, words = message.text.lstrip()[1:].partition(" ")
        name = first.partition("@")[0].lower()
        known = name in VERBS and name not in COMMANDS
    else:
        return "", ""
    number = tickets.number_in(words.strip().partition(" ")[0])
    return (name, f"ticket:{number}" if number is not None else "") if known else ("", "")


def _who(message: Incoming) -> str:
    return f"user:{message.address.channel}:{message.user or 'anonymous'}"
