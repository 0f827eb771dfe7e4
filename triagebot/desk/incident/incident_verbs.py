"""What supervisors do about incidents: /incidents, /incident N, /incident_open, /attach and so on, one function a verb."""

from __future__ import annotations

from triagebot.desk import tickets
from triagebot.desk.incident import following, incidents
from triagebot.desk.incident.incidents import Standing
from triagebot.desk.work import Call, must_be_open
from triagebot.errors import DeskError
from triagebot.locale import say
from triagebot.store.incident_tables import Incident
from triagebot.text import spoken_time

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


def show(call: Call) -> str:
    """One incident and its tickets: /incident N."""
    incident = _named(call, call.text)
    (standing,) = incidents.standings(call.session, [incident])
    lines = [line(call, standing)]
    if incident.category:
        lines.append(call.office.title(incident.category, call.lang))
    if incident.status_text:
        lines.append(say(call.lang, "incident.told", text=incident.status_text))
    for ticket in incidents.tickets_of(call.session, incident):
        lines.append(say(call.lang, "incident.ticket", number=ticket.id, priority=ticket.priority,
                         category=call.office.title(ticket.category, call.lang),
                         status=say(call.lang, f"status.{ticket.status}", agent="").strip()))  # fmt: skip
    return "\n".join(lines)


def declare(call: Call) -> str:
    """A new incident: /incident_open TITLE; a first word that is a category's id says what it is about."""
    first, _, rest = call.text.partition(" ")
    known = first in call.office.book.categories and bool(rest.strip())
    incident = incidents.open(call.session, rest if known else call.text, call.actor, call.now,
                              category=first if known else "")  # fmt: skip
    return say(call.lang, "incident.opened", number=incident.id, title=incident.title)


def acknowledge(call: Call) -> str:
    """Somebody is at it: /incident_ack N."""
    incident = _named(call, call.text, to_change=True)
    if not incidents.acknowledge(call.session, incident, call.actor, call.now):
        state = say(call.lang, f"incident.{incident.state}")
        raise DeskError(say(call.lang, "incident.is_already", number=incident.id, state=state))
    return say(call.lang, "incident.acked", number=incident.id)


def resolve(call: Call) -> str:
    """It is over, and this is what people are told: /incident_resolve N [TEXT]."""
    first, _, words = call.text.partition(" ")
    incident = _named(call, first, to_change=True)
    (standing,) = incidents.standings(call.session, [incident])
    if not incidents.resolve(call.session, incident, words, call.actor, call.now):
        state = say(call.lang, f"incident.{incident.state}")
        raise DeskError(say(call.lang, "incident.is_already", number=incident.id, state=state))
    return say(call.lang, "incident.over", number=incident.id, count=standing.waiting)


def reopen(call: Call) -> str:
    """It is not over after all: /incident_reopen N."""
    incident = _named(call, call.text, to_change=True)
    if not incidents.reopen(call.session, incident, call.actor, call.now):
        state = say(call.lang, f"incident.{incident.state}")
        raise DeskError(say(call.lang, "incident.is_already", number=incident.id, state=state))
    return say(call.lang, "incident.reopened", number=incident.id)


def attach(call: Call) -> str:
    """/attach N INCIDENT."""
    must_be_open(call)
    ticket = call.the_ticket
    incident = _named(call, call.text)
    if incident.state == following.RESOLVED:
        state = say(call.lang, f"incident.{incident.state}")
        raise DeskError(say(call.lang, "incident.is_already", number=incident.id, state=state))
    if ticket.incident_id == incident.id:
        raise DeskError(say(call.lang, "incident.attached_already", ticket=ticket.id, number=incident.id))
    _must_not_lead(call)
    incidents.attach(call.session, call.office, ticket, incident, _facts(call), call.actor, call.now)
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


def _facts(call: Call) -> dict[str, object]:
    return {"agent_name": call.agent.name}


def _named(call: Call, words: str, *, to_change: bool = False) -> Incident:
    number = tickets.number_in(words.strip())
    if number is None:
        raise DeskError(say(call.lang, "incident.needs_number"))
    return incidents.get(call.session, number, to_change=to_change)
