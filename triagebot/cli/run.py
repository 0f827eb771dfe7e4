"""``triagebot run``: the whole service on the channels that are configured."""

from __future__ import annotations

import asyncio
import signal

import structlog

from triagebot import app as house
from triagebot.cli import common
from triagebot.errors import SettingsError
from triagebot.settings import Settings, load_settings


def run() -> None:
    """启动服务：已配置的聊天渠道、发送、定时检查。 / Run the service: channels, sender, scheduler.

    需要 TRIAGEBOT_TELEGRAM_TOKEN（向 BotFather 申请）。只想试试的话用 triagebot chat。
    """
    settings = common.settings()
    asyncio.run(_serve(settings))


async def _serve(settings: Settings) -> None:
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
        await telegram.open()
        built = await asyncio.to_thread(house.build, settings, [telegram])
        await built.store.write(telegram.ensure_admins, settings.admin_ids, house.utc_now())
        structlog.get_logger().info("run.started", bot=telegram.bot, holder=built.holder)
        await _until_stopped(built)
    finally:
        await telegram.close()
        if built is not None:
            built.store.close()


async def _until_stopped(built: house.App) -> None:
    """SIGTERM and Ctrl-C end the loops; what was accepted is in the database, so nothing has to be finished first."""
    loop, running = asyncio.get_running_loop(), asyncio.ensure_future(built.run())
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, running.cancel)
    try:
        await running
    except asyncio.CancelledError:
        structlog.get_logger().info("run.stopped")
    except BaseExceptionGroup as group:
        raise group.exceptions[0] from None
