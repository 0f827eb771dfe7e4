"""What free text means, depending on where the person is: a new problem, more on the same one, an answer, a thank-you."""

from __future__ import annotations

import re
from dataclasses import replace

from triagebot.desk.tickets import REOPEN_WITHIN
from triagebot.dialogue import advice, asides, fixes, handover, outage, rating, stories
from triagebot.dialogue.state import HOW_LONG, STILL_WAITING, WHAT_NOW, Draft, Focus, Open, Record, Reopen, Signal
from triagebot.triage.verdict import Verdict

_VAGUE = ("", "service.human", "other.out_of_scope", "ticket.status")
_STARS = re.compile(r"([1-5])\s*(分|星|stars?)?")
_SHOWN_ON_SCREENS = ("error_text", handover.WHAT_HAPPENED)
"""Questions that a screenshot answers."""
_STILL = ("还是", "仍然", "依然", "依旧", "still", "again")


def hear_new(d: Draft, s: Signal) -> None:
    """Nothing is going on: the message starts a ticket of its own."""
    v = judged(s)
    if _is_small(v) and asides.answered(d, s, ""):
        return
    _open(d, s, v)
    if _stays_with_people(d, v):
        return
    advice.respond(d, v)


def _stays_with_people(d: Draft, v: Verdict) -> bool:
    """Small words and danger signs belong to a ticket that people already have, not to another one."""
    alarmed = alarming(v)
    fitting = [t for t in d.view.others if (alarmed and t.queue == "security") or (not alarmed and v.filler)]
    if not fitting:
        return False
    ticket = fitting[-1]
    d.effects[:] = [Focus(ticket.number)]
    d.view = replace(d.view, ticket=ticket)
    if alarmed:
        handover.safety(d, v.handled_as)
    handover.attach(d, Signal("text", verdict=v))
    d.state = "handed_over"
    return True


def hear_trying(d: Draft, s: Signal) -> None:
    """The bot is at work on a problem; the message may be an answer, a fragment, or something else entirely."""
    v = judged(s)
    known = d.memory.category not in _VAGUE and d.state in ("answered", "asked_platform")
    if _is_small(v) and asides.answered(d, s, d.memory.category if known else ""):
        return
    if s.edited and d.memory.texts == (s.text,) and v.platform in ("unknown", d.memory.platform):
        _hear_again(d, s, v, known)
    elif not known:
        advice.respond(d, v)
    elif other_problem(v, d.memory.category) and not stories.goes_on(d, s, v):
        start_anew(d, s)
    elif stories.turns(d, s, v) or alarming(v) or (v.decision == "escalate" and not v.human_requested and not v.filler):
        advice.respond(d, v)
    elif v.human_requested:
        handover.to_human(d, s)
    elif v.category == advice.STATUS and v.decision == "answer" and v.scope == "message":
        asides.how_long(d)
    elif not v.filler and not any(w in s.text.lower() for w in _STILL) and _points(d, v):
        advice.outcome_row(d)
    elif v.platform not in ("unknown", d.memory.platform):
        advice.choose_platform(d, Signal("platform", v.platform))
    elif v.category == d.memory.category and (_says_it_again(d, v) or any(w in s.text.lower() for w in _STILL)):
        advice.not_solved(d, s)
    elif advice.unadvised(d):
        advice.choose_platform(d, Signal("platform", "unknown"))
    else:
        d.say("advice.take_your_time" if v.filler or v.category == advice.OUT_OF_SCOPE else "advice.noted")
        advice.outcome_row(d)


def _points(d: Draft, v: Verdict) -> bool:
    """A detail that says which step matters, on the platform that it names: no need for another round of advice."""
    before = d.memory
    d.remember(platform=v.platform if v.platform != "unknown" else before.platform)
    if not fixes.point_out(d, d.book.categories[before.category]):
        d.memory = before
        return False
    return True


