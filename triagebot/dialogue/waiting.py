"""A person who waits for the end of an incident: no advice, which would not help now, and nobody is asked to answer.

Until then they hear that it goes on; another problem or danger is a ticket of its own, and whoever says that theirs is another
case is helped the usual way. A person is asked whenever they want one.
"""

from __future__ import annotations

from triagebot.dialogue import advice, closing, handover, hearing, outage, stories
from triagebot.dialogue.state import HOW_LONG, STILL_WAITING, Draft, Signal
from triagebot.triage.verdict import Verdict


def hear(d: Draft, s: Signal) -> None:
    v = hearing.judged(s)
    if hearing.alarming(v) or _another(d, s, v):
        hearing.start_anew(d, s)
    elif v.human_requested:
        handover.to_human(d, s)
    elif s.arg in (HOW_LONG, STILL_WAITING) or (v.category == advice.STATUS and v.decision != "unclear"):
        handover.status(d)
    elif v.platform not in ("unknown", d.memory.platform):
        name_platform(d, Signal("platform", v.platform))
    else:
        still(d, s)


def _another(d: Draft, s: Signal, v: Verdict) -> bool:
    """Another problem, and not one more that the same incident explains."""
    if d.ticket is None or not hearing.other_problem(v, d.ticket.category) or stories.goes_on(d, s, v):
        return False
    platform = v.platform if v.platform != "unknown" else d.memory.platform
    return outage.covering(d, v.category, platform) != d.ticket.incident


def still(d: Draft, s: Signal) -> None:
    """It is not over, once a minute: whoever writes five times in a row has heard it."""
    incident = d.ticket.incident if d.ticket is not None else None
    if incident is None:
        closing.nothing_open(d, s)
        return
    d.silent = not d.say_once("outage.still", incident=incident) and not d.parts
    outage.ways(d)


def name_platform(d: Draft, s: Signal) -> None:
    """Where they have it: on another platform it may be their own trouble."""
    incident = d.ticket.incident if d.ticket is not None else None
    if incident is not None and incident.platform in ("", s.arg):
        still(d, s)
    elif s.arg in d.book.platforms and d.ticket is not None:
        d.remember(platform=s.arg)
        advice.advise(d, d.ticket.category)
    else:
        still(d, s)


def differs(d: Draft, s: Signal) -> None:
    """我的情况不一样: the ticket leaves the incident, with the usual help, or the usual promise where people have it."""
    incident = d.ticket.incident if d.ticket is not None else None
    if d.ticket is None or incident is None:
        closing.nothing_open(d, s)
        return
    outage.leave(d)
    d.remember(apart=incident.number)
    if d.state == "handed_over":
        d.say("outage.apart_with_people")
        d.say("promise")
        handover.ask_next(d)
    else:
        d.say("outage.apart")
        advice.advise(d, d.ticket.category)
