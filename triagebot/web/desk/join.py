"""Joining the desk in a browser, by an invitation. Opening the link changes nothing; who presses the button is a colleague."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from triagebot.access import sessions, tokens
from triagebot.desk.team import invitations
from triagebot.desk.team.invitations import Newcomer
from triagebot.errors import DeniedError
from triagebot.locale import say
from triagebot.store import later
from triagebot.web import pages
from triagebot.web.desk import door
from triagebot.web.site import HEADERS, Site

JOIN = "/desk/join"
_HOME = "/desk"


def show(site: Site) -> Callable[[Request], Awaitable[Response]]:
    """The page that asks for a name; without a token it says where an invitation is to be had."""

    async def answer(request: Request) -> Response:
        if not site.is_meant(request):
            return door.refused(request, 421, "web.wrong_host")
        return _form(request, request.query_params.get("token", ""))

    return answer


def enter(site: Site) -> Callable[[Request], Awaitable[Response]]:
    """Use the invitation up and sign in, in one transaction; one that is of no use is audited. Who is signed in already keeps
    it for somebody else."""

    async def answer(request: Request) -> Response:
        if not site.is_meant(request) or not site.is_own(request):
            return door.refused(request, 403, "web.forged")
        form = await request.form(max_files=0, max_part_size=4096)
        token, name = str(form.get("token", "")), " ".join(str(form.get("name", "")).split())
        now = site.clock()
        here = await site.store.read(sessions.look, request.cookies.get(door.COOKIE, ""), now)
        if here is not None:
            return _form(request, "", say(here[0].agent.lang, "web.join.already_in", agent=here[0].agent.name), 409)
        lang = pages.language_of(request)
        if not name:
            return _form(request, token, say(lang, "web.join.name_missing"), 422)
        key, problem = await site.store.write(_begin, token, Newcomer(name, lang), now)
        if problem:
            return _form(request, "", say(lang, problem), 403)
        response = RedirectResponse(_HOME, 303, HEADERS)
        door.keep_signed_in(response, site, key)
        return response

    return answer


def _begin(session: Session, token: str, who: Newcomer, now: datetime) -> tuple[str, str]:
    """The key of a new session, or the catalogue's key of what is wrong."""
    try:
        with later.savepoint(session):
            agent = invitations.accept(session, tokens.hashed(token), who, now)
            return sessions.begin(session, agent.id or 0, now), ""
    except DeniedError as denied:
        invitations.refused(session, who, denied, now)
        return "", str(denied)


def _form(request: Request, token: str, problem: str = "", status: int = 200) -> Response:
    theme = request.cookies.get("theme", "auto")
    return pages.page("desk/join.html", pages.language_of(request), status=status, token=token, problem=problem,
                      theme=theme, action=JOIN)  # fmt: skip
