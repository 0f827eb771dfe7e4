"""Incidents: what goes on and what is over; opened, acknowledged and resolved by supervisors with the verbs that chat has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select
from starlette.responses import Response

from triagebot.desk.incident import incidents
from triagebot.desk.incident.incidents import Standing
from triagebot.desk.team import roster
from triagebot.errors import DeskError
from triagebot.locale import say
from triagebot.report import arrivals
from triagebot.store.tables import Ticket
from triagebot.text import one_line
from triagebot.web.desk.door import Visit

_MOST_OVER = 30
_MOST_TICKETS = 100
_SURE = "yes"


@dataclass(frozen=True)
class Told:
    """One incident. ``tickets``: those that are worked on first, a hundred at most; ``came``: when each of all came in."""

    standing: Standing
    tickets: list[Ticket]
    came: list[datetime]
    names: dict[str, str]


async def show(visit: Visit, told: str = "") -> Response:
    going, over = await visit.site.store.read(_lists)
    return visit.page("desk/incidents.html", heading=say(visit.lang, "web.nav.incidents"), told=told, going=going, over=over,
                      office=visit.site.office)  # fmt: skip


def _lists(session: Session) -> tuple[list[Standing], list[Standing]]:
    return incidents.listed(session), incidents.listed(session, resolved=True, limit=_MOST_OVER)


async def one(visit: Visit, told: str = "") -> Response:
    found = await visit.site.store.read(_one, _number(visit))
    incident, zone = found.standing.incident, visit.site.office.zone
    period = arrivals.period_of(found.came, incident.opened_at, incident.resolved_at or visit.now)
    title = say(visit.lang, "web.incidents.course")
    return visit.page("desk/incident.html", heading=incident.title, told=told, standing=found.standing, incident=incident,
                      tickets=found.tickets, names=found.names, office=visit.site.office,
                      chart=arrivals.chart(found.came, period, zone, title))  # fmt: skip


def _one(session: Session, number: int) -> Told:
    incident = incidents.get(session, number)
    (standing,) = incidents.standings(session, [incident])
    came = session.exec(select(Ticket.created_at).where(Ticket.incident_id == number).order_by(col(Ticket.id)))
    return Told(standing, incidents.tickets_of(session, incident, _MOST_TICKETS), list(came), roster.names(session))


async def open_(visit: Visit) -> Response:
    """A title, and what it is about if that is known."""
    category = visit.field("category")
    known = category if category in visit.site.office.book.categories else ""
    words = f"{known} {one_line(visit.field('title'), 200)}".strip()
    if not visit.field("title"):
        raise DeskError(say(visit.lang, "web.incidents.no_title"))
    return await show(visit, await visit.done("incident_open", words))


async def acknowledge(visit: Visit) -> Response:
    return await one(visit, await visit.done("incident_ack", str(_number(visit))))


async def resolve(visit: Visit) -> Response:
    """Only with the box ticked: everybody concerned hears of it."""
    if visit.field("sure") != _SURE:
        raise DeskError(say(visit.lang, "web.incidents.not_sure"))
    return await one(visit, await visit.done("incident_resolve", f"{_number(visit)} {visit.field('text')}"))


async def attach(visit: Visit) -> Response:
    return await one(visit, await visit.done("attach", f"{visit.field('ticket')} {_number(visit)}"))


async def detach(visit: Visit) -> Response:
    return await one(visit, await visit.done("detach", visit.field("ticket")))


def _number(visit: Visit) -> int:
    return int(visit.request.path_params["number"])
