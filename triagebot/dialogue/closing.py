"""How things end: solved, thanked for, or a button out of its time."""

from __future__ import annotations

from dataclasses import replace

from triagebot.dialogue import advice, handover, hearing, reminders
from triagebot.dialogue.state import Draft, Memory, Resolve, Signal


def solved(d: Draft, s: Signal) -> None:
    """The words are done with; how far we came is kept, for the day on which it is not solved after all."""
    d.do(Resolve(by="user"))
    d.say("solved.thanks")
    d.memory = so_far(d.memory)
    reminders.offer_fitting(d, "solved", d.memory.category)
    d.state = "idle"


def so_far(known: Memory) -> Memory:
    """The words are gone; what was tried is not tried again if it goes on."""
    return replace(known.fresh(), category=known.category, platform=known.platform, round=known.round, told=known.told,
                   pointed=known.pointed)  # fmt: skip


def nothing_open(d: Draft, s: Signal) -> None:
    """A button or a phrase out of context: no blame, a way on."""
    d.say("greet.nothing_open")
    advice.show_menu(d)
    d.state = "idle"


def topic(d: Draft, s: Signal) -> None:
    """A topic of the menu: what people are at work on stays with them, anything else is a problem of its own."""
    if s.arg == advice.STATUS:
        handover.status(d)
        reminders.mention(d)
    elif d.state == "handed_over" and d.ticket is not None and d.ticket.category == s.arg:
        handover.attach(d, s)
    else:
        hearing.ensure_ticket(d, s, s.arg if s.arg in d.book.categories else advice.OUT_OF_SCOPE)
        advice.pick(d, s)


def human(d: Draft, s: Signal) -> None:
    hearing.ensure_ticket(d, s, advice.TO_PEOPLE)
    handover.to_human(d, s)


def thanks(d: Draft, s: Signal) -> None:
    d.say("resolved.thanks")
