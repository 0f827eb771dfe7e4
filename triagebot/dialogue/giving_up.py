"""People may let it be: no question why, no stars, and the way back is said. It counts as closed, not as solved."""

from __future__ import annotations

from triagebot.dialogue import closing, handover
from triagebot.dialogue.state import Draft, Record, Signal
from triagebot.locale import say
from triagebot.messages import Button


def gave_up(d: Draft, s: Signal) -> None:
    """The bot's own ticket ends; how far we came is kept, for whoever goes on after all."""
    d.do(Record("closed", {"reason": "gave_up"}))
    if d.memory.category:
        d.say("gave_up.closed")
        d.offer(Button(say(d.lang, "button.go_on"), "reopen"))
    else:
        d.say("gave_up.nothing_open")
    d.memory = closing.so_far(d.memory)
    d.state = "idle"


def nothing_open(d: Draft, s: Signal) -> None:
    d.say("gave_up.nothing_open")


def while_waiting(d: Draft, s: Signal) -> None:
    """A ticket that only waits may be taken back, but with a button: it is easily said, also to a question."""
    asked = (*d.memory.asked, *(question.id for question in handover.questions(d)))
    d.remember(pending="", asked=asked[: handover.MOST_QUESTIONS])
    if not _may_be_withdrawn(d):
        handover.attach(d, s)
    else:
        d.say("gave_up.waiting")
        d.offer(Button(say(d.lang, "button.withdraw"), "withdraw"))


def withdraw(d: Draft, s: Signal) -> None:
    if not _may_be_withdrawn(d):
        handover.attach(d, s)
        return
    d.do(Record("closed", {"reason": "withdrawn"}))
    d.say("gave_up.withdrawn")
    d.offer(Button(say(d.lang, "button.go_on"), "reopen"))
    d.memory = d.memory.fresh()
    d.state = "idle"


def _may_be_withdrawn(d: Draft) -> bool:
    """Nobody works on it yet. Danger is looked at by a person, whoever has the phone by now."""
    return d.ticket is not None and not d.ticket.assignee and d.ticket.priority != "P1"
