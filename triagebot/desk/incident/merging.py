"""Several tickets about one thing become one: of the same person, or of several people with the same incident."""

from __future__ import annotations

from triagebot.desk import tickets, user_side
from triagebot.desk.incident import following, incidents
from triagebot.desk.tickets import OPEN_STATES
from triagebot.desk.work import Call, must_be_open, must_hold
from triagebot.errors import DeskError
from triagebot.locale import say
from triagebot.store.tables import Ticket


def merge(call: Call) -> str:
    """The first ticket ends, the second one goes on: /merge N INTO.

    Another person's ticket must be part of the same incident: it follows the second one (desk.following).
    """
    number = tickets.number_in(call.text)
    if number is None:
        raise DeskError(say(call.lang, "desk.needs_number"))
    into = tickets.get(call.session, number, to_change=True)
    ticket = call.the_ticket
    same_person = into.conversation_id == ticket.conversation_id
    same_incident = ticket.incident_id is not None and ticket.incident_id == into.incident_id
    if into.id == ticket.id or into.status not in OPEN_STATES or not (same_person or same_incident):
        raise DeskError(say(call.lang, "desk.cannot_merge", number=ticket.id, into=into.id))
    must_be_open(call)
    must_hold(call)
    if same_person:
        _one_persons(call, into)
    else:
        _note(call, into, "desk.followed_note")
        call.record("merged", into=into.id, followed=True)
        following.begin(call.session, call.office, ticket, call.now)
    return call.done("desk.merged" if same_person else "desk.merged_into_incident", into=into.id)


def _one_persons(call: Call, into: Ticket) -> None:
    """Whoever follows the ticket that ends goes on following the other one, which takes its place in the incident."""
    ticket = call.the_ticket
    leads = following.leads(call.session, ticket)
    if leads and into.incident_id not in (None, ticket.incident_id):
        raise DeskError(say(call.lang, "incident.leads", ticket=ticket.id))
    if ticket.incident_id is not None:
        incident = incidents.get(call.session, ticket.incident_id)
        facts: dict[str, object] = {"agent_name": call.agent.name}
        if into.incident_id is None:
            incidents.attach(call.session, call.office, into, incident, facts, call.actor, call.now)
        incidents.detach(call.session, call.office, ticket, facts, call.actor, call.now)
    _note(call, into, "desk.merged_note")
    call.record("merged", into=into.id)
    conversation = user_side.conversation_of(call.session, ticket)
    if conversation.ticket_id == ticket.id:
        conversation.ticket_id = into.id
        call.session.add(conversation)


def _note(call: Call, into: Ticket, key: str) -> None:
    tickets.record(call.session, call.office, into, "note", call.actor, call.now,
                   {"text": say(into.lang, key, number=call.the_ticket.id), "agent_name": call.agent.name})  # fmt: skip
