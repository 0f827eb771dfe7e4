"""Telling Telegram how updates are to reach us. What waits there is never dropped."""

from __future__ import annotations

import asyncio

import structlog

from triagebot.channels.telegram.api import Bot, tg
from triagebot.channels.telegram.decode import WANTED
from triagebot.channels.telegram.webhook import MOST_CONNECTIONS, TelegramWebhook
from triagebot.errors import ChannelError

log = structlog.get_logger()


async def subscribe(api: Bot, hook: TelegramWebhook | None) -> None:
    """Posted to ``hook``, or, with None, to be asked for. Waits when Telegram asks to: several processes may start at
    once. ChannelError when Telegram does not accept the address."""
    while True:
        try:
            await (api.delete_webhook() if hook is None else _post_to(api, hook))
        except tg.TelegramRetryAfter as error:
            log.warning("telegram.subscribe_later", wait_s=error.retry_after)
            await asyncio.sleep(error.retry_after)
        else:
            return


async def _post_to(api: Bot, hook: TelegramWebhook) -> bool:
    try:
        done = await api.set_webhook(
            hook.url, secret_token=hook.secret, allowed_updates=list(WANTED), max_connections=MOST_CONNECTIONS
        )
    except tg.TelegramBadRequest as error:
        raise ChannelError(
            f"Telegram does not accept the webhook {hook.url} ({error.message}); check TRIAGEBOT_TELEGRAM_WEBHOOK_URL"
        ) from None
    log.info("telegram.webhook", url=hook.url)
    return done
