"""What people say that fits nothing known, one by one and many at once. Plain values: naming them needs no numpy."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Saying:
    """One message that fits nothing known. ``at``: seconds since 1970; ``person``: a conversation's id; ``text``: redacted
    and normalised."""

    at: float
    person: int
    ticket: int
    text: str


@dataclass(frozen=True, slots=True)
class Rising:
    """More people than usual say something alike. ``since``: the first of them; ``people``: how many different ones, where
    ``expected`` (a mean) would be usual; ``words``: what most of them say word for word;
    ``examples``: the most typical messages, of different people; ``tickets``: of all of them, oldest first."""

    at: float
    since: float
    people: int
    expected: float
    words: str
    examples: tuple[Saying, ...]
    tickets: tuple[int, ...]
