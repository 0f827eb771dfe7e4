"""The page of who is signed in: what they did lately, how they were rated, whether they take tickets, and where they are in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select
from starlette.responses import RedirectResponse, Response

from triagebot.access import audit, sessions
from triagebot.desk import stats
from triagebot.desk.afterwards import ratings
from triagebot.desk.afterwards.ratings import Ratings
from triagebot.desk.office import Office
from triagebot.desk.stats import Done
from triagebot.desk.verbs import VERBS
from triagebot.errors import DeskError
from triagebot.locale import LANGUAGES, say
from triagebot.store.tables import Agent, WebSession
from triagebot.text import spoken_span
from triagebot.web.desk.door import COOKIE, SIGN_IN, Visit
from triagebot.web.desk.look import THEMES
from triagebot.web.site import HEADERS

_DAYS = (1, 7)
"""Periods that the figures are given for, in local days that end with today."""
_MOST_LOW = 10


@dataclass(frozen=True)
class Mine:
    done: tuple[Done, ...]
    rated: Ratings
    sessions: tuple[WebSession, ...]


async def show(visit: Visit, told: str = "") -> Response:
    mine = await visit.site.store.read(_read, visit.site.office, visit.agent, visit.now)
    figures = [(days, done, spoken_span(done.first_s, visit.lang) if done.first_s is not None else "–")
               for days, done in zip(_DAYS, mine.done, strict=True)]  # fmt: skip
    return visit.page("desk/me.html", heading=visit.agent.name, told=told, figures=figures, rated=mine.rated,
                      low=mine.rated.low[:_MOST_LOW], sessions=mine.sessions, themes=THEMES, langs=LANGUAGES,
                      office=visit.site.office, has_available="available" in VERBS)  # fmt: skip


def _read(session: Session, office: Office, agent: Agent, now: datetime) -> Mine:
    live = select(WebSession).where(WebSession.agent_id == agent.id, col(WebSession.expires_at) > now,
                                    col(WebSession.seen_at) > now - sessions.IDLE)  # fmt: skip
    begins = [stats.first_moment(days, now, office.zone) for days in _DAYS]
    deeds = stats.read(session, agent, min(begins))
    return Mine(
        tuple(deeds.since(begin) for begin in begins),
        ratings.of(session, agent=agent.id),
        tuple(session.exec(live.order_by(col(WebSession.seen_at).desc()))),
    )


async def available(visit: Visit) -> Response:
    """Take tickets from now on, or no more: the verb that chat has."""
    wanted = visit.field("available")
    if wanted not in ("on", "off"):
        raise DeskError(say(visit.lang, "web.me.on_or_off"))
    told = await visit.done("available", wanted)
    return await show(await visit.again(), told)


async def sign_out_everywhere(visit: Visit) -> Response:
    """In this browser too."""
    await visit.site.store.write(_end_all, visit.agent.id or 0, visit.now)
    response = RedirectResponse(SIGN_IN, 303, HEADERS)
    response.delete_cookie(COOKIE, path="/", secure=visit.site.secure, httponly=True, samesite="lax")
    return response


def _end_all(session: Session, agent_id: int, now: datetime) -> None:
    sessions.end_all(session, agent_id)
    audit.note(session, now, f"agent:{agent_id}", "signed out everywhere", target=f"agent:{agent_id}")
