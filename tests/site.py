"""The ASGI app as one process serves it, asked without a network; what happens, in order, is written down."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import httpx
from sqlmodel import Session, func, select

from tests.conftest import FakeClock
from triagebot.channels.telegram.channel import Telegram
from triagebot.channels.telegram.settings import TelegramSettings
from triagebot.channels.telegram.webhook import SECRET_HEADER, TelegramWebhook
from triagebot.desk import vitals
from triagebot.flow.bell import Bell
from triagebot.flow.intake import intake_into
from triagebot.messages import Batch, Intake
from triagebot.store.store import Store
from triagebot.store.tables import Inbox
from triagebot.web import asgi, hooks
from triagebot.web.health import Health
from triagebot.web.metrics import Metrics, PrometheusMeter

T = TypeVar("T")

SECRET, HOLDER = "s3cret", "this-process"
PATH = "/telegram/4242"


def update(number: int = 1, text: str = "刷脸不过", **more: Any) -> dict[str, Any]:
    return {"update_id": number, "message": {
        "message_id": 10, "date": 1795000000, "chat": {"id": 7, "type": "private"}, "text": text,
        "from": {"id": 7, "is_bot": False, "first_name": "小明"}}, **more}  # fmt: skip


@dataclass
class Site:
    """``log``: ``committed``, ``answered 200``, ``acknowledged``. ``intake``: what a test puts in the inbox's place."""

    store: Store
    clock: FakeClock
    intake: Intake | None = None
    patience_s: float = hooks.PATIENCE_S
    log: list[str] = field(default_factory=list)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    learning: bool = False
    meter: PrometheusMeter = field(default_factory=PrometheusMeter)

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        return self.together(lambda client: client.request(method, path, **more))

    def post(self, body: Any, secret: str | None = SECRET, **more: Any) -> httpx.Response:
        return self.together(lambda client: self.posting(client, body, secret, **more))

    async def posting(
        self, client: httpx.AsyncClient, body: Any, secret: str | None = SECRET, **more: Any
    ) -> httpx.Response:
        """``body``: an update, raw bytes, or parts that arrive one after the other."""
        content = json.dumps(body) if isinstance(body, dict) else body
        headers = {SECRET_HEADER: secret} if secret is not None else {}
        return await client.post(PATH, content=content, headers={**headers, **more})

    def together(self, act: Callable[[httpx.AsyncClient], Awaitable[T]]) -> T:
        async def run() -> T:
            transport = httpx.ASGITransport(self._app())
            async with httpx.AsyncClient(transport=transport, base_url="http://bot") as client:
                return await act(client)

        return asyncio.run(run())

    def rows(self) -> list[Inbox]:
        return self.store.read_now(lambda s: list(s.exec(select(Inbox).order_by(Inbox.id))))  # type: ignore[arg-type]

    def _app(self) -> Any:
        metrics = Metrics(self.meter, lambda: self.store.read(vitals.read, self.clock(), "tick", HOLDER))
        app = asgi.application(
            Health(self.store, self.stopping, learning=lambda: self.learning),
            metrics,
            [self._hook()],
            self._intake(),
            self.patience_s,
        )

        async def noting(scope: Any, receive: Any, send: Any) -> None:
            async def note(message: Any) -> None:
                await send(message)
                if message["type"] == "http.response.start":
                    self.log.append(f"answered {message['status']}")

            await app(scope, receive, note)

        return noting

    def _hook(self) -> TelegramWebhook:
        settings = TelegramSettings(
            token="4242:x", mode="webhook", webhook_url="https://bot.example.org", webhook_secret=SECRET
        )
        hook = Telegram(settings, clock=self.clock).webhook
        assert hook is not None

        return replace(hook, sign=lambda messages: self.log.extend("acknowledged" for _ in messages))

    def _intake(self) -> Intake:
        inner = self.intake or intake_into(self.store, self.clock, Bell())

        async def noting(batch: Batch) -> int:
            new = await inner(batch)
            assert self.store.read_now(_count) > 0, "the inbox is empty after a commit"
            self.log.append("committed")
            return new

        return noting


def _count(session: Session) -> int:
    return session.exec(select(func.count()).select_from(Inbox)).one()


@dataclass
class Parts:
    """A body that comes in parts and says nothing of its length; ``taken``: how many were read."""

    parts: Sequence[bytes]
    taken: int = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self.parts:
            self.taken += 1
            yield part


LIMIT = hooks.MOST_BYTES
