"""Signing in by a link that works once. Opening the link changes nothing: chats fetch links to show what is behind them."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import datetime

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from triagebot.access import audit, links, sessions
from triagebot.errors import DeniedError
from triagebot.store import later
from triagebot.web import pages
from triagebot.web.desk.door import COOKIE, SIGN_IN, Visit, keep_signed_in, refused
from triagebot.web.site import HEADERS, Site

_HOME = "/desk"
_OWN_PAGE = re.compile(r"/desk(/[a-z0-9-]+)*")
"""Where signing in may lead to: nothing that a browser could take for another site."""


def show(site: Site) -> Callable[[Request], Awaitable[Response]]:
    """The page with the one button; without a token it says where a link is to be had."""

    async def answer(request: Request) -> Response:
        if not site.is_meant(request):
            return refused(request, 421, "web.wrong_host")
        return _form(request, request.query_params.get("token", ""))

    return answer


def enter(site: Site) -> Callable[[Request], Awaitable[Response]]:
    """Use the link up and begin a session, in one transaction; a link that is of no use is audited."""

    async def answer(request: Request) -> Response:
        if not site.is_meant(request) or not site.is_own(request):
            return refused(request, 403, "web.forged")
        form = await request.form(max_files=0, max_part_size=4096)
        token, to = str(form.get("token", "")), str(form.get("to", ""))
        key, problem = await site.store.write(_begin, token, site.clock())
        if problem:
            return _form(request, "", problem, 403)
        response = RedirectResponse(to if _OWN_PAGE.fullmatch(to) else _HOME, 303, HEADERS)
        keep_signed_in(response, site, key)
        return response

    return answer


def _begin(session: Session, token: str, now: datetime) -> tuple[str, str]:
    """The key of a new session, or the catalogue's key of what is wrong."""
    try:
        with later.savepoint(session):
            link = links.redeem(session, "sign_in", token, now)
            key = sessions.begin(session, link.agent_id or 0, now)
    except DeniedError as denied:
        audit.note(session, now, "user:web", "sign in", outcome="denied", data={"reason": str(denied)})
        return "", str(denied)
    audit.note(session, now, f"agent:{link.agent_id}", "sign in")
    return key, ""


def _form(request: Request, token: str, problem: str = "", status: int = 200) -> Response:
    theme = request.cookies.get("theme", "auto")
    return pages.page("desk/sign_in.html", pages.language_of(request), status=status, token=token, problem=problem,
                      to=request.query_params.get("to", ""), theme=theme, action=SIGN_IN)  # fmt: skip


async def leave(visit: Visit) -> Response:
    """The session ends in the database, not only in the browser."""
    await visit.site.store.write(sessions.end, visit.request.cookies.get(COOKIE, ""))
    response = RedirectResponse(SIGN_IN, 303, HEADERS)
    response.delete_cookie(COOKIE, path="/", secure=visit.site.secure, httponly=True, samesite="lax")
    return response
