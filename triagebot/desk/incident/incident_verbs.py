"""What supervisors do about incidents: /incidents, /incident_open, /attach and so on, one function a verb."""

from __future__ import annotations

from triagebot.desk import tickets
from triagebot.desk.incident import following, going, incidents, people
from triagebot.desk.incident.incidents import Standing
from triagebot.desk.work import Call, must_be_open
from triagebot.errors import DeskError
from triagebot.locale import say
from triagebot.store.incident_tables import Incident
from triagebot.text import spoken_time

NOTHING = "-"
"""In place of a status text: none any more."""
_MOST_OVER = 5


def listed(call: Call) -> str:
    """Those that go on, and the last few that are over."""
    going, over = (incidents.listed(call.session, resolved=r, limit=n) for r, n in ((False, 50), (True, _MOST_OVER)))
    if not going and not over:
        return say(call.lang, "incident.none")
    head = say(call.lang, "incident.head", count=len(going))
    return "\n".join([head, *(line(call, standing) for standing in (*going, *over))])


def line(call: Call, standing: Standing) -> str:
    incident = standing.incident
    return say(call.lang, "incident.line", number=incident.id, title=incident.title,
               state=say(call.lang, f"incident.{incident.state}"), tickets=standing.tickets, waiting=standing.waiting,
               people=standing.people,
               at=spoken_time(incident.opened_at, call.now, call.office.zone, call.lang))  # fmt: skip


def declare(call: Call) -> str:
    """A new incident: /incident_open TITLE; a first word that is a category's id says what it is about."""
    first, _, rest = call.text.partition(" ")
    known = first in call.office.book.categories and bool(rest.strip())
    incident = incidents.open(call.session, rest if known else call.text, call.actor, call.now,
                              category=first if known else "")  # fmt: skip
    return say(call.lang, "incident.opened", number=incident.id, title=incident.title)


def acknowledge(call: Call) -> str:
    """Somebody is at it: /incident_ack N."""
    incident = named(call, call.text, to_change=True)
    if not incidents.acknowledge(call.session, incident, call.actor, call.now):
        raise _is_already(call, incident)
    return say(call.lang, "incident.acked", number=incident.id)


def status(call: Call) -> str:
    """What its people see about it while it goes on, "-" for nothing any more: /incident_status N TEXT."""
    first, _, words = call.text.partition(" ")
    incident = named(call, first, to_change=True)
    if not words.strip():
        raise DeskError(say(call.lang, "incident.needs_text", number=incident.id))
    if not incidents.say(call.session, incident, "" if words.strip() == NOTHING else words, call.actor, call.now):
        raise _is_already(call, incident)
    key = "incident.said" if incident.status_text else "incident.unsaid"
    return say(call.lang, key, number=incident.id, text=incident.status_text)


def resolve(call: Call) -> str:
    """It is over, and this is what people are told: /incident_resolve N [TEXT]."""
    first, _, words = call.text.partition(" ")
    incident = named(call, first, to_change=True)
    (standing,) = incidents.standings(call.session, [incident])
    if not incidents.resolve(call.session, incident, words, call.actor, call.now):
        raise _is_already(call, incident)
    return say(call.lang, "incident.over", number=incident.id, count=standing.waiting)


def reopen(call: Call) -> str:
    """It is not over after all: /incident_reopen N."""
    incident = named(call, call.text, to_change=True)
    if not incidents.reopen(call.session, incident, call.actor, call.now):
        state = say(call.lang, f"incident.{incident.state}")
        raise DeskError(say(call.lang, "incident.is_already", number=incident.id, state=state))
    return say(call.lang, "incident.reopened", number=incident.id)


def attach(call: Call) -> str:
    """/attach N INCIDENT."""
    must_be_open(call)
    ticket = call.the_ticket
    incident = named(call, call.text)
    if going.held_open(call.session, incident.id or 0) is None:
        raise _is_already(call, incident)
    if ticket.incident_id == incident.id:
        raise DeskError(say(call.lang, "incident.attached_already", ticket=ticket.id, number=incident.id))
    _must_not_lead(call)
    incidents.attach(call.session, call.office, ticket, incident, _facts(call), call.actor, call.now)
    people.plan(call.session, call.office, [ticket], call.now)
    return call.done("incident.attached", incident=incident.id, title=incident.title)


def detach(call: Call) -> str:
    """/detach N."""
    ticket = call.the_ticket
    if ticket.incident_id is None:
        raise DeskError(say(call.lang, "incident.not_attached", ticket=ticket.id))
    if following.follows(ticket):
        raise DeskError(say(call.lang, "incident.follows", ticket=ticket.id))
    _must_not_lead(call)
    number = ticket.incident_id
    incidents.detach(call.session, call.office, ticket, _facts(call), call.actor, call.now)
    return call.done("incident.detached", incident=number)


def _must_not_lead(call: Call) -> None:
    """Those who follow a ticket would hear of the end of an incident that is not theirs."""
    if following.leads(call.session, call.the_ticket):
        raise DeskError(say(call.lang, "incident.leads", ticket=call.the_ticket.id))


def _is_already(call: Call, incident: Incident) -> DeskError:
    state = say(call.lang, f"incident.{incident.state}")
    return DeskError(say(call.lang, "incident.is_already", number=incident.id, state=state))


def _facts(call: Call) -> dict[str, object]:
    return {"agent_name": call.agent.name}


def named(call: Call, words: str, *, to_change: bool = False) -> Incident:
    """The incident whose number ``words`` are; DeskError when they are none, or there is none."""
    number = tickets.number_in(words.strip())
    if number is None:
        raise DeskError(say(call.lang, "incident.needs_number"))
    return incidents.get(call.session, number, to_change=to_change)