def _hear_again(d: Draft, s: Signal, v: Verdict, known: bool) -> None:
    """All that was said is now said in other words: what they mean counts, as if they had come first."""
    if known and v.decision == "answer" and v.category == d.memory.category:
        d.say("advice.noted")
        advice.outcome_row(d)
    else:
        start_anew(d, s)


def hear_handed_over(d: Draft, s: Signal) -> None:
    """People have the ticket: words are added to it, unless they are about something new that the bot can help with."""
    v = judged(s)
    ticket = d.ticket
    if ticket is None:
        hear_new(d, s)
        return
    if (
        _is_small(v)
        and (s.arg in (HOW_LONG, STILL_WAITING) or not ticket.assignee)
        and asides.answered(d, s, ticket.category)
    ):
        return
    if s.arg == WHAT_NOW and not ticket.assignee:
        handover.meanwhile(d)
    elif alarming(v) and not v.filler:
        if ticket.queue != "security":
            start_anew(d, s)
            return
        if v.handled_as != ticket.category:
            handover.safety(d, v.handled_as)
        handover.attach(d, s)
    elif ticket.assignee:
        handover.attach(d, s)
    elif v.category == advice.STATUS and v.decision != "unclear":
        handover.status(d)
    elif v.human_requested and v.category in _VAGUE:
        handover.to_human(d, s)
    elif ticket.category in _VAGUE and v.category not in _VAGUE and v.decision != "unclear":
        _now_we_know(d, s, v)
    elif other_problem(v, ticket.category) and not may_be_an_answer(v):
        start_anew(d, s)
    elif v.filler:
        d.say("handover.here")
        d.say("promise")
    elif d.memory.pending and _may_answer(d, s):
        handover.take_slot(d, s)
    else:
        handover.attach(d, s)


def _may_answer(d: Draft, s: Signal) -> bool:
    """A screen alone says what it shows, not what the light was like; the question stays open."""
    wordless = s.pictures is not None and not s.pictures.caption
    return not wordless or d.memory.pending in _SHOWN_ON_SCREENS


def _says_it_again(d: Draft, v: Verdict) -> bool:
    """The whole problem once more, not a detail: the first way did not help, and there is another one."""
    left = fixes.following(d, d.book.categories[v.category])
    return v.scope == "message" and v.decision == "answer" and left is not None


def _now_we_know(d: Draft, s: Signal, v: Verdict) -> None:
    """Somebody asked for a person first and says only now what it is about: tell the agent, and help meanwhile."""
    rules = d.book.categories[v.category]
    d.remember(category=v.category, platform=v.platform, pending="")
    d.do(Record("classified", {"category": v.category, "platform": v.platform}))
    if outage.answered(d, rules):
        d.state = "handed_over"
        d.say("promise")
        return
    first = fixes.following(d, rules)
    if first is not None:
        d.say("handover.meanwhile")
        fixes.tell_steps(d, fixes.unsaid(d, rules.rounds(v.platform)[first]))
        d.remember(round=first)
    else:
        d.say("handover.attached")
    d.say("promise")


def hear_resolved(d: Draft, s: Signal) -> None:
    """After the end: thanks stay thanks, a new problem is a new ticket, everything else reopens."""
    v = judged(s)
    stars = _STARS.fullmatch(s.text.strip())
    if stars is not None and d.memory.pending != "rating_reason":
        rating.rate(d, Signal("rate", stars[1]))
    elif alarming(v) and (d.ticket is None or d.ticket.category != v.handled_as):
        start_anew(d, s)
    elif d.memory.pending == "rating_reason":
        d.do(Record("rating_explained", {"text": s.text}))
        d.remember(pending="")
        d.say("rate.reason_noted")
    elif v.filler or (v.category == advice.OUT_OF_SCOPE and v.scope == "message"):
        d.say("resolved.thanks")
    elif other_problem(v, d.ticket.category if d.ticket else ""):
        start_anew(d, s)
    else:
        reopen(d, s)


