"""What an open page listens to (server-sent events): first the chat as it is, then what is new or has changed."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import structlog
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from triagebot.errors import RequestRefused, StoreError
from triagebot.store import mailbox
from triagebot.web.chat.house import ChatHouse, language
from triagebot.web.chat.shown import shown
from triagebot.web.site import HEADERS

log = structlog.get_logger()


async def stream(house: ChatHouse, request: Request) -> Response:
    """Events ``news``: ``{"reset", "entries": {key: entry}, "busy", "camera"}``; with ``reset`` the page forgets what it
    shows; ``camera``: the next picture is to be the person's own face."""
    chat = house.chat(request)
    if not chat:
        raise RequestRefused(401, "web.chat.no_cookie")
    house.limits.room(house.caller(request))
    headers = {**HEADERS, "x-accel-buffering": "no"}
    told = _told(house, chat, house.caller(request), language(request))
    return StreamingResponse(told, media_type="text/event-stream", headers=headers)


async def _told(house: ChatHouse, chat: str, caller: str, lang: str) -> AsyncIterator[str]:
    yield ": here\n\n"
    known: dict[str, Any] | None = None
    busy = camera = False
    with house.limits.stream(caller):
        async for new in house.wakes.changes(chat):
            if not new:
                yield ": alive\n\n"
                continue
            try:
                found = await house.site.store.read(mailbox.transcript, chat)
            except StoreError as error:
                log.warning("chat.outage", reason=str(error))
                continue
            entries = shown(found, lang, lambda name: bool(house.keepsakes.find(name)))
            reset = known is None or (not found.cut and bool(known.keys() - entries.keys()))
            before = {} if reset or known is None else known
            news = {key: entry for key, entry in entries.items() if before.get(key) != entry}
            if reset or news or (found.busy, found.camera) != (busy, camera):
                told = {"reset": reset, "entries": news, "busy": found.busy, "camera": found.camera}
                yield f"event: news\ndata: {json.dumps(told, ensure_ascii=False)}\n\n"
            known, busy, camera = entries, found.busy, found.camera
