"""How things end: solved, rated, or not solved after all."""

from __future__ import annotations

from triagebot.dialogue import advice, handover, hearing
from triagebot.dialogue.state import Draft, Record, Resolve, Signal
from triagebot.locale import say
from triagebot.messages import Button

_LOW = 2


def solved(d: Draft, s: Signal) -> None:
    d.do(Resolve(by="user"))
    d.say("solved.thanks")
    d.memory = d.memory.fresh()
    d.state = "idle"


def nothing_open(d: Draft, s: Signal) -> None:
    """A button or a phrase out of context: no blame, a way on."""
    d.say("greet.nothing_open")
    advice.show_menu(d)
    d.state = "idle"


def topic(d: Draft, s: Signal) -> None:
    hearing.ensure_ticket(d, s, s.arg if s.arg in d.book.categories else advice.OUT_OF_SCOPE)
    advice.pick(d, s)


def human(d: Draft, s: Signal) -> None:
    hearing.ensure_ticket(d, s, advice.TO_PEOPLE)
    handover.to_human(d, s)


def rate(d: Draft, s: Signal) -> None:
    """One to five; a low one is asked for its reason, and the way back stays open."""
    if d.ticket is None or d.ticket.status != "resolved" or s.arg not in ("1", "2", "3", "4", "5"):
        d.say("rate.not_now")
        return
    stars = int(s.arg)
    d.do(Record("rated", {"stars": stars}))
    if stars > _LOW:
        d.say("rate.thanks")
        return
    d.say("rate.sorry")
    d.remember(pending="rating_reason")
    d.offer(Button(say(d.lang, "button.reopen"), "reopen"))


def thanks(d: Draft, s: Signal) -> None:
    d.say("resolved.thanks")
