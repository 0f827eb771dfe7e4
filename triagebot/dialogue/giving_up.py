"""People may let it be: no question why, no stars, and the way back is said. It counts as closed, not as solved."""

from __future__ import annotations

from triagebot.dialogue import closing, handover
from triagebot.dialogue.state import Draft, Record, Signal
from triagebot.locale import say
from triagebot.messages import Button

_MAY_BE_WITHDRAWN = ("P2", "P3", "P4")
"""Danger is looked at by a person, whoever has the phone by now."""


def gave_up(d: Draft, s: Signal) -> None:
    """The bot's own ticket ends; how far we came is kept, for whoever goes on after all."""
    d.do(Record("closed", {"reason": "gave_up"}))
    d.say("gave_up.closed")
    d.offer(Button(say(d.lang, "button.go_on"), "reopen"))
    d.memory = closing.so_far(d.memory)
    d.state = "idle"


def nothing_open(d: Draft, s: Signal) -> None:
    d.say("gave_up.nothing_open")


def while_waiting(d: Draft, s: Signal) -> None:
    """To a question it means no answer. A ticket that only waits may be taken back, with a button: it is easily said."""
    ticket = d.ticket
    if d.memory.pending:
        handover.skip(d, s)
    elif ticket is None or ticket.assignee or ticket.priority not in _MAY_BE_WITHDRAWN:
        handover.attach(d, s)
    else:
        d.say("gave_up.waiting")
        d.offer(Button(say(d.lang, "button.withdraw"), "withdraw"))


def withdraw(d: Draft, s: Signal) -> None:
    if d.ticket is None or d.ticket.assignee or d.ticket.priority not in _MAY_BE_WITHDRAWN:
        handover.attach(d, s)
        return
    d.do(Record("closed", {"reason": "withdrawn"}))
    d.say("gave_up.withdrawn")
    d.offer(Button(say(d.lang, "button.go_on"), "reopen"))
    d.memory = d.memory.fresh()
    d.state = "idle"
