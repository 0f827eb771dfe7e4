"""What people answer at a reminder: it has happened, or it has not and somebody must help."""

from __future__ import annotations

from triagebot.dialogue import advice, closing, following, handover, hearing, reminders
from triagebot.dialogue.state import Draft, Record, Signal
from triagebot.rulebook.clock_rules import Clock

_TRYING = ("menu", "asked_which", "asked_platform", "answered")
RAN_OUT = "clock_ran_out"
"""Why people take over."""


def done(d: Draft, s: Signal) -> None:
    """It has happened: the bot's own ticket ends with that; what people have stays with them. Then the next clock, if any."""
    clock = d.book.clocks.of(s.arg)
    if clock is not None and d.ticket is not None:
        _note(d, clock, clock.done.in_(d.lang))
    if d.state in _TRYING and d.ticket is not None:
        closing.solved(d, s)
        d.buttons.clear()
    else:
        d.say("remind.glad")
    if clock is not None and clock.then is not None:
        reminders.offer(d, clock.then)


def undone(d: Draft, s: Signal) -> None:
    """It has not: what people have gets the news; else the rules say who helps (Clock.not_yet)."""
    clock = d.book.clocks.of(s.arg)
    if clock is None or d.ticket is None:
        closing.nothing_open(d, s)
        return
    what = clock.not_yet
    if d.state == "handed_over":
        _note(d, clock, clock.undone.in_(d.lang))
        d.say("handover.attached")
        d.say("promise")
    elif d.state == "followed":
        _note(d, clock, clock.undone.in_(d.lang))
        following.still_waiting(d, s)
    elif what.category is not None and what.category != d.ticket.category:
        closing.topic(d, Signal("topic", what.category, text=s.text))
    elif what.people:
        _to_people(d, s, clock)
    elif d.state in _TRYING:
        advice.not_solved(d, s)
    elif d.state == "resolved":
        hearing.reopen(d, s)
    else:
        closing.topic(d, Signal("topic", d.ticket.category, text=s.text))


def _to_people(d: Draft, s: Signal, clock: Clock) -> None:
    """Again or for the first time, about the problem that the ticket was about."""
    category = d.ticket.category if d.ticket is not None else advice.TO_PEOPLE
    rules = d.book.categories.get(category) or d.book.categories[advice.TO_PEOPLE]
    if d.state == "resolved" and d.ticket is not None and d.ticket.escalated:
        hearing.reopen(d, s)
        return
    hearing.ensure_ticket(d, s, rules.id)
    d.remember(category=rules.id)
    _note(d, clock, clock.undone.in_(d.lang))
    handover.hand_over(d, rules.queue, min(clock.not_yet.priority, rules.priority), RAN_OUT)


def _note(d: Draft, clock: Clock, words: str) -> None:
    """For whoever reads the ticket."""
    d.do(Record("fact_given", {"slot": f"clock.{clock.id}", "title": clock.title.in_(d.lang), "text": words}))
