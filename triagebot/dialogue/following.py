"""A person whose ticket is worked on together with other people's, because it is the same incident (desk.following).

They were told that they will hear of its end. Until then nothing that they say is lost: words are added to their own ticket
and shown to whoever works on the incident; another problem or danger is a ticket of its own; whoever says that theirs is
another case, or wants a person, has their own ticket opened again at once.
"""

from __future__ import annotations

from dataclasses import replace

from triagebot.dialogue import advice, handover, hearing
from triagebot.dialogue.state import HOW_LONG, STILL_WAITING, Draft, Resolve, Signal
from triagebot.locale import say
from triagebot.messages import Button


def hear(d: Draft, s: Signal) -> None:
    v = hearing.judged(s)
    category = d.ticket.category if d.ticket is not None else ""
    another = hearing.other_problem(v, category) and not hearing.may_be_an_answer(v)
    if hearing.alarming(v) or another:
        hearing.start_anew(d, s)
    elif v.human_requested:
        hearing.reopen(d, s)
    elif s.arg in (HOW_LONG, STILL_WAITING) or (v.category == advice.STATUS and v.decision != "unclear"):
        handover.status(d)
    elif v.filler:
        still_waiting(d, s)
    else:
        d.say("followed.noted")
        _offer_the_way_back(d)


def still_waiting(d: Draft, s: Signal) -> None:
    d.say("followed.still")
    _offer_the_way_back(d)


def _offer_the_way_back(d: Draft) -> None:
    d.offer(Button(say(d.lang, "button.mine_differs"), "reopen"))


def solved(d: Draft, s: Signal) -> None:
    """It works again for this person: their ticket ends with their word, and they do not hear of it later."""
    d.do(Resolve(by="user"))
    d.say("solved.thanks")
    d.memory = replace(d.memory.fresh(), category=d.memory.category, platform=d.memory.platform)
    d.state = "resolved"
