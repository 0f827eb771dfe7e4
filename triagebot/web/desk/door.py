"""The way of a request to the desk: the right name, signed in, allowed, sent by one of our pages; only then the page."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

import structlog
from sqlmodel import Session
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from triagebot.access import audit, sessions
from triagebot.access.sessions import SignedIn
from triagebot.desk import verbs
from triagebot.desk.team import agents
from triagebot.desk.verbs import Attempt
from triagebot.errors import DeniedError, StoreError, TriagebotError
from triagebot.locale import say
from triagebot.store.tables import Agent
from triagebot.text import spoken_time
from triagebot.web import pages
from triagebot.web.desk.shortcuts import GO, KEYS
from triagebot.web.desk.words import Words
from triagebot.web.site import HEADERS, Site

log = structlog.get_logger()

COOKIE = "triagebot_desk"
SIGN_IN = "/desk/sign-in"
MOST_BYTES = 256 * 1024
"""No form of the desk is larger."""


@dataclass(frozen=True)
class Visit:
    """One request of somebody who is signed in and may see this page. ``form``: empty for a GET."""

    site: Site
    request: Request
    agent: Agent
    csrf: str
    now: datetime
    form: FormData

    @property
    def lang(self) -> str:
        return self.agent.lang

    @property
    def words(self) -> Words:
        return Words(self.site.office, self.lang, self.now)

    def field(self, name: str) -> str:
        """What was typed into ``name``, "" when it is not there."""
        value = self.form.get(name, "")
        return value.strip() if isinstance(value, str) else ""

    @property
    def here(self) -> str:
        """This page's address with what was asked, to come back to."""
        query = self.request.url.query
        return self.request.url.path + (f"?{query}" if query else "")

    def when(self, at: datetime) -> str:
        """A moment as a person would say it."""
        return spoken_time(at, self.now, self.site.office.zone, self.lang)

    def page(self, template: str, **values: Any) -> Response:
        return pages.page(template, self.lang, **{**self.common(), **values})

    def common(self) -> dict[str, Any]:
        """What every page of the desk is given."""
        return {
            "agent": self.agent, "csrf": self.csrf, "now": self.now, "path": self.request.url.path,
            "may": lambda role: agents.may(self.agent, role), "theme": self.request.cookies.get("theme", "auto"), "nav": NAV,
            "go": GO, "keys": KEYS, "w": self.words, "here": self.here,
            "part": is_part(self.request), "when": self.when,
        }  # fmt: skip

    async def attempt(self, verb: str, words: str) -> Attempt:
        """A verb of the desk, as this agent, with the rules and roles that hold in chat."""
        return await self.site.store.write(self._attempt, verb, words)

    async def done(self, verb: str, words: str) -> str:
        """As ``attempt``: what to tell the agent. Raises the refusal, which is in the audit log by then."""
        made = await self.attempt(verb, words)
        if made.refusal is not None:
            raise made.refusal
        return made.text

    async def again(self) -> Visit:
        """With the agent as they are now: something about them was changed."""
        return replace(self, agent=await self.site.store.read(lambda session: session.get_one(Agent, self.agent.id)))

    def _attempt(self, session: Session, verb: str, words: str) -> Attempt:
        agent = session.get_one(Agent, self.agent.id)
        return verbs.attempt(session, self.site.office, agent, verb, words, self.now)


NAV = (
    ("/desk", "web.nav.board", "agent"),
    ("/desk/incidents", "web.nav.incidents", "agent"),
    ("/desk/reports", "web.nav.reports", "supervisor"),
    ("/desk/rules", "web.nav.rules", "agent"),
    ("/desk/people", "web.nav.people", "agent"),
    ("/desk/health", "web.nav.health", "supervisor"),
)
"""Address, words, role: the pages in the bar."""

Page = Callable[[Visit], Awaitable[Response]]


