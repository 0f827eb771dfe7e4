"""``triagebot run``: the whole service on the channels that are configured."""

from __future__ import annotations

import asyncio
from enum import StrEnum
from typing import Annotated

import typer

from triagebot.app import PARTS
from triagebot.cli import common
from triagebot.errors import UsageError
from triagebot.uncollected import uncollected


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
    """启动服务：已配置的聊天渠道、发送、定时检查、网页接口。 / Run the service: channels, sender, scheduler, web.

    什么都不用设：打开 127.0.0.1:8080（TRIAGEBOT_WEB_HOST、TRIAGEBOT_WEB_PORT）就能聊，终端里有坐席台的登录链接。
    Nothing needs to be set: the chat is at that address, a link to the desk is in the terminal.
    有 TRIAGEBOT_TELEGRAM_TOKEN（向 BotFather 申请）就也在 Telegram 上。 / With a token it is on Telegram, too.
    同一个地址上还有 /healthz、/readyz、/metrics 和 webhook。 / Health, metrics and webhooks are served there, too.
    用 PostgreSQL 时可以同时运行多个。 / On PostgreSQL, any number may run at once.
    """
    settings = common.settings()
    parts = frozenset(part.value for part in only)
    if parts and settings.url.startswith("sqlite"):
        raise UsageError("--only needs PostgreSQL (TRIAGEBOT_DATABASE_URL); with SQLite one process does everything")
    with uncollected():
        from triagebot.cli.service import serve

    asyncio.run(serve(settings, parts or frozenset(PARTS)))
