"""One to five for what people did; a low one is asked for its reason, and the way back stays open."""

from __future__ import annotations

from triagebot.desk.afterwards.ratings import LOW, REASONS
from triagebot.dialogue.state import Draft, Record, Signal
from triagebot.locale import say
from triagebot.messages import Button


def rate(d: Draft, s: Signal) -> None:
    """Stars; when they are few, why: as a button, in words, or both."""
    if d.ticket is None or d.ticket.status != "resolved" or s.arg not in ("1", "2", "3", "4", "5"):
        d.say("rate.not_now")
        return
    stars = int(s.arg)
    d.do(Record("rated", {"stars": stars}))
    if stars > LOW:
        d.remember(pending="")
        d.say("rate.thanks")
        return
    d.say("rate.sorry")
    d.remember(pending="rating_reason")
    d.offer(*(Button(say(d.lang, f"why.{reason}"), f"why:{reason}") for reason in REASONS))
    d.offer(Button(say(d.lang, "button.reopen"), "reopen"))


def why(d: Draft, s: Signal) -> None:
    """The reason that was pressed; more of it may be said in words."""
    rated_low = d.ticket is not None and d.ticket.rating is not None and d.ticket.rating <= LOW
    if not rated_low or d.state != "resolved" or s.arg not in REASONS:
        d.say("rate.not_now")
        return
    d.do(Record("rating_explained", {"choice": s.arg, "text": say(d.lang, f"why.{s.arg}")}))
    d.remember(pending="rating_reason")
    d.say("rate.reason_pressed")
    if s.arg == "unsolved":
        d.offer(Button(say(d.lang, "button.reopen"), "reopen"))
