"""The list of incidents: what goes on and what is over; supervisors open one by hand."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session
from starlette.responses import Response

from triagebot.desk.incident import incidents
from triagebot.desk.incident.incidents import Standing
from triagebot.desk.incident.telling import Telling
from triagebot.errors import DeskError
from triagebot.locale import say
from triagebot.text import one_line
from triagebot.web.desk.door import Visit

_MOST_OVER = 30


@dataclass(frozen=True)
class Lists:
    going: list[Standing]
    over: list[Standing]


async def show(visit: Visit, told: str = "") -> Response:
    found = await visit.site.store.read(_lists)
    about = Telling(visit.site.office, visit.lang, visit.now, {}).about
    return visit.page("desk/incidents.html", heading=say(visit.lang, "web.nav.incidents"), told=told, going=found.going,
                      over=found.over, about=about, office=visit.site.office)  # fmt: skip


def _lists(session: Session) -> Lists:
    return Lists(incidents.listed(session), incidents.listed(session, resolved=True, limit=_MOST_OVER))


async def open_(visit: Visit) -> Response:
    """A title, and what it is about if that is known."""
    category = visit.field("category")
    known = category if category in visit.site.office.book.categories else ""
    words = f"{known} {one_line(visit.field('title'), 200)}".strip()
    if not visit.field("title"):
        raise DeskError(say(visit.lang, "web.incidents.no_title"))
    return await show(visit, await visit.done("incident_open", words))
