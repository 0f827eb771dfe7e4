"""One process of the service, from its parts to its end: built, run, and stopped when a signal says so."""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
from collections.abc import Coroutine, Sequence
from typing import Any

import structlog
from starlette.types import ASGIApp

from triagebot import app as house
from triagebot.access.addresses import Addresses
from triagebot.channels.telegram.settings import TelegramSettings
from triagebot.desk import vitals
from triagebot.errors import SettingsError
from triagebot.flow.tick import LEASE
from triagebot.messages import Webhook
from triagebot.opening import utc_now
from triagebot.settings import Settings, load_settings
from triagebot.uncollected import uncollected
from triagebot.web import asgi, server
from triagebot.web.health import Health
from triagebot.web.live import Live
from triagebot.web.metrics import Metrics, PrometheusMeter
from triagebot.web.site import Site


async def serve(settings: Settings, parts: frozenset[str]) -> None:
    """``parts``: see app.PARTS. Mistakes in the settings and a port that is taken are told before anything that takes
    seconds: aiogram's types, the model."""
    chosen = _telegram_settings()
    listening = server.listen(settings.web_host, settings.web_port) if _has_web(settings, parts) else None
    with uncollected():
        from triagebot.channels.telegram.channel import Telegram

    telegram, meter = Telegram(chosen, clock=utc_now, secret_key=settings.secret_key), PrometheusMeter()
    built: house.App | None = None
    try:
        if parts & {"web", "sender"}:
            await telegram.open()
        built = await asyncio.to_thread(house.build, settings, [telegram], parts=parts, meter=meter,
                                        addresses=Addresses(_url(settings, listening), telegram.name))  # fmt: skip
        await built.store.write(telegram.ensure_admins, settings.admin_ids, utc_now())
        _keep_what_is_there()
        structlog.get_logger().info("run.started", bot=telegram.bot, holder=built.holder, parts=sorted(parts))
        hooks = [telegram.webhook] if "web" in parts and telegram.webhook is not None else []
        stopping = asyncio.Event()
        web = (
            server.serve(_site(built, meter, hooks, stopping, _url(settings, listening)), listening, stopping)
            if listening
            else stopping.wait()
        )
        await _until(stopping, built.run(parts), web)
    finally:
        if listening is not None:
            listening.close()
        await telegram.close()
        if built is not None:
            built.close()


def _url(settings: Settings, listening: socket.socket | None) -> str:
    """Where people find the pages: as the settings say, or where we listen when the port was any that is free."""
    if listening is None:
        return settings.public_url
    return settings.model_copy(update={"web_port": listening.getsockname()[1]}).public_url


def _keep_what_is_there() -> None:
    """Modules, types and rules stay until the end: the collector need not walk through their 330,000 objects again and again,
    which stops all loops for 0.3 s, and at the end of the process for 1.4 s of the time that a SIGTERM leaves."""
    gc.collect()
    gc.freeze()


def _has_web(settings: Settings, parts: frozenset[str]) -> bool:
    """A process that receives nothing shows its health and metrics when it was given a port for them."""
    return "web" in parts or "web_port" in settings.model_fields_set


def _telegram_settings() -> TelegramSettings:
    chosen = load_settings(TelegramSettings)
    if not chosen.token:
        raise SettingsError(
            "TRIAGEBOT_TELEGRAM_TOKEN is not set: get a token from @BotFather and start again; "
            "to try the bot without any account use: triagebot chat"
        )
    return chosen


def _site(
    built: house.App, meter: PrometheusMeter, hooks: Sequence[Webhook], stopping: asyncio.Event, url: str
) -> ASGIApp:
    metrics = Metrics(meter, lambda: built.store.read(vitals.read, built.clock(), LEASE, built.holder))
    site = Site(built.store, built.office, built.clock, url, Live(built.store, stopping), stopping,
                figures=lambda: built.brain.model.figures if built.brain is not None else {})  # fmt: skip
    return asgi.application(Health(built.store, stopping), metrics, hooks, built.intake, site=site)


async def _until(stopping: asyncio.Event, loops: Coroutine[Any, Any, Any], web: Coroutine[Any, Any, Any]) -> None:
    """Until SIGTERM, Ctrl-C or the end of either. The web server goes first: what it has taken in is in the database when
    the loops end, and so is all of their work, so that nothing else has to be finished."""
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stopping.set)
    working, serving = asyncio.create_task(loops), asyncio.create_task(web)
    await asyncio.wait({working, serving}, return_when=asyncio.FIRST_COMPLETED)
    stopping.set()
    await asyncio.wait({serving})
    working.cancel()
    for ended in await asyncio.gather(working, serving, return_exceptions=True):
        if isinstance(ended, BaseExceptionGroup):
            raise ended.exceptions[0] from None
        if isinstance(ended, BaseException) and not isinstance(ended, asyncio.CancelledError):
            raise ended
    structlog.get_logger().info("run.stopped")
