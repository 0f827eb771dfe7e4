"""The verbs of being there: saying whether one is available, and acknowledging a call."""

from __future__ import annotations

from triagebot.access import audit
from triagebot.desk.team import agents, on_call
from triagebot.desk.team.workload import Load
from triagebot.desk.work import Call
from triagebot.errors import DeniedError, DeskError
from triagebot.locale import say

_SAID = {"on": True, "off": False, "开": True, "关": False}


def available(call: Call) -> str:
    """/available on|off; without a word how it stands. Who stops being available keeps what they have."""
    person, word = call.agent, call.text.strip().lower()
    if word and word not in _SAID:
        raise DeskError(say(call.lang, "desk.usage", usage="/available on|off"))
    if word and person.available is not _SAID[word]:
        person.available = _SAID[word]
        call.session.add(person)
        call.session.flush()
        audit.note(call.session, call.now, call.actor, "available", target=call.actor, data={"on": person.available})
    held = Load(call.session, [person]).of([person])[person.id or 0]
    return say(call.lang, f"desk.available_{'on' if person.available else 'off'}", count=held)


def acknowledge(call: Call) -> str:
    """/ack N: whoever is called about a ticket, or works on its queue, says that they know; nobody else is called."""
    ticket, person = call.the_ticket, call.agent
    may = agents.works_on(person, ticket.queue) or agents.may(person, "supervisor")
    if not may and not on_call.was_called(call.session, ticket, person):
        queue = call.office.queue_title(ticket.queue, call.lang)
        raise DeniedError(say(call.lang, "desk.not_your_queue", number=ticket.id, queue=queue))
    if not on_call.acknowledge(call.session, call.office, ticket, person, call.now):
        raise DeskError(say(call.lang, "desk.nobody_called", number=ticket.id))
    return call.done("desk.acknowledged")
