"""From the bot to people: the hand-over, safety first for P1, and the few questions that save the agent's time.

The hand-over comes before the questions: the clock must run while the person thinks (docs/decisions).
"""

from __future__ import annotations

from triagebot.dialogue import fixes, outage, reminders
from triagebot.dialogue.state import Draft, Escalate, Record, Resolve, Signal
from triagebot.locale import say
from triagebot.messages import Button
from triagebot.rulebook.schema import Question

MOST_QUESTIONS = 2
_HUMAN = frozenset({"queued", "assigned", "pending", "on_hold"})
_VAGUE = ("", "service.human", "other.out_of_scope", "ticket.status")
WHAT_HAPPENED = "what_happened"


def hand_over(d: Draft, queue: str, priority: str, reason: str, category: str = "") -> None:
    """Escalate, say who answers and by when, name the hotline where the queue has one, ask the first question: none where many
    have the same, that would tell nothing new."""
    d.do(Escalate(queue=queue, priority=priority, reason=reason, category=category))
    d.buttons.clear()
    d.say("handover.done")
    d.say("promise")
    _contacts(d, queue)
    d.state = "handed_over"
    if outage.is_joined(d):
        outage.offer_apart(d)
    else:
        ask_next(d)
    if priority != "P1":
        reminders.offer_fitting(d, "handed_over", category or d.memory.category)


def alarm(d: Draft, category: str, queue: str, reason: str) -> None:
    """P1: what keeps the person safe comes first, then security, without a gate and without a question before it."""
    rules = d.book.categories[category]
    d.remember(category=category, round=-1, unclear=0)
    safety(d, category)
    d.do(Record("classified", {"category": category, "platform": d.memory.platform, "priority": "P1"}))
    hand_over(d, queue or rules.queue, "P1", reason, category)


def safety(d: Draft, category: str) -> None:
    lines = [line.in_(d.lang) for line in d.book.categories[category].safety]
    if lines:
        d.say("safety.head")
        d.line("\n".join(f"{n}. {line}" for n, line in enumerate(lines, start=1)))


def _contacts(d: Draft, queue: str) -> None:
    rules = d.book.queues.get(queue)
    if rules is None or not rules.contacts:
        return
    known = [d.book.contacts[c] for c in rules.contacts if c in d.book.contacts]
    numbers = "\n".join(f"· {c.value}  {c.en if d.lang == 'en' else c.zh}" for c in known)
    d.say("handover.contacts", contacts=numbers)
    problem = d.book.categories.get(d.memory.category)
    if ready := (problem.ready if problem is not None else ()) or rules.ready:
        d.say("handover.ready", ready=say(d.lang, "list.separator").join(r.in_(d.lang) for r in ready))


def questions(d: Draft) -> list[Question]:
    """What is worth asking about this problem and was not asked yet, the category's own questions first."""
    rules = d.book.categories.get(d.memory.category)
    if rules is None or rules.id in _VAGUE:
        own: tuple[Question, ...] = ()
        if d.memory.category in _VAGUE and not any(t for t in d.memory.texts if len(t) > 12):
            own = (Question(id=WHAT_HAPPENED, zh=say("zh", "ask.what_happened"), en=say("en", "ask.what_happened")),)
    else:
        own = (*rules.questions, *(d.book.slots[s] for s in rules.slots if s in d.book.slots))
    known = {"platform"} if d.memory.platform != "unknown" else set()
    return [q for q in own if q.id not in d.memory.asked and q.id not in known]


def ask_next(d: Draft) -> None:
    """The next question, if two were not asked yet; each may be skipped."""
    left = questions(d)
    if not left or len(d.memory.asked) >= MOST_QUESTIONS:
        d.remember(pending="")
        return
    question = left[0]
    d.remember(pending=question.id, asked=(*d.memory.asked, question.id))
    d.say("slots.ask", question=question.en if d.lang == "en" else question.zh)
    d.offer(Button(say(d.lang, "button.skip"), "skip"))


def take_slot(d: Draft, s: Signal) -> None:
    """The person's words answer the question that was asked."""
    if _only_names_platform(d, s):
        d.say("slots.platform_noted")
        _ask_again(d)
        return
    title = _title(d, d.memory.pending)
    d.do(Record("fact_given", {"slot": d.memory.pending, "title": title, "text": s.text}))
    _note_platform(d, s)
    d.remember(pending="")
    left = bool(questions(d)) and len(d.memory.asked) < MOST_QUESTIONS
    d.say("slots.noted" if left else "slots.enough")
    ask_next(d)


