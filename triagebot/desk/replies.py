"""An agent's words on their way to the user: not past a colleague who is answering too."""

from __future__ import annotations

from typing import Any

from triagebot.desk import collisions, user_side
from triagebot.desk.buttons import Answer
from triagebot.desk.team import presence
from triagebot.desk.work import Call, must_be_open, must_hold, own
from triagebot.errors import DeskError
from triagebot.locale import say


def reply(call: Call) -> Answer:
    return deliver(call, call.text)


def send(call: Call) -> Answer:
    """Send what was held back: the agent knows now what a colleague said."""
    must_be_open(call)
    must_hold(call)
    kept = collisions.held(call.session, call.the_ticket, call.agent, call.now)
    if kept is None:
        raise DeskError(say(call.lang, "desk.nothing_held", number=call.the_ticket.id))
    told = {key: value for key, value in kept.data.items() if key not in ("text", "agent_name")}
    return _sent(call, kept.data["text"], **told)


def deliver(call: Call, text: str, **data: Any) -> Answer:
    """Say ``text`` to the user, or hold it back when a colleague was quicker or is writing; the same text once more is sent.

    ``data``: what else to keep with the event."""
    must_be_open(call)
    must_hold(call)
    found = collisions.clash(call.session, call.the_ticket, call.agent, call.now)
    if found is not None:
        kept = collisions.held(call.session, call.the_ticket, call.agent, call.now)
        if kept is None or kept.data["text"] != text:
            return collisions.hold(call, text, found, **data)
    return _sent(call, text, **data)


def _sent(call: Call, text: str, **data: Any) -> Answer:
    own(call)
    ticket = call.the_ticket
    words = say(ticket.lang, "user.agent_says", agent=call.agent.name, number=ticket.id, text=text)
    user_side.tell(call.session, call.office, ticket, words, call.now, type="agent_replied", actor=call.actor,
                   data={**data, "text": text, "agent_name": call.agent.name})  # fmt: skip
    presence.seen(call.session, ticket, call.agent, "", call.now)
    return Answer(call.done("desk.replied"))
