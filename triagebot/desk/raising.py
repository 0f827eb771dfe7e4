"""An agent hands a ticket up to other people, at the level that the rules give such a problem there."""

from __future__ import annotations

from triagebot.desk import work
from triagebot.desk.office import Office
from triagebot.desk.tickets import HUMAN_STATES
from triagebot.desk.work import Call
from triagebot.rulebook.schema import Category


def escalate(call: Call) -> str:
    """As ``transfer``, and more urgent where the rules say so; for what the bot still has, too."""
    queue, words = work.queue_named(call)
    work.must_be_open(call)
    work.must_hold(call)
    ticket = call.the_ticket
    wanted = level(call.office, ticket.category, queue)
    if wanted and wanted < ticket.priority:
        promised = call.office.promise_to(ticket, queue=queue, priority=wanted)
        promise = {"promise": promised} if ticket.status in HUMAN_STATES else {}
        call.record("priority_changed", priority=wanted, **promise)
    work.move(call, queue, words)
    return call.done("desk.escalated", queue=call.office.queue_title(queue, call.lang), priority=ticket.priority)


def level(office: Office, category: str, queue: str) -> str:
    """The priority with which the rules send ``category`` to ``queue``, the gravest of several.

    Where they never do: the mildest with which they send anything there; "" when nothing goes there."""
    known = office.book.categories
    own = _levels(known[category], queue) if category in known else []
    return min(own) if own else max((found for c in known.values() for found in _levels(c, queue)), default="")


def _levels(category: Category, queue: str) -> list[str]:
    home = [category.priority] if category.queue == queue else []
    return [*home, *(rule.priority for rule in category.escalate_now if rule.queue == queue)]
