"""One to five for what people did; a low one is asked for its reason, and the way back stays open."""

from __future__ import annotations

from triagebot.dialogue.state import Draft, Record, Signal
from triagebot.locale import say
from triagebot.messages import Button

_LOW = 2


def rate(d: Draft, s: Signal) -> None:
    """One to five; a low one is asked for its reason, and the way back stays open."""
    if d.ticket is None or d.ticket.status != "resolved" or s.arg not in ("1", "2", "3", "4", "5"):
        d.say("rate.not_now")
        return
    stars = int(s.arg)
    d.do(Record("rated", {"stars": stars}))
    if stars > _LOW:
        d.remember(pending="")
        d.say("rate.thanks")
        return
    d.say("rate.sorry")
    d.remember(pending="rating_reason")
    d.offer(Button(say(d.lang, "button.reopen"), "reopen"))
