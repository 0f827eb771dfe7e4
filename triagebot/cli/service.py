"""One process of the service, from its parts to its end: built, run, and stopped when a signal says so."""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog
from starlette.types import ASGIApp

from triagebot import app as house
from triagebot.access.addresses import Addresses
from triagebot.channels.telegram.settings import TelegramSettings
from triagebot.channels.web import Web
from triagebot.cli import common, doorstep
from triagebot.cli.background import in_background
from triagebot.cli.doorstep import address
from triagebot.desk import vitals
from triagebot.errors import SettingsError
from triagebot.flow.tick import LEASE
from triagebot.messages import Webhook
from triagebot.opening import utc_now
from triagebot.settings import Settings, load_settings
from triagebot.uncollected import uncollected
from triagebot.web import asgi, server
from triagebot.web.chat.house import ChatHouse
from triagebot.web.chat.wakes import Wakes
from triagebot.web.health import Health
from triagebot.web.live import Live
from triagebot.web.metrics import Metrics, PrometheusMeter
from triagebot.web.site import Site

if TYPE_CHECKING:  # aiogram
    from triagebot.channels.telegram.channel import Telegram


async def serve(settings: Settings, parts: frozenset[str]) -> None:
    """``parts``: see app.PARTS. Mistakes in the settings and a port that is taken are told before anything that takes
    seconds: aiogram's types, the model. Pages are there before the model is: what is typed waits in the inbox."""
    telegram_settings = _telegram_settings(settings)
    listening = server.listen(settings.web_host, settings.web_port) if _has_web(settings, parts) else None
    telegram, meter = _telegram(telegram_settings, settings), PrometheusMeter()
    channels: list[house.Channel] = [telegram] if telegram is not None else []
    if settings.web_chat:
        channels.append(Web())
    built: house.App | None = None
    try:
        if telegram is not None and parts & {"web", "sender"}:
            await telegram.open()
        built = await asyncio.to_thread(house.open_app, settings, channels, meter=meter,
                                        addresses=_addresses(settings, listening, telegram))  # fmt: skip
        if telegram is not None:
            await built.store.write(telegram.ensure_admins, settings.admin_ids, utc_now())
        await _live(built, parts, listening, telegram, meter)
    finally:
        if listening is not None:
            listening.close()
        if telegram is not None:
            await telegram.close()
        if built is not None:
            await built.eyes.close()
            built.close()


def _addresses(settings: Settings, listening: socket.socket | None, telegram: Telegram | None) -> Addresses:
    """Where people find the pages: as the settings say, or where we listen when the port was any that is free."""
    url = address(settings, listening) if listening is not None else settings.public_url
    return Addresses(url, telegram.name if telegram is not None else "")


async def _live(
    built: house.App,
    parts: frozenset[str],
    listening: socket.socket | None,
    telegram: Telegram | None,
    meter: PrometheusMeter,
) -> None:
    stopping, learned = asyncio.Event(), asyncio.Event()
    web: Callable[[], Coroutine[Any, Any, Any]] = stopping.wait
    if listening is not None:
        url = address(built.settings, listening)
        hooks = [telegram.webhook] if "web" in parts and telegram is not None and telegram.webhook is not None else []
        if "web" in parts:
            await doorstep.tell(built, url, alone=telegram is None)
        site = _site(built, meter, hooks, stopping, learned, url, parts)
        web = partial(server.serve, site, listening, stopping)
    await _until(stopping, _work(built, parts, learned), web())


async def _work(built: house.App, parts: frozenset[str], learned: asyncio.Event) -> None:
    await in_background(partial(built.learn, parts, common.note))
    learned.set()
    common.note("准备好了。 / Ready.")
    _keep_what_is_there()
    channels = [c.channel for c in built.channels]
    structlog.get_logger().info(
        "run.started", bot=built.channels[0].bot, channels=channels, holder=built.holder, parts=sorted(parts)
    )
    await built.run(parts)


def _keep_what_is_there() -> None:
    """Modules, types and rules stay until the end: the collector need not walk through their 330,000 objects again and again,
    which stops all loops for 0.3 s, and at the end of the process for 1.4 s of the time that a SIGTERM leaves."""
    gc.collect()
    gc.freeze()


def _has_web(settings: Settings, parts: frozenset[str]) -> bool:
    """A process that receives nothing shows its health and metrics when it was given a port for them."""
    return "web" in parts or "web_port" in settings.model_fields_set


def _telegram_settings(settings: Settings) -> TelegramSettings:
    chosen = load_settings(TelegramSettings)
    if not chosen.token and not settings.web_chat:
        raise SettingsError(
            "TRIAGEBOT_TELEGRAM_TOKEN is not set and TRIAGEBOT_WEB_CHAT is off, so that nobody could reach the bot: get a "
            "token from @BotFather, or set TRIAGEBOT_WEB_CHAT=on"
        )
    return chosen


def _telegram(chosen: TelegramSettings, settings: Settings) -> Telegram | None:
    """Only who has a token waits for aiogram."""
    if not chosen.token:
        return None
    with uncollected():
        from triagebot.channels.telegram.channel import Telegram

    return Telegram(chosen, clock=utc_now, secret_key=settings.secret_key)


def _site(
    built: house.App, meter: PrometheusMeter, hooks: Sequence[Webhook], stopping: asyncio.Event, learned: asyncio.Event,
    url: str, parts: frozenset[str],
) -> ASGIApp:  # fmt: skip
    metrics = Metrics(meter, lambda: built.store.read(vitals.read, built.clock(), LEASE, built.holder))
    health = Health(built.store, stopping, learning=lambda: "worker" in parts and not learned.is_set())
    site = Site(built.store, built.office, built.clock, url, Live(built.store, stopping), stopping,
                figures=lambda: built.brain.model.figures if built.brain is not None else {},
                keepsakes=built.keepsakes)  # fmt: skip
    chat = _chat(built, site) if "web" in parts and built.settings.web_chat else None
    return asgi.application(health, metrics, hooks, built.intake, site=site, chat=chat)


def _chat(built: house.App, site: Site) -> ChatHouse:
    """Pages hear at once of what this process sends."""
    wakes = Wakes(built.store, site.stopping)
    built.deliver.noted = wakes.wake
    return ChatHouse(site, built.intake, wakes, built.look, built.keepsakes, built.settings.embedding,
                     built.settings.web_proxies)  # fmt: skip


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
