"""The way of a posted message: who posts, how much, what, committed; only then the network is told that we have it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog
from starlette.background import BackgroundTask
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from triagebot.errors import StoreError
from triagebot.messages import Batch, Incoming, Intake, Webhook
from triagebot.web.body import whole

log = structlog.get_logger()

MOST_BYTES = 1024 * 1024
"""No update of any network is larger than a small part of this."""
MOST_AT_ONCE = 64
"""So many bodies are read and committed at the same time, which bounds what they take in memory. A network that posts more is
asked to come again; Telegram is told to post fewer (telegram.webhook.MOST_CONNECTIONS)."""
PATIENCE_S = 10.0
"""Wall seconds for the body to arrive, and again for the commit."""

Count = Callable[[str, int], None]
"""Told of each answer: the channel, the HTTP status."""


def endpoint(
    hook: Webhook, intake: Intake, count: Count, patience_s: float
) -> Callable[[Request], Awaitable[Response]]:
    """200 when what happened is in the inbox. 503 when it cannot be, or when too many post at once, so that the network posts
    it again."""
    under_way = 0

    async def receive(request: Request) -> Response:
        nonlocal under_way
        status = 500
        under_way += 1
        try:
            response = await _answer(hook, intake, request, patience_s, full=under_way > MOST_AT_ONCE)
            status = response.status_code
        finally:
            under_way -= 1
            count(hook.channel, status)
        return response

    return receive


async def _answer(hook: Webhook, intake: Intake, request: Request, patience_s: float, *, full: bool) -> Response:
    if not hook.admits(request.headers):
        return _refused(401)
    if full:
        log.warning("webhook.too_many", channel=hook.channel)
        return _refused(503)
    try:
        async with asyncio.timeout(patience_s):
            body = await whole(request, MOST_BYTES)
    except TimeoutError:
        return _refused(408)
    except ClientDisconnect:
        return _refused(400)
    if body is None:
        return _refused(413)
    try:
        batch = hook.read(body)
    except ValueError as error:
        log.warning("webhook.unreadable", channel=hook.channel, bytes=len(body), reason=type(error).__name__)
        return _refused(400)
    return await _committed(hook, intake, batch, patience_s)


async def _committed(hook: Webhook, intake: Intake, batch: Batch, patience_s: float) -> Response:
    if batch.messages or batch.dead:
        try:
            async with asyncio.timeout(patience_s):
                await intake(batch)
        except (StoreError, TimeoutError) as error:
            log.error("webhook.not_committed", channel=hook.channel, reason=str(error) or type(error).__name__)
            return _refused(503)
    return Response(status_code=200, background=BackgroundTask(_give_signs, hook, batch.messages))


async def _give_signs(hook: Webhook, messages: Sequence[Incoming]) -> None:
    hook.heard(messages)


def _refused(status: int) -> Response:
    """Without a word that would help to guess. What is left of a body is thrown away as it comes, so that who sends it
    lives to read the answer; who does not send it is cut off."""
    return Response(status_code=status, headers={"connection": "close"} if status == 408 else None)
