"""Waiting for the user: the agent says so, the clock pauses; the user's answer, or the agent, lets it go on."""

from __future__ import annotations

from triagebot.desk import cards, replies
from triagebot.desk.buttons import Answer
from triagebot.desk.work import Call, must_be_open, must_hold, own
from triagebot.errors import DeskError
from triagebot.locale import say

_WAITING = ("pending", "on_hold")


def pending(call: Call) -> str | Answer:
    """/pending N [TEXT]: the text is the question to the user, said first."""
    must_be_open(call)
    must_hold(call)
    if call.the_ticket.status == "pending" and not call.text:
        raise DeskError(say(call.lang, "desk.waits_already", number=call.the_ticket.id))
    if call.text:
        told = replies.deliver(call, call.text)
        if not told.done:
            return told
    own(call)
    if call.the_ticket.status != "pending":
        call.record("pending_user")
    return call.done("desk.pending")


def resume(call: Call) -> str:
    must_be_open(call)
    must_hold(call)
    if call.the_ticket.status not in _WAITING:
        status = cards.status_words(call.session, call.the_ticket, call.lang)
        raise DeskError(say(call.lang, "desk.not_waiting", number=call.the_ticket.id, status=status))
    call.record("resumed")
    return call.done("desk.resumed")
