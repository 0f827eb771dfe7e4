"""The web chat as a browser talks to it, without a network: posts, the cookie, the stream of what is new; and the loops."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
from fastapi import FastAPI

from tests.browsing import URL
from tests.conftest import FakeClock
from tests.unit.house import HandBrain, office
from triagebot.channels.web import Web
from triagebot.flow.bell import Bell
from triagebot.flow.converse import Converse
from triagebot.flow.deliver import Deliver
from triagebot.flow.intake import intake_into
from triagebot.flow.viewing import Viewing
from triagebot.store import mailbox
from triagebot.store.store import Store
from triagebot.vision.eyes import Blind, Eyes
from triagebot.vision.keepsakes import Keepsakes
from triagebot.web.chat import routes
from triagebot.web.chat.house import ChatHouse
from triagebot.web.chat.wakes import Wakes
from triagebot.web.live import Live
from triagebot.web.site import Site

OWNERS = {(mailbox.CHANNEL, mailbox.CHANNEL)}
PATIENCE_S = 20.0


@dataclass
class Chatting:
    """One process that serves the chat and answers, when a test says so. Everything happens in the test's own loop."""

    store: Store
    clock: FakeClock
    url: str = URL
    embedding: tuple[str, ...] = ()
    proxies: int = 0
    holder: str = "one"
    eyes: Eyes = field(default_factory=Blind)
    keepsakes: Keepsakes = field(default_factory=Keepsakes)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        site = Site(self.store, office(), self.clock, self.url, Live(self.store, self.stopping), self.stopping)
        self.work, said = Bell(), Bell()
        self.wakes = Wakes(self.store, self.stopping, every_s=0.05)
        intake = intake_into(self.store, self.clock, self.work)
        look = Viewing(self.store, self.eyes, self.keepsakes).look
        self.house = ChatHouse(site, intake, self.wakes, look, self.keepsakes, self.embedding, self.proxies)
        self.app = FastAPI(redirect_slashes=False)
        routes.mount(self.app, self.house)
        brain: Any = HandBrain()
        self.converse = Converse(
            self.store, site.office, brain, OWNERS, self.clock, self.work, said, self.holder, limited={mailbox.CHANNEL}
        )
        self.deliver = Deliver(self.store, site.office, {mailbox.CHANNEL: Web()}, OWNERS, self.clock, said)
        self.deliver.noted = self.wakes.wake

    async def answer(self) -> None:
        """All that waits is handled and sent, a second later."""
        self.clock.advance(1)
        while await self.at_once():
            self.clock.advance(1)

    async def at_once(self) -> bool:
        """Something of what waits is handled and sent, now."""
        return bool(await self.converse.once() or await self.deliver.once())

    def person(self, address: str = "203.0.113.5", **headers: str) -> Person:
        return Person(self, address, headers)


@dataclass
class Person:
    """Somebody's browser. ``headers``: what it sends with everything."""

    chatting: Chatting
    address: str
    headers: dict[str, str]
    cookies: httpx.Cookies = field(default_factory=httpx.Cookies)

    async def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        transport = httpx.ASGITransport(self.chatting.app, client=(self.address, 4000))
        headers = {"origin": self.chatting.url, **self.headers, **more.pop("headers", {})}
        async with httpx.AsyncClient(
            transport=transport, base_url=self.chatting.url, cookies=self.cookies, headers=headers
        ) as client:
            answer = await client.request(method, path, **more)
            self.cookies = client.cookies
            return answer

    async def begin(self, query: str = "") -> httpx.Response:
        return await self.ask("POST", f"/chat/begin{query}")

    async def post(self, **body: Any) -> httpx.Response:
        return await self.ask("POST", "/chat/messages", json={"id": uuid4().hex, **body})

    async def say(self, text: str, **more: Any) -> None:
        """As the page does it: the cookie first. What is said is heard."""
        if not self.cookies:
            assert (await self.begin()).status_code == 204
        answer = await self.post(text=text, **more)
        assert answer.status_code == 200, answer.text

    async def press(self, label: str) -> httpx.Response:
        """The newest button of that name."""
        for entry in reversed((await self.shown()).values()):
            labels = [name for row in entry.get("buttons", ()) for name in row]
            if label in labels:
                return await self.post(message=entry["message"], button=labels.index(label))
        raise AssertionError(f"no button {label}")

    async def picture(self, data: bytes, name: str = "picture-1", **headers: str) -> httpx.Response:
        return await self.ask("POST", f"/chat/pictures?id={name}", content=data, headers=headers)

    @asynccontextmanager
    async def listening(self, query: str = "") -> AsyncIterator[Stream]:
        """An open page. The client of httpx waits for the end of an answer, and a stream has none."""
        stream = Stream(self.chatting.app, self._scope(query))
        try:
            yield stream
        finally:
            await stream.close()

    async def shown(self) -> dict[str, dict[str, Any]]:
        """What a page shows that is opened now."""
        async with self.listening() as stream:
            entries: dict[str, dict[str, Any]] = (await stream.news())["entries"]
            return entries

    async def texts(self) -> list[tuple[str, str]]:
        return [(entry["who"], entry["text"]) for entry in (await self.shown()).values()]

    def _scope(self, query: str) -> dict[str, Any]:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"host": httpx.URL(self.chatting.url).host, **self.headers, **({"cookie": cookie} if cookie else {})}
        return {
            "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1", "method": "GET",
            "scheme": "http", "path": "/chat/stream", "raw_path": b"/chat/stream", "query_string": query.encode(),
            "headers": [(k.encode(), v.encode()) for k, v in headers.items()], "client": (self.address, 4000),
            "server": ("desk.example.org", 80),
        }  # fmt: skip


class Stream:
    """``status``: None until the answer begins."""

    def __init__(self, app: Callable[..., Any], scope: dict[str, Any]) -> None:
        self.status: int | None = None
        self._parts: asyncio.Queue[str] = asyncio.Queue()
        self._gone = asyncio.Event()
        self._rest = ""
        self._task = asyncio.ensure_future(app(scope, self._receive, self._send))

    async def _receive(self) -> dict[str, Any]:
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        else:
            self._parts.put_nowait(message.get("body", b"").decode())

    async def event(self) -> str:
        """The next whole event or sign of life."""
        async with asyncio.timeout(PATIENCE_S):
            while "\n\n" not in self._rest:
                self._rest += await self._parts.get()
        event, self._rest = self._rest.split("\n\n", 1)
        return event

    async def news(self) -> dict[str, Any]:
        while True:
            event = await self.event()
            if event.startswith("event: news"):
                found: dict[str, Any] = json.loads(event.partition("data: ")[2])
                return found

    async def until(self, true: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        while not true(news := await self.news()):
            pass
        return news

    async def ended(self) -> None:
        async with asyncio.timeout(PATIENCE_S):
            await self._task

    async def close(self) -> None:
        self._gone.set()
        with suppress(asyncio.CancelledError):
            await self._task
