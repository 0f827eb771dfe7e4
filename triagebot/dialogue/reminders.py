"""Reminders about things outside (rules/clocks.yaml): offered as a button, accepted by one tap, ended by one tap or one word.

What becomes of them when they are due is desk.afterwards.reminders; what is answered then, dialogue.reminder_answers. Pure.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import Any

import re2

from triagebot.desk.afterwards import reminder_times
from triagebot.desk.afterwards import reminders as planned
from triagebot.dialogue import dates
from triagebot.dialogue.state import Accept, Draft, Signal, StopReminders
from triagebot.locale import say
from triagebot.messages import Button
from triagebot.rulebook.clock_rules import Clock, When
from triagebot.sla.calendar import Calendar
from triagebot.triage.normalise import normalise

OTHER = "other"
"""In the place of a day: the person will type it."""
_MOST_AT_ONCE = 2
_FEW_WORDS = 20
"""Characters of what can only be an answer to the question for a day."""


def offer(d: Draft, clock_id: str) -> None:
    """A button that accepts the reminder; nothing for an unknown clock, or one that was accepted already."""
    clock = d.book.clocks.of(clock_id)
    if clock is not None and clock.id not in d.memory.clocks:
        d.offer(Button(clock.button.in_(d.lang), f"remind:{clock.id}"))


def offer_fitting(d: Draft, when: When, category: str) -> None:
    """The clocks that are offered ``when`` a person is helped with ``category``, the first of them."""
    fitting = [
        clock.id for clock in d.book.clocks.clocks
        if any(place.when == when and category in place.categories and _said(d, place.said) for place in clock.offers)
    ]  # fmt: skip
    for name in fitting[:_MOST_AT_ONCE]:
        offer(d, name)


def _said(d: Draft, expression: str | None) -> bool:
    if expression is None:
        return True
    return any(_compiled(expression).search(normalise(text)) for text in (*d.memory.texts, d.said))


@cache
def _compiled(expression: str) -> Any:
    return re2.compile(expression)


def accept(d: Draft, s: Signal) -> None:
    """The tap: counted from now, or the person is asked for the day."""
    clock = d.book.clocks.of(s.arg)
    if clock is None or d.ticket is None:
        d.say("remind.gone")
    elif clock.asks is not None:
        d.line(clock.asks.in_(d.lang))
        _ask_for_the_day(d, clock)
    else:
        _keep(d, clock, None)


def _ask_for_the_day(d: Draft, clock: Clock) -> None:
    today = d.now.astimezone(d.view.zone).date()
    days = (("button.today", f"{today:%Y%m%d}"), ("button.yesterday", f"{today - timedelta(days=1):%Y%m%d}"),
            ("button.other_day", OTHER))  # fmt: skip
    d.remember(day_of=clock.id)
    d.offer(*(Button(say(d.lang, key), f"day:{clock.id}.{day}") for key, day in days))


def take_day(d: Draft, s: Signal) -> None:
    """A button with a day, or that it will be typed: ``<clock>.<day>``."""
    name, _, day = s.arg.partition(".")
    clock = d.book.clocks.of(name)
    since = dates.read(day, d.now, d.view.zone)
    if clock is None or clock.asks is None or d.ticket is None:
        d.say("remind.gone")
    elif since is None:
        d.remember(day_of=clock.id)
        d.say("remind.which_day")
    else:
        _keep(d, clock, since)


def hear_day(d: Draft, s: Signal) -> bool:
    """Whether the text of ``s`` answers the question for a day, or tries to; it is not asked for any more when it does not."""
    clock = d.book.clocks.of(d.memory.day_of)
    since = dates.read(s.text, d.now, d.view.zone)
    in_few_words = len(s.text) <= _FEW_WORDS
    if clock is None or d.ticket is None or (since is None and not (in_few_words and _says_nothing_else(s))):
        d.remember(day_of="")
        return False
    d.remember(texts=d.view.memory.texts, refs=d.view.memory.refs)  # a day says nothing about the problem
    if since is None:
        d.say("remind.no_day")
        _ask_for_the_day(d, clock)
    else:
        _keep(d, clock, since)
    return True


def _says_nothing_else(s: Signal) -> bool:
    return s.verdict is not None and (s.verdict.decision == "unclear" or s.verdict.filler)


def _keep(d: Draft, clock: Clock, since: date | None) -> None:
    """Accepted, with the moment at which it comes; what has run out already is said at once."""
    d.remember(day_of="", clocks=tuple(dict.fromkeys([*d.memory.clocks, clock.id])))
    calendar = Calendar.from_spec(d.book.calendars[clock.calendar]) if clock.in_working_days else None
    if since is not None and reminder_times.runs_out(clock, since, d.now, d.view.zone, calendar) <= d.now:
        d.line(planned.words(clock, since, d.lang))
        for row in planned.buttons(clock, None, d.lang)[:1]:
            d.offer(*row)
        return
    d.do(Accept(clock.id, since))
    d.say("remind.accepted", clock=clock.id, since=since)
    d.offer(Button(say(d.lang, "button.remind_cancel"), f"remind_off:{clock.id}"))


def stop(d: Draft, s: Signal) -> None:
    """不再提醒 under a reminder: nothing more is said unasked about this problem."""
    d.remember(day_of="")
    if d.ticket is not None:
        d.do(StopReminders())
    d.say("remind.stopped")


def mention(d: Draft) -> None:
    """What the person will be reminded of and when; nothing when there is none."""
    d.say("remind.pending")
