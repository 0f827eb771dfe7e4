"""People look again at a ticket that was over: after a low rating, or because a colleague knows better."""

from __future__ import annotations

from triagebot.desk import cards, user_side
from triagebot.desk.incident import following
from triagebot.desk.team import assignment
from triagebot.desk.tickets import REOPEN_WITHIN
from triagebot.desk.work import Call, must_hold
from triagebot.errors import DeskError
from triagebot.locale import say


def reopen(call: Call) -> str:
    """/reopen N [REASON]: within the time in which its person may; they hear of it, without the reason."""
    ticket = call.the_ticket
    if ticket.status != "resolved" or ticket.resolved_at is None:
        status = cards.status_words(call.session, ticket, call.lang)
        raise DeskError(say(call.lang, "desk.not_resolved", number=ticket.id, status=status))
    if call.now - ticket.resolved_at > REOPEN_WITHIN:
        raise DeskError(say(call.lang, "desk.reopen_too_late", number=ticket.id, days=REOPEN_WITHIN.days))
    must_hold(call)
    facts: dict[str, object] = {"agent_name": call.agent.name, "reason": call.text}
    following.reopen(call.session, call.office, ticket, call.actor, call.now, facts)
    user_side.tell(call.session, call.office, ticket, say(ticket.lang, "user.reopened_by", number=ticket.id), call.now)
    if ticket.status == "queued":
        assignment.offer(call.session, call.office, ticket, call.now)
    return call.done("desk.reopened")