def reopen(d: Draft, s: Signal) -> None:
    """The same ticket goes on where it ended."""
    if d.ticket is None or not (d.ticket.status in ("resolved", "closed") or d.ticket.follows):
        d.say("resolved.nothing_to_reopen")
        return
    if d.ticket.resolved_at is not None and d.now - d.ticket.resolved_at > REOPEN_WITHIN:
        d.say("resolved.too_long_ago")
        return
    d.do(Reopen(reason=s.text))
    d.remember(pending="")
    if d.ticket.escalated or d.ticket.follows:
        d.say("resolved.reopened")
        d.say("promise")
        d.state = "handed_over"
        return
    d.remember(category=d.ticket.category)
    advice.not_solved(d, s)


def start_anew(d: Draft, s: Signal) -> None:
    """Another problem of the same person: another ticket; the bot's own unfinished one ends with it."""
    v = judged(s)
    _open(d, s, v, leave=_leaves(d))
    if not _stays_with_people(d, v):
        advice.respond(d, v)


def ensure_ticket(d: Draft, s: Signal, category: str) -> None:
    """Buttons and commands that need a ticket, pressed when there is none for ``category``."""
    with_people = (
        d.state == "handed_over" and d.ticket is not None and category in (d.ticket.category, advice.TO_PEOPLE)
    )
    another = d.state in ("answered", "asked_platform", "waiting") and category not in (
        d.memory.category,
        advice.TO_PEOPLE,
    )
    if not with_people and (d.ticket is None or d.ticket.status != "bot" or another):
        platform = d.memory.platform
        d.memory = d.memory.fresh()
        rules = d.book.categories[category]
        d.remember(platform=platform if another else d.memory.platform)
        d.do(Open({"category": category, "platform": d.memory.platform, "priority": rules.priority}, summary=s.text,
                  leave=_leaves(d) if another else ""))  # fmt: skip
        d.view = replace(d.view, ticket=None)


def _leaves(d: Draft) -> str:
    """What becomes of a ticket that the bot has when the person turns to another problem; who waits for the end of an incident
    goes on waiting."""
    return "closed" if d.ticket is not None and d.ticket.status == "bot" and d.ticket.incident is None else ""


def _open(d: Draft, s: Signal, v: Verdict, leave: str = "") -> None:
    others = d.view.others
    if d.ticket is not None and d.ticket.status in ("queued", "assigned", "pending", "on_hold"):
        others = (*others, d.ticket)
    d.memory = d.memory.fresh().hearing(d.said, s.ref)
    facts = {"category": v.handled_as, "platform": v.platform, "priority": v.priority, "decision": v.decision}
    d.do(Open({**facts, "verdict": v.to_json()}, summary=s.text, leave=leave))
    d.view = replace(d.view, ticket=None, others=others)


def _is_small(v: Verdict) -> bool:
    """Nothing that goes before a short question: neither danger nor the wish for a person."""
    return not alarming(v) and not v.human_requested


def alarming(v: Verdict) -> bool:
    """Danger: heard before anything else, wherever the person is."""
    return v.decision == "escalate" and v.priority == "P1"


def other_problem(v: Verdict, current: str) -> bool:
    """Credible by itself, and not what we are talking about. To change the subject takes more than to answer: "我在网吧" is a
    detail, whatever it resembles."""
    if v.filler or v.scope != "message" or v.handled_as in (current, advice.OUT_OF_SCOPE, advice.TO_PEOPLE):
        return False
    if v.decision == "ask":
        return current not in [c for c, _ in v.candidates[:3]]
    likeness_only = v.decision == "answer" and v.confidence < stories.SURELY and not v.rules
    return v.decision in ("answer", "escalate") and v.category != advice.STATUS and not likeness_only


def may_be_an_answer(v: Verdict) -> bool:
    """People have the ticket: a few words that only vaguely resemble another problem belong to it."""
    return v.confidence < stories.SURELY or not v.rules


def judged(s: Signal) -> Verdict:
    if s.verdict is None:
        raise ValueError(f"the signal {s.name!r} carries free text and must be judged by triage first")
    return s.verdict
