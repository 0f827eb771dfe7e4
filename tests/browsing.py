"""The desk's pages as a browser asks for them, without a network: cookies are kept, forms carry what the page carried."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import httpx
from fastapi import FastAPI
from sqlmodel import Session, select

from tests.conftest import FakeClock
from tests.unit.house import office
from triagebot.access import links
from triagebot.desk.office import Office
from triagebot.desk.team import agents
from triagebot.store.store import Store
from triagebot.store.tables import WebSession
from triagebot.vision.keepsakes import Keepsakes
from triagebot.web import pages
from triagebot.web.desk import routes
from triagebot.web.live import Live
from triagebot.web.site import Site

URL = "http://desk.example.org"


@dataclass
class Desk:
    """A desk on ``store``; ``browser()`` is one that nobody has signed in with yet."""

    store: Store
    clock: FakeClock
    office: Office = field(default_factory=office)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    keepsakes: Keepsakes = field(default_factory=Keepsakes)
    _served: tuple[Office, FastAPI] | None = None

    def site(self) -> Site:
        return Site(self.store, self.office, self.clock, URL, Live(self.store, self.stopping), self.stopping,
                    keepsakes=self.keepsakes)  # fmt: skip

    def app(self) -> FastAPI:
        """One app for all browsers, as in a process; another one when the test gave the desk another office."""
        if self._served is None or self._served[0] is not self.office:
            self._served = self.office, self._new_app()
        return self._served[1]

    def _new_app(self) -> FastAPI:
        app, site = FastAPI(redirect_slashes=False), self.site()
        for path, give in pages.files().items():
            app.add_api_route(path, give, methods=["GET"], response_model=None)
        routes.mount(app, site)
        return app

    def hire(self, name: str, **more: Any) -> int:
        return self.store.write_now(lambda s: agents.add(s, name, self.clock(), **more).id or 0)

    def link(self, agent_id: int) -> str:
        return self.store.write_now(links.issue, "sign_in", self.clock(), by="system", agent_id=agent_id)

    def browser(self) -> Browser:
        return Browser(self)

    def signed_in(self, name: str = "小李", **more: Any) -> Browser:
        """The browser of a new agent, who has just come in by a link."""
        return self.enter(self.hire(name, **more))

    def enter(self, agent_id: int) -> Browser:
        """The browser of somebody who works here already."""
        browser = self.browser()
        browser.agent_id = agent_id
        answer = browser.post("/desk/sign-in", token=self.link(agent_id))
        assert answer.status_code == 303, answer.text
        return browser

    def at(self, name: str) -> Browser:
        """As ``enter``, by name."""
        return self.enter(self.store.read_now(lambda s: agents.by_name(s, name, self.clock()).id or 0))


@dataclass
class Browser:
    desk: Desk
    cookies: httpx.Cookies = field(default_factory=httpx.Cookies)
    agent_id: int = 0

    def get(self, path: str, *, part: bool = False, **headers: str) -> httpx.Response:
        return self._ask("GET", path, {**headers, **({"hx-request": "true"} if part else {})})

    def post(
        self, path: str, *, csrf: str | None = None, origin: str = URL, part: bool = False, **form: str
    ) -> httpx.Response:
        """``csrf`` None: as the page's own form would carry it. ``part``: as htmx asks."""
        form["csrf"] = self.csrf() if csrf is None else csrf
        return self._ask("POST", path, {"origin": origin, **({"hx-request": "true"} if part else {})}, data=form)

    def csrf(self) -> str:
        """The word of this agent's newest session, "" when there is none."""

        def found(session: Session) -> str:
            rows = session.exec(select(WebSession).where(WebSession.agent_id == self.agent_id)).all()
            return max(rows, key=lambda row: row.id or 0).csrf if rows else ""

        return self.desk.store.read_now(found)

    def _ask(self, method: str, path: str, headers: dict[str, str], **more: Any) -> httpx.Response:
        async def run() -> httpx.Response:
            transport = httpx.ASGITransport(self.desk.app())
            async with httpx.AsyncClient(transport=transport, base_url=URL, cookies=self.cookies) as client:
                answer = await client.request(method, path, headers=headers, **more)
                self.cookies = client.cookies
                return answer

        return asyncio.run(run())
