"""From what a channel delivered to what the person meant: buttons, typed labels and numbers, commands, short phrases."""

from __future__ import annotations

from dataclasses import dataclass

from triagebot.dialogue.state import WHAT_NOW, Memory, Signal
from triagebot.messages import Incoming
from triagebot.rulebook.schema import RuleBook
from triagebot.triage.normalise import normalise

COMMANDS = frozenset({"start", "help", "status", "human", "language", "privacy", "forgetme"})
"""Slash commands of users. Whatever follows a slash and is not here gets a friendly list."""

_PUNCTUATION = " 。，、！？!?.,~～…;；:：\"'“”‘’()（）"
_MOST_DIGITS = 18
"""No database counts further than this: a longer number is no ticket's."""


@dataclass(frozen=True)
class Press:
    """A button's action taken apart: ``verb[:arg][:ticket]``."""

    verb: str
    arg: str
    number: int | None


def parse_action(action: str) -> Press:
    verb, _, rest = action.partition(":")
    arg, _, last = rest.rpartition(":")
    if last.isdecimal() and len(last) <= _MOST_DIGITS:
        return Press(verb, arg, int(last))
    return Press(verb, rest, None)


def plain(text: str) -> str:
    """A short message without what people put around it, for comparing with phrases."""
    return normalise(text).strip(_PUNCTUATION)


@dataclass(frozen=True)
class Ears:
    """The short phrases of the rules, made ready once for comparing with ``plain`` text."""

    solved: frozenset[str]
    not_solved: frozenset[str]
    skip: frozenset[str]
    who: frozenset[str]
    what_now: frozenset[str]

    @classmethod
    def of(cls, book: RuleBook) -> Ears:
        said = book.phrases
        lists = (said.solved, said.not_solved, said.skip, said.who, said.what_now)
        return cls(*(frozenset(map(plain, words)) for words in lists))


def press_of(incoming: Incoming, memory: Memory) -> Press | None:
    """The button that was pressed, or meant: typing a label of the last reply, or its number, presses it."""
    if incoming.kind == "press":
        return parse_action(incoming.action)
    if incoming.kind != "text" or len(incoming.text) > 40:
        return None
    short = plain(incoming.text)
    by_label = {plain(label): action for label, action in reversed(memory.offered)}
    by_position = {str(position): action for position, (_, action) in enumerate(memory.offered, start=1)}
    action = by_label.get(short) or by_position.get(short)
    return parse_action(action) if short and action else None


def read(incoming: Incoming, memory: Memory, ears: Ears) -> Signal:
    """The signal without its verdict; ``text`` signals are judged by triage afterwards."""
    text = incoming.text.strip()
    press = press_of(incoming, memory)
    if press is not None:
        return Signal(press.verb, press.arg, text=text)
    if incoming.kind not in ("text", "edit"):
        return Signal(f"kind:{incoming.kind}", text=text)
    if not text:
        return Signal("kind:empty")
    if incoming.kind == "edit":
        return Signal("text", text=text, edited=True, ref=incoming.message_ref, at=incoming.at.timestamp())
    if text.startswith("/"):
        word = text[1:].partition(" ")[0].partition("@")[0].lower()
        return Signal(
            f"command:{word if word in COMMANDS else 'unknown'}", arg=text.partition(" ")[2].strip(), text=text
        )
    short = plain(text) if len(text) <= 40 else ""
    if short in ears.solved:
        return Signal("solved", text=text)
    if short in ears.not_solved:
        return Signal("not_solved", text=text)
    if short in ears.skip:
        return Signal("skip", text=text)
    if short in ears.who:
        return Signal("who", text=text)
    return Signal("text", WHAT_NOW if short in ears.what_now else "", text=text, ref=incoming.message_ref)


def superseded(incoming: Incoming, memory: Memory) -> bool:
    """An older version of a message that arrived after a newer one: networks may turn the order around."""
    return incoming.kind in ("text", "edit") and memory.knows_newer(incoming.message_ref, incoming.at.timestamp())
