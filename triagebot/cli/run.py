"""``triagebot run``: the whole service on the channels that are configured."""

from __future__ import annotations

import asyncio
import signal
from enum import StrEnum
from typing import Annotated

import structlog
import typer

from triagebot import app as house
from triagebot.cli import common
from triagebot.errors import SettingsError, UsageError
from triagebot.settings import Settings, load_settings


class Part(StrEnum):
    """``app.PARTS``, as a choice on the command line."""

    WEB = "web"
    WORKER = "worker"
    SENDER = "sender"
    SCHEDULER = "scheduler"


Only = Annotated[
    list[Part],
    typer.Option(
        help="只运行这一部分，可重复；需要 PostgreSQL。 / Run this part only (may be repeated); needs PostgreSQL. "
        "web: receive; worker: understand and answer; sender: send; scheduler: clocks and reports."
    ),
]


def run(only: Only = []) -> None:  # noqa: B006 (Typer's way to say: none given)
    """启动服务：已配置的聊天渠道、发送、定时检查。 / Run the service: channels, sender, scheduler.

    需要 TRIAGEBOT_TELEGRAM_TOKEN（向 BotFather 申请）。只想试试的话用 triagebot chat。
    用 PostgreSQL 时可以同时运行多个。 / On PostgreSQL, any number may run at once.
    """
    settings = common.settings()
    parts = frozenset(part.value for part in only)
    if parts and settings.url.startswith("sqlite"):
        raise UsageError("--only needs PostgreSQL (TRIAGEBOT_DATABASE_URL); with SQLite one process does everything")
    asyncio.run(_serve(settings, parts or frozenset(house.PARTS)))


async def _serve(settings: Settings, parts: frozenset[str]) -> None:
    from triagebot.channels.telegram.channel import Telegram
    from triagebot.channels.telegram.settings import TelegramSettings

    chosen = load_settings(TelegramSettings)
    if not chosen.token:
        raise SettingsError(
            "TRIAGEBOT_TELEGRAM_TOKEN is not set: get a token from @BotFather and start again; "
            "to try the bot without any account use: triagebot chat"
        )
    telegram = Telegram(chosen, clock=house.utc_now, secret_key=settings.secret_key)
    built: house.App | None = None
    try:
        if parts & {"web", "sender"}:
            await telegram.open()
        built = await asyncio.to_thread(house.build, settings, [telegram], parts=parts)
        await built.store.write(telegram.ensure_admins, settings.admin_ids, house.utc_now())
        structlog.get_logger().info("run.started", bot=telegram.bot, holder=built.holder, parts=sorted(parts))
        await _until_stopped(built, parts)
    finally:
        await telegram.close()
        if built is not None:
            built.store.close()


async def _until_stopped(built: house.App, parts: frozenset[str]) -> None:
    """SIGTERM and Ctrl-C end the loops; what was accepted is in the database, so nothing has to be finished first."""
    loop, running = asyncio.get_running_loop(), asyncio.ensure_future(built.run(parts))
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, running.cancel)
    try:
        await running
    except asyncio.CancelledError:
        structlog.get_logger().info("run.stopped")
    except BaseExceptionGroup as group:
        raise group.exceptions[0] from None
