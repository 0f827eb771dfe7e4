"""Messages that say little by themselves: fillers (急, 在吗, ???), bare platform names, and pieces of a longer
story."""

from __future__ import annotations

import re

from triagebot.rulebook.schema import RuleBook
from triagebot.triage.normalise import normalise

_APART = re.compile(r"[\W_]+")
_COUNTING = re.compile(r"\d{1,2}")


class Fragments:
    """The short phrases of a rulebook, made ready for comparing with normalised text."""

    def __init__(self, book: RuleBook) -> None:
        names = (alias for p in book.platforms.values() for alias in (*p.aliases, *p.weak_aliases))
        said = (*book.phrases.filler, *book.phrases.greeting, *names)
        self._empty = frozenset(_squeeze(normalise(phrase)) for phrase in said) | {""}

    def is_filler(self, normal: str) -> bool:
        """Whether nothing in the message says what the problem is: fillers, greetings, emoji, bare platform names or
        counting (1, 22), alone or one after the other."""
        if _squeeze(normal) in self._empty:
            return True
        return all(part in self._empty or _COUNTING.fullmatch(part) for part in _APART.split(normal))


def _squeeze(text: str) -> str:
    return _APART.sub("", text)
