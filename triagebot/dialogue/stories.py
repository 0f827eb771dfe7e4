"""One story in several messages: a later sentence may lean elsewhere and still be about the same problem."""

from __future__ import annotations

from datetime import timedelta

from triagebot.dialogue.state import ANOTHER, Draft, Signal
from triagebot.triage.verdict import Verdict

SURELY = 0.8
_TO_TURN = 0.9
"""Help for something else is given on likelihood alone only from here on: 我没设过密码 is about a file as well as a log-in."""
_TOLD_WITHIN = timedelta(minutes=10)
"""People tell what happened in one go; our own figure."""


def goes_on(d: Draft, s: Signal, v: Verdict) -> bool:
    """Whether ``v``, another problem by itself, belongs to the one that the bot has just been told of.

    It does not when it is danger, when the person says that something else follows, and when both likelihood and the
    rules name a problem that has nothing to do with this one.
    """
    ticket = d.ticket
    if ticket is None or ticket.status != "bot" or ticket.opened_at is None:
        return False
    if d.now - ticket.opened_at > _TOLD_WITHIN or v.priority == "P1" or s.arg == ANOTHER:
        return False
    return _akin(d, v) or v.decision == "ask" or v.confidence < SURELY or not _named(d, v)


def turns(d: Draft, s: Signal, v: Verdict) -> bool:
    """Whether the story now turns out to be about a problem akin to the one so far: that one's help is what fits."""
    known = v.decision == "answer" and v.scope == "message" and (v.confidence >= _TO_TURN or _named(d, v))
    return known and v.category != d.memory.category and _akin(d, v) and goes_on(d, s, v)


def _akin(d: Draft, v: Verdict) -> bool:
    """Neighbours in the rules, or both of them steps on the way to the report."""
    now, other = d.book.categories.get(d.memory.category), d.book.categories.get(v.handled_as)
    if now is None or other is None:
        return False
    return other.id in now.neighbours or now.id in other.neighbours or (now.on_the_way and other.on_the_way)


def _named(d: Draft, v: Verdict) -> bool:
    """Whether an expression of the category itself was found, not only one that speaks against others."""
    rules = d.book.categories[v.category]
    return any(pattern.id in v.rules for pattern in rules.patterns if pattern.weight in ("strong", "alarm"))
