"""Short questions beside the problem: they get their answer, and what was being talked about goes on."""

from __future__ import annotations

from triagebot.dialogue import advice, handover
from triagebot.dialogue.state import HOW_LONG, STILL_WAITING, WORRIED, Draft, Signal
from triagebot.locale import say
from triagebot.messages import Button


def answered(d: Draft, s: Signal, category: str) -> bool:
    """Whether ``s`` is such a question and was answered here. ``category``: the problem at hand, "" for none.

    What comes later is not understood by the light of these words.
    """
    if s.arg == HOW_LONG or (s.arg == STILL_WAITING and d.state == "handed_over"):
        how_long(d)
    elif s.arg != WORRIED or not _on_record(d, category):
        return False
    d.remember(texts=d.view.memory.texts, refs=d.view.memory.refs)
    return True


def how_long(d: Draft) -> None:
    """The promise that people gave; before there is one, that nobody was asked yet, and what would be promised."""
    if d.state == "handed_over" or d.view.others:
        handover.status(d)
        return
    queue, priority, category = handover.bound_for(d)
    d.say("wait.nobody_yet", queue=queue, priority=priority, category=category)
    if d.state in ("answered", "asked_platform"):
        advice.outcome_row(d)
    else:
        d.offer(Button(say(d.lang, "button.human"), "human"))


def _on_record(d: Draft, category: str) -> bool:
    rules = d.book.categories.get(category)
    if rules is None or rules.on_record is None:
        return False
    d.line(rules.on_record.in_(d.lang))
    if d.state == "handed_over":
        d.say("promise")
    else:
        d.say("advice.take_your_time")
        advice.outcome_row(d)
    return True
