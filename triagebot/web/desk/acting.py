"""Doing something to a ticket from a page: the verb with its words, and what the agent is told about it."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlmodel import Session
from starlette.responses import RedirectResponse, Response

from triagebot.access import audit
from triagebot.desk import collisions, drafts, sight, tickets, verbs
from triagebot.desk.team import presence
from triagebot.desk.tickets import number_in
from triagebot.desk.verbs import VERBS, Attempt
from triagebot.errors import DeniedError
from triagebot.locale import catalogue, say
from triagebot.privacy import hidden_kinds_in_words, redact
from triagebot.store.codec import storable
from triagebot.store.tables import Agent, Event
from triagebot.web import pages
from triagebot.web.desk.actions import ACTIONS
from triagebot.web.desk.door import Visit, is_part, told
from triagebot.web.desk.ticket import LONGEST, number_of
from triagebot.web.site import HEADERS


@dataclass(frozen=True)
class Order:
    """``words``: what follows the ticket's number. ``seen``: the last event on the agent's page, None where it says none."""

    number: int
    verb: str
    words: str
    seen: int | None


async def act(visit: Visit) -> Response:
    """POST /desk/tickets/N/VERB: only verbs of the table of actions."""
    verb = visit.request.path_params["verb"]
    action = ACTIONS.get(verb)
    if action is None or verb not in VERBS:
        return told(visit.request, 404, say(visit.lang, "web.no_such_verb"), visit.lang)
    given = redact(storable(action.words(visit.field)))
    if len(given.text) > LONGEST:
        return told(visit.request, 422, say(visit.lang, "web.too_long", most=LONGEST), visit.lang)
    seen = visit.field("seen")
    order = Order(number_of(visit), verb, given.text, number_in(seen))
    done = await visit.site.store.write(_carry_out, visit, order)
    if isinstance(done, Event):
        return _crossed(visit, order, done)
    if done.refusal is not None:
        return told(visit.request, 403 if isinstance(done.refusal, DeniedError) else 409, done.text, visit.lang)
    if not done.done:
        return _held(visit, done.text)
    return _done(visit, order, done.text, given.kinds)


def _carry_out(session: Session, visit: Visit, order: Order) -> Attempt | Event:
    """An event where a colleague answered first: nothing was sent then, and this agent has seen it from now on."""
    agent = session.get_one(Agent, visit.agent.id)
    ticket = tickets.get(session, order.number, to_change=True)
    try:
        sight.must_see(visit.site.office, agent, ticket)
    except DeniedError as denied:
        audit.note(
            session, visit.now, f"agent:{agent.id}", order.verb, target=f"ticket:{order.number}", outcome="denied"
        )
        return Attempt(str(denied), denied)
    if order.verb == "reply" and order.seen is not None:
        first = collisions.answered_since(session, ticket, agent, order.seen)
        if first is not None:
            drafts.keep(session, ticket, agent, order.words, visit.now)
            return first
        presence.seen(session, ticket, agent, None, visit.now)
    return verbs.attempt(session, visit.site.office, agent, order.verb, f"{order.number} {order.words}", visit.now)


def _done(visit: Visit, order: Order, text: str, hidden: tuple[str, ...]) -> Response:
    if not is_part(visit.request):
        return RedirectResponse(f"/desk/tickets/{order.number}", 303, HEADERS)
    own = f"web.done.{order.verb}"
    words = say(visit.lang, own, number=order.number) if own in catalogue(visit.lang) else text
    if hidden:
        words += "\n" + say(visit.lang, "web.hidden", kinds=hidden_kinds_in_words(hidden, visit.lang))
    headers = {"hx-trigger": json.dumps({"desk:done": {"verb": order.verb, "ticket": order.number}})}
    return pages.page("toast.html", visit.lang, headers=headers, words=words, kind="good")


def _crossed(visit: Visit, order: Order, first: Event) -> Response:
    """The text stays in its box; sending it once more sends it."""
    head = say(visit.lang, "web.crossed.head", agent=first.data.get("agent_name", "?"))
    return _held(visit, head, first.data.get("text", ""), visit.words.time(first.at), first.id)


def _held(visit: Visit, head: str, text: str = "", at: str = "", last: int | None = None) -> Response:
    if not is_part(visit.request):
        return told(visit.request, 409, "\n".join((head, text)), visit.lang)
    headers = {"hx-retarget": "#crossed", "hx-reswap": "innerHTML"}
    return pages.page("desk/ticket/crossed.html", visit.lang, headers=headers, head=head, text=text, at=at, last=last)
