"""From what a channel delivered to what the person meant: buttons, typed labels and numbers, commands, short phrases."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import re2

from triagebot.dialogue.state import ANOTHER, HOW_LONG, STILL_WAITING, TRIED, WHAT_NOW, WORRIED, Memory, Signal
from triagebot.dialogue.watch_orders import WatchOrders
from triagebot.messages import Incoming
from triagebot.rulebook.schema import RuleBook
from triagebot.triage.normalise import normalise

COMMANDS = frozenset({"start", "help", "status", "human", "language", "privacy", "forgetme", "watch"})
"""Slash commands of users. Whatever follows a slash and is not here gets a friendly list."""

_PUNCTUATION = " 。，、！？!?.,~～…;；:：\"'“”‘’()（）"
SHORT = 40
"""Characters; what is longer is no short phrase."""
_OF_WATCHES = frozenset({"watch", "status"})
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
    """The short phrases of the rules, made ready once for comparing with ``plain`` text: words, and RE2 expressions of which
    ``also`` begins a message and the others are all of it."""

    solved: frozenset[str]
    not_solved: frozenset[str]
    skip: frozenset[str]
    who: frozenset[str]
    what_now: frozenset[str]
    give_up: tuple[Any, ...]
    tried: tuple[Any, ...]
    how_long: tuple[Any, ...]
    still_waiting: tuple[Any, ...]
    worried: tuple[Any, ...]
    also: tuple[Any, ...]
    watch: WatchOrders

    @classmethod
    def of(cls, book: RuleBook) -> Ears:
        said = book.phrases
        words = ("solved", "not_solved", "skip", "who", "what_now")
        expressions = ("give_up", "tried", "how_long", "still_waiting", "worried", "also")
        made: dict[str, Any] = {name: frozenset(map(plain, getattr(said, name))) for name in words}
        made |= {name: tuple(map(re2.compile, getattr(said, name))) for name in expressions}
        return cls(**made, watch=WatchOrders.of(book))

    def press(self, short: str) -> Signal | None:
        """What a short message does by itself, as a button would; None when it must be understood."""
        if (order := self.watch.heard(short)) is not None:
            return Signal("watch", order)
        by_words = {"solved": self.solved, "not_solved": self.not_solved, "skip": self.skip, "who": self.who}
        if _is_all(self.give_up, short):
            return Signal("give_up")
        if _is_all(self.tried, short):
            return Signal("not_solved", TRIED)
        return next((Signal(name) for name, words in by_words.items() if short in words), None)

    def meaning(self, short: str) -> str:
        """What a short message asks beside the problem (``Signal.arg`` of a text), or ""."""
        if short in self.what_now:
            return WHAT_NOW
        asked = {HOW_LONG: self.how_long, STILL_WAITING: self.still_waiting, WORRIED: self.worried}
        return next((name for name, expressions in asked.items() if _is_all(expressions, short)), "")

    def begins_another(self, text: str) -> bool:
        """Whether the person says themselves that something else follows; the expressions stand after a sentence."""
        said = f".{plain(text)}"
        return any(expression.match(said) for expression in self.also)


def _is_all(expressions: tuple[Any, ...], short: str) -> bool:
    return bool(short) and any(expression.fullmatch(short) for expression in expressions)


def press_of(incoming: Incoming, memory: Memory) -> Press | None:
    """The button that was pressed, or meant: typing a label of the last reply, or its number, presses it."""
    if incoming.kind == "press":
        return parse_action(incoming.action)
    if incoming.kind != "text" or len(incoming.text) > SHORT:
        return None
    short = plain(incoming.text)
    by_label = {plain(label): action for label, action in reversed(memory.offered)}
    by_position = {str(position): action for position, (_, action) in enumerate(memory.offered, start=1)}
    action = by_label.get(short) or by_position.get(short)
    return parse_action(action) if short and action else None


def of_watches(incoming: Incoming, press: Press | None, ears: Ears) -> bool:
    """Whether the answer depends on what the person has subscribed to (View.watches). ``press``: as press_of has it."""
    if press is not None:
        return press.verb in _OF_WATCHES
    text = incoming.text.strip()
    if incoming.kind != "text" or len(text) > SHORT:
        return False
    if text.startswith("/"):
        return _command(text) in _OF_WATCHES
    return ears.watch.heard(plain(text)) is not None


def _command(text: str) -> str:
    return text[1:].partition(" ")[0].partition("@")[0].lower()


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
        word = _command(text)
        return Signal(
            f"command:{word if word in COMMANDS else 'unknown'}", arg=text.partition(" ")[2].strip(), text=text
        )
    short = plain(text) if len(text) <= SHORT else ""
    if pressed := ears.press(short):
        return replace(pressed, text=text)
    arg = ears.meaning(short) or (ANOTHER if ears.begins_another(text) else "")
    return Signal("text", arg, text=text, ref=incoming.message_ref)


def superseded(incoming: Incoming, memory: Memory) -> bool:
    """An older version of a message that arrived after a newer one: networks may turn the order around."""
    return incoming.kind in ("text", "edit") and memory.knows_newer(incoming.message_ref, incoming.at.timestamp())
