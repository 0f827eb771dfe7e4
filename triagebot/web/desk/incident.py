"""One incident on the desk: how it goes, what happened, what its people are told; and the look back at it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from sqlmodel import Session
from starlette.responses import Response

from triagebot.desk.incident import curve, incidents, retrospect, retrospect_words, story, telling
from triagebot.desk.incident.curve import Curve
from triagebot.desk.incident.incident_verbs import NOTHING
from triagebot.desk.incident.incidents import Standing
from triagebot.desk.incident.retrospect import PostMortem
from triagebot.desk.incident.telling import Telling
from triagebot.desk.office import Office
from triagebot.desk.team import roster
from triagebot.errors import DeskError
from triagebot.locale import say
from triagebot.report import surge
from triagebot.report.surge import Mark
from triagebot.store.incident_tables import Incident, IncidentEvent
from triagebot.store.tables import Ticket
from triagebot.web.desk.door import Visit
from triagebot.web.site import HEADERS

_MOST_TICKETS = 100
_SURE = "yes"
_MOMENTS = (("since", "since"), ("opened_at", "opened"), ("acknowledged_at", "acknowledged"), ("calm_at", "calm"),
            ("resolved_at", "resolved"))  # fmt: skip
"""Columns, and the words for what happened then."""


@dataclass(frozen=True)
class Found:
    """``tickets``: those that are worked on first, a hundred at most. ``whole``: the incident that covers it, ``parts``: those
    that it covers."""

    standing: Standing
    tickets: list[Ticket]
    names: dict[str, str]
    curve: Curve
    story: list[IncidentEvent]
    whole: Incident | None
    parts: list[Incident]


async def show(visit: Visit, told: str = "") -> Response:
    found = await visit.site.store.read(_find, visit.site.office, _number(visit), visit)
    incident, teller = found.standing.incident, _telling(visit, found.names)
    marks = list(_marks(incident, visit.lang))
    return visit.page("desk/incident.html", heading=incident.title, told=told, incident=incident, standing=found.standing,
                      tickets=found.tickets, names=found.names, office=visit.site.office, whole=found.whole,
                      parts=found.parts, curve=found.curve, marks=marks, who=teller.who, about=teller.about(incident),
                      usual=telling.usual, story=telling.lines(found.story, teller), time=visit.when,
                      summary=_summary(found.curve, teller), chart=_chart(found.curve, marks, teller))  # fmt: skip


def _find(session: Session, office: Office, number: int, visit: Visit) -> Found:
    incident = incidents.get(session, number)
    (standing,) = incidents.standings(session, [incident])
    whole = session.get(Incident, incident.covered_by) if incident.covered_by else None
    return Found(standing, incidents.tickets_of(session, incident, _MOST_TICKETS), roster.names(session),
                 curve.of(session, office, incident, visit.now), story.timeline(session, number), whole,
                 incidents.parts_of(session, incident))  # fmt: skip


def _marks(incident: Incident, lang: str) -> Iterator[Mark]:
    for column, name in _MOMENTS:
        at = getattr(incident, column)
        if at is not None:
            yield Mark(at, say(lang, f"web.incidents.mark.{name}"))


def _summary(found: Curve, teller: Telling) -> str:
    return telling.since(found.since, found.so_far, found.usual_so_far, teller)


def _chart(found: Curve, marks: list[Mark], teller: Telling) -> str:
    """One for wide windows and one for phones; the style shows either."""
    title, zone = say(teller.lang, "web.incidents.course"), teller.office.zone
    words = "; ".join([_summary(found, teller), *(f"{mark.words} {teller.time(mark.at)}" for mark in marks)])
    return "".join(surge.chart(found, marks, zone, form, title, words) for form in (surge.WIDE, surge.SLIM))


async def acknowledge(visit: Visit) -> Response:
    return await show(visit, await visit.done("incident_ack", str(_number(visit))))


async def resolve(visit: Visit) -> Response:
    """Only with the box ticked: everybody concerned hears of it."""
    if visit.field("sure") != _SURE:
        raise DeskError(say(visit.lang, "web.incidents.not_sure"))
    return await show(visit, await visit.done("incident_resolve", f"{_number(visit)} {visit.field('text')}"))


async def status(visit: Visit) -> Response:
    """What people see while it goes on; an empty field takes it away."""
    return await show(visit, await visit.done("incident_status", f"{_number(visit)} {visit.field('text') or NOTHING}"))


async def attach(visit: Visit) -> Response:
    return await show(visit, await visit.done("attach", f"{visit.field('ticket')} {_number(visit)}"))


async def detach(visit: Visit) -> Response:
    return await show(visit, await visit.done("detach", visit.field("ticket")))


async def look_back(visit: Visit) -> Response:
    """The post-mortem as a page."""
    found, teller = await _retrospect(visit)
    return visit.page("desk/incident/postmortem.html", heading=say(visit.lang, "web.postmortem"), incident=found.incident,
                      rows=retrospect_words.rows(found, teller), story=telling.lines(found.story, teller),
                      time=teller.time)  # fmt: skip


async def file(visit: Visit) -> Response:
    """The post-mortem as Markdown, to be kept elsewhere."""
    found, teller = await _retrospect(visit)
    headers = {**HEADERS, "content-disposition": f'attachment; filename="incident-{found.incident.id}.md"'}
    made = retrospect_words.markdown(found, teller)
    return Response(made.encode(), media_type="text/markdown; charset=utf-8", headers=headers)


async def _retrospect(visit: Visit) -> tuple[PostMortem, Telling]:
    def read(session: Session) -> tuple[PostMortem, dict[str, str]]:
        incident = incidents.get(session, _number(visit))
        return retrospect.of(session, visit.site.office, incident, visit.now), roster.names(session)

    found, names = await visit.site.store.read(read)
    return found, replace(_telling(visit, names), dated=True)


def _telling(visit: Visit, names: dict[str, str]) -> Telling:
    return Telling(visit.site.office, visit.lang, visit.now, names)


def _number(visit: Visit) -> int:
    return int(visit.request.path_params["number"])
