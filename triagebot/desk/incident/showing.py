"""One incident as supervisors see it in a chat: /incident N and, afterwards, /postmortem N."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from triagebot.desk.incident import curve, following, incidents, new_words, retrospect, retrospect_words, story
from triagebot.desk.incident.incident_verbs import line, named
from triagebot.desk.incident.telling import Telling, lines, since
from triagebot.desk.team import roster
from triagebot.desk.work import Call
from triagebot.locale import say
from triagebot.store.incident_tables import Incident, IncidentEvent

_MOST_EVENTS = 12


def show(call: Call) -> str:
    """One incident, what happened to it, and its tickets: /incident N."""
    incident = named(call, call.text)
    session, telling = call.session, _telling(call)
    (standing,) = incidents.standings(session, [incident])
    found = curve.of(session, call.office, incident, call.now)
    told = [line(call, standing)]
    if not incident.signature.startswith(new_words.WORDS):  # whose people are counted when they are found, in its story
        told.append(since(found.since, found.so_far, found.usual_so_far, telling))
    told += _facts(call, incident)
    told += [say(call.lang, "incident.happened"), *_story(call, story.timeline(session, incident.id or 0), telling)]
    attached = incidents.tickets_of(session, incident)
    told += [say(call.lang, "incident.attached_tickets")] if attached else []
    for ticket in attached:
        told.append(say(call.lang, "incident.ticket", number=ticket.id, priority=ticket.priority,
                        category=call.office.title(ticket.category, call.lang),
                        status=say(call.lang, f"status.{ticket.status}", agent="").strip()))  # fmt: skip
    return "\n".join(told)


def _facts(call: Call, incident: Incident) -> Iterator[str]:
    """Only what is known."""
    telling = _telling(call)
    if about := telling.about(incident):
        yield say(call.lang, "incident.about", about=about)
    if incident.calm_at and incident.state != following.RESOLVED:
        yield say(call.lang, "incident.calm", at=telling.time(incident.calm_at))
    if incident.covered_by:
        yield say(call.lang, "incident.part_of", number=incident.covered_by)
    if parts := incidents.parts_of(call.session, incident):
        numbers = "、".join(str(part.id) for part in parts)
        yield say(call.lang, "incident.covers", numbers=numbers)
    if incident.status_text:
        yield say(call.lang, "incident.told", text=incident.status_text)


def _story(call: Call, events: Sequence[IncidentEvent], telling: Telling) -> Iterator[str]:
    """The last of them: all stand on the desk's page."""
    for happened in lines(events[-_MOST_EVENTS:], telling):
        key = "incident.happened_detail" if happened.detail else "incident.happened_line"
        yield say(
            call.lang, key, at=telling.time(happened.at), who=happened.who, what=happened.what, detail=happened.detail
        )


def postmortem(call: Call) -> str:
    """What is known of it afterwards: /postmortem N."""
    incident = named(call, call.text)
    found = retrospect.of(call.session, call.office, incident, call.now)
    return retrospect_words.text(found, replace(_telling(call), dated=True))


def _telling(call: Call) -> Telling:
    return Telling(call.office, call.lang, call.now, roster.names(call.session))