_A_FEW_CHARACTERS = 10
"""So short a message that names a platform says nothing else."""


def _only_names_platform(d: Draft, s: Signal) -> bool:
    """ "微信查的" is no answer to "when was it?": a fact that we are glad of, and the question is still open."""
    if d.memory.pending == "platform" or len(s.text.strip()) > _A_FEW_CHARACTERS:
        return False
    return _note_platform(d, s)


def _note_platform(d: Draft, s: Signal) -> bool:
    """Keep a platform that the person names now; False when there is no new one."""
    if s.verdict is None or s.verdict.platform in ("unknown", d.memory.platform):
        return False
    d.remember(platform=s.verdict.platform)
    d.do(Record("classified", {"platform": s.verdict.platform}))
    return True


def _ask_again(d: Draft) -> None:
    d.say("slots.ask_again", question=_title(d, d.memory.pending))
    d.offer(Button(say(d.lang, "button.skip"), "skip"))


def skip(d: Draft, s: Signal) -> None:
    if not d.memory.pending:
        d.say("slots.nothing_to_skip")
        return
    d.remember(pending="")
    ask_next(d)
    if not d.memory.pending:
        d.say("slots.no_more")


def _title(d: Draft, slot: str) -> str:
    rules = d.book.categories.get(d.memory.category)
    asked = {q.id: q for q in (*(rules.questions if rules else ()), *d.book.slots.values())}
    if slot in asked:
        return asked[slot].en if d.lang == "en" else asked[slot].zh
    return say(d.lang, "ask.what_happened")


def to_human(d: Draft, s: Signal) -> None:
    """The person wants a human being: no gate, no questions first."""
    if d.ticket is not None and d.ticket.status in _HUMAN:
        d.say("handover.already")
        d.say("promise")
        return
    queue, priority, category = bound_for(d)
    d.say("handover.human")
    hand_over(d, queue, priority, "asked_for_human", category)


def bound_for(d: Draft) -> tuple[str, str, str]:
    """Where a wish for a person goes: queue, priority, and the category that it then has, "" for the one at hand."""
    category = d.memory.category
    rules = d.book.categories.get(category)
    if rules is None or category in _VAGUE:
        return "customer_service", "P3", "service.human"
    return rules.queue, "P3" if rules.priority == "P4" else rules.priority, ""


def attach(d: Draft, s: Signal) -> None:
    """More words for a ticket that people have: an agent who took it answers, the bot keeps out of it.

    What this step has said already (safety advice) is said all the same.
    """
    if d.ticket is not None and d.ticket.assignee:
        d.silent = not d.parts
        return
    d.say("handover.attached")
    d.say("promise")


def meanwhile(d: Draft) -> None:
    """Something to do until a person answers: what keeps safe, else a way that was not tried yet, else a number to call."""
    ticket = d.ticket
    rules = d.book.categories.get(ticket.category) if ticket is not None else None
    untried = fixes.following(d, rules) if rules is not None else None
    if ticket is not None and ticket.incident is not None:
        d.say("outage.still", incident=ticket.incident)
        d.say("promise")
        return
    if rules is not None and rules.safety:
        safety(d, rules.id)
    elif rules is not None and untried is not None:
        d.say("handover.until_then")
        fixes.tell_steps(d, fixes.unsaid(d, rules.rounds(d.memory.platform)[untried]))
        d.remember(round=untried)
    else:
        d.say("handover.here")
        _contacts(d, ticket.queue if ticket is not None else "")
    d.say("promise")


def status(d: Draft) -> None:
    """All that is open for this person, and by when they are to hear from us."""
    mine = (*((d.ticket,) if d.ticket else ()), *d.view.others, *d.view.following)
    known = {t.number: t for t in mine if t.status in _HUMAN or t.follows or t.incident is not None}
    if not known:
        d.say("status.none")
    for _, ticket in sorted(known.items()):
        d.say("status.line", ticket=ticket)
    outage.list_all(d)


def solved_by_self(d: Draft, s: Signal) -> None:
    """The person found the way themselves while people had the ticket: it ends with their word."""
    d.do(Resolve(by="user"))
    d.say("solved.while_waiting")
    d.memory = d.memory.fresh()
    d.state = "resolved"