@dataclass(frozen=True)
class Route:
    """``role``: who may; a path holds ``{number:int}`` where a ticket is meant."""

    method: str
    path: str
    page: Page
    role: str = "agent"


def guarded(site: Site, route: Route) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint of ``route``: everything that is not as it should be ends here."""

    async def answer(request: Request) -> Response:
        try:
            return await _answer(site, route, request)
        except StoreError as error:
            log.error("desk.outage", path=request.url.path, reason=str(error))
            return refused(request, 503, "web.outage")

    return answer


async def _answer(site: Site, route: Route, request: Request) -> Response:
    if not site.is_meant(request):
        return refused(request, 421, "web.wrong_host")
    now = site.clock()
    signed = await _signed_in(site, request, now)
    if signed is None:
        return _to_sign_in(request)
    if not agents.may(signed.agent, route.role):
        await _denied(site, signed.agent, request, now)
        return refused(request, 403, "web.denied", signed.agent.lang)
    form = FormData()
    if route.method != "GET":
        if int(request.headers.get("content-length") or MOST_BYTES + 1) > MOST_BYTES:
            return refused(request, 413, "web.too_large", signed.agent.lang)
        form = await request.form(max_files=0, max_part_size=MOST_BYTES)
        if not site.is_own(request) or not _carries(signed, request, form):
            await _denied(site, signed.agent, request, now)
            return refused(request, 403, "web.forged", signed.agent.lang)
    try:
        return await route.page(Visit(site, request, signed.agent, signed.csrf, now, form))
    except StoreError:
        raise
    except TriagebotError as error:
        return told(request, 403 if isinstance(error, DeniedError) else 422, str(error), signed.agent.lang)


async def _signed_in(site: Site, request: Request, now: datetime) -> SignedIn | None:
    key = request.cookies.get(COOKIE, "")
    found = await site.store.read(sessions.look, key, now) if key else None
    if found is None:
        return None
    signed, stale = found
    if stale:
        await site.store.write(sessions.touch, signed.session_id, now)
    return signed


def _carries(signed: SignedIn, request: Request, form: FormData) -> bool:
    """The session's own word, in a header (htmx) or in the form: another site's form cannot know it."""
    given = request.headers.get("x-csrf-token") or form.get("csrf") or ""
    return isinstance(given, str) and secrets.compare_digest(given.encode(), signed.csrf.encode())


async def _denied(site: Site, agent: Agent, request: Request, now: datetime) -> None:
    await site.store.write(audit.note, now, f"agent:{agent.id}", f"web {request.method}",
                           target=request.url.path[:200], outcome="denied")  # fmt: skip


def keep_signed_in(response: Response, site: Site, key: str) -> None:
    """The cookie that holds the session's key: out of reach of scripts and of other sites."""
    response.set_cookie(COOKIE, key, max_age=int(sessions.LONGEST.total_seconds()), path="/", secure=site.secure,
                        httponly=True, samesite="lax")  # fmt: skip


def is_part(request: Request) -> bool:
    """Whether a part of a page is asked for (htmx), not a page."""
    return request.headers.get("hx-request") == "true"


def _to_sign_in(request: Request) -> Response:
    if is_part(request):
        return Response(status_code=401, headers={**HEADERS, "hx-redirect": SIGN_IN})
    if request.method != "GET":
        return refused(request, 401, "web.session_over")
    return RedirectResponse(f"{SIGN_IN}?to={quote(request.url.path)}", 303, HEADERS)


def refused(request: Request, status: int, key: str, lang: str = "") -> Response:
    lang = lang or pages.language_of(request)
    return told(request, status, say(lang, key), lang)


def told(request: Request, status: int, words: str, lang: str = "") -> Response:
    """Why not: as a small notice in the page that is open, or as a page of its own."""
    template = "toast.html" if is_part(request) else "refused.html"
    theme = request.cookies.get("theme", "auto")
    return pages.page(template, lang or pages.language_of(request), status=status, words=words, kind="bad", theme=theme)
