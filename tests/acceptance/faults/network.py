"""A Telegram that fails on purpose: refuses, is slow, hangs up before or after it has acted, and posts to webhooks.

Posting is done as its own server does it (tdlib/telegram-bot-api, WebhookActor): the updates of a chat one after the other,
many chats at the same time, and what was not answered with 2xx again.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web

from tests.acceptance.fake_telegram import FakeTelegram

_MOST_POSTS = 40
_AGAIN_S = 0.05
_LOOK_S = 0.005


@dataclass
class Fault:
    """What happens to a call of ``method`` ("" for any but getUpdates) to ``chat`` (0 for any), with ``chance``, so many
    ``times``.

    ``drop``: hangs up before it acts; ``drop_after``: acts, and hangs up instead of answering; ``slow``: acts after
    ``seconds``; ``429`` asks to come again in ``seconds``; other numbers are HTTP statuses without a reason.
    """

    kind: Literal["drop", "drop_after", "slow", "429", "403", "400", "500", "502"]
    method: str = ""
    chat: int = 0
    chance: float = 1.0
    times: int = 1_000_000
    seconds: float = 0.0

    def concerns(self, method: str, data: dict[str, Any], dice: random.Random) -> bool:
        if self.times <= 0 or (self.method or method) != method or (not self.method and method == "getupdates"):
            return False
        if self.chat and str(data.get("chat_id")) != str(self.chat):
            return False
        return dice.random() < self.chance


@dataclass(frozen=True)
class Attempt:
    """A call to ``chat`` at ``at`` (steady seconds), and the ``fault`` that it met, "" for none."""

    at: float
    method: str
    chat: int
    fault: str


class FaultyTelegram(FakeTelegram):
    """``faults`` may be changed at any time; ``happened`` counts them by kind, ``attempts`` are the calls to chats. ``posts``
    counts answers to posts by status (0: nobody was there), ``posting_now`` those without an answer yet. ``handed`` counts how
    often each update was given to a poller. A second poller gets the first one's request ended with 409, as on Telegram;
    ``conflicts`` counts."""

    def __init__(self, token: str = "4242:test-token", seed: int = 20261129) -> None:
        super().__init__(token)
        self.faults: list[Fault] = []
        self.happened: Counter[str] = Counter()
        self.attempts: list[Attempt] = []
        self.posts: Counter[int] = Counter()
        self.posting_now = self.conflicts = 0
        self.handed: Counter[int] = Counter()
        self._dice = random.Random(seed)
        self._poll = 0

    async def _handle(self, request: web.Request) -> web.Response:
        method = request.match_info["method"].lower()
        data = {**request.query, **await request.post()}
        fault = next((f for f in self.faults if f.concerns(method, data, self._dice)), None)
        if "chat_id" in data:
            chat = int(str(data["chat_id"]))
            self.attempts.append(Attempt(time.monotonic(), method, chat, fault.kind if fault else ""))
        if fault is None:
            return await super()._handle(request)
        fault.times -= 1
        self.happened[fault.kind] += 1
        if fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
            return await super()._handle(request)
        if fault.kind.isdecimal():
            more = {"retry_after": int(fault.seconds)} if fault.kind == "429" else {}
            return self._error(int(fault.kind), "made to fail", **more)
        if fault.kind == "drop_after":
            await super()._handle(request)
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    @property
    def polls(self) -> int:
        """How often updates were asked for."""
        return self._poll

    async def _get_updates(self, data: dict[str, Any]) -> web.Response:
        self._poll += 1
        mine = self._poll
        polling = asyncio.ensure_future(super()._get_updates(data))
        while not polling.done():
            if self._poll != mine:
                polling.cancel()
                self.conflicts += 1
                return self._error(409, "Conflict: terminated by other getUpdates request")
            await asyncio.wait([polling], timeout=_LOOK_S)
        response = polling.result()
        self.handed.update(u["update_id"] for u in json.loads(response.text or "").get("result", ()))
        return response

    @contextmanager
    def posting(self, to: str) -> Iterator[None]:
        """Post what waits and what comes to the webhook, which is at ``to`` on this machine, for as long as the block lasts."""
        task = asyncio.run_coroutine_threadsafe(self._post_for_ever(to), self.loop)
        try:
            yield
        finally:
            task.cancel()

    async def _post_for_ever(self, to: str) -> None:
        under_way: dict[int, asyncio.Task[None]] = {}
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(20)) as client:
            while True:
                for chat in [chat for chat, task in under_way.items() if task.done()]:
                    del under_way[chat]
                with self._changed:
                    waiting = {_chat_of(update): update for update in reversed(self.queue)}
                for chat, update in waiting.items() if self.webhook else ():
                    if chat not in under_way and len(under_way) < _MOST_POSTS:
                        under_way[chat] = asyncio.ensure_future(self._post_one(client, to, update))
                await asyncio.sleep(_LOOK_S)

    async def _post_one(self, client: aiohttp.ClientSession, to: str, update: dict[str, Any]) -> None:
        url = to + urlsplit(self.webhook["url"]).path
        headers = {"X-Telegram-Bot-Api-Secret-Token": self.webhook["secret_token"]}
        self.posting_now += 1
        try:
            async with client.post(url, json=update, headers=headers) as response:
                status = response.status
        except (aiohttp.ClientError, TimeoutError):
            status = 0
        finally:
            self.posting_now -= 1
        self.posts[status] += 1
        if status == 200:
            with self._changed:
                self.queue.remove(update)
        else:
            await asyncio.sleep(_AGAIN_S)


def _chat_of(update: dict[str, Any]) -> int:
    inner = next(value for key, value in update.items() if key != "update_id")
    chat: int = (inner.get("message") or inner)["chat"]["id"]
    return chat
