"""The list of incidents: what goes on, what is over and what is expected; supervisors open one, or put up silences."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session
from starlette.responses import Response

from triagebot.desk.incident import incidents, silence_verbs, silences
from triagebot.desk.incident.incidents import Standing
from triagebot.desk.incident.telling import Telling
from triagebot.desk.team import roster
from triagebot.errors import DeskError
from triagebot.locale import say
from triagebot.store.incident_tables import Silence
from triagebot.text import one_line
from triagebot.web.desk.door import Visit

_MOST_OVER = 30
_SPANS = ("1h", "2h", "4h", "12h", "1d", "7d")
"""How long a silence may last, to choose from."""
_UNKNOWN = "unknown"


@dataclass(frozen=True)
class Lists:
    going: list[Standing]
    over: list[Standing]
    silences: list[Silence]
    names: dict[str, str]


async def show(visit: Visit, told: str = "") -> Response:
    found = await visit.site.store.read(_lists, visit.now)
    teller = Telling(visit.site.office, visit.lang, visit.now, found.names)
    return visit.page("desk/incidents.html", heading=say(visit.lang, "web.nav.incidents"), told=told, going=found.going,
                      over=found.over, about=teller.about, office=visit.site.office,
                      silences=[(each, silence_verbs.named(visit.site.office, visit.lang, each)) for each in found.silences],
                      who=teller.who, spans=_SPANS, platforms=_platforms(visit))  # fmt: skip


def _lists(session: Session, now: datetime) -> Lists:
    over = incidents.listed(session, resolved=True, limit=_MOST_OVER)
    return Lists(incidents.listed(session), over, silences.listed(session, now), roster.names(session))


def _platforms(visit: Visit) -> list[tuple[str, str]]:
    known = visit.site.office.book.platforms.values()
    return [(each.id, each.title.in_(visit.lang)) for each in known if each.id != _UNKNOWN]


async def open_(visit: Visit) -> Response:
    """A title, and what it is about if that is known."""
    category = visit.field("category")
    known = category if category in visit.site.office.book.categories else ""
    words = f"{known} {one_line(visit.field('title'), 200)}".strip()
    if not visit.field("title"):
        raise DeskError(say(visit.lang, "web.incidents.no_title"))
    return await show(visit, await visit.done("incident_open", words))


async def silence(visit: Visit) -> Response:
    """A category, a platform, or both, and for how long."""
    what = "@".join(filter(None, (visit.field("category"), visit.field("platform"))))
    if not what:
        raise DeskError(say(visit.lang, "web.silences.what"))
    words = f"{what} {visit.field('span')} {one_line(visit.field('reason'), 200)}".strip()
    return await show(visit, await visit.done("silence", words))


async def unsilence(visit: Visit) -> Response:
    return await show(visit, await visit.done("unsilence", visit.field("silence")))
