"""``triagebot chat``: talk to the bot as a user, on a terminal or through a pipe, with the real store and real clocks."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from typing import Annotated

import typer

from triagebot import app as house
from triagebot.channels.terminal import Terminal
from triagebot.cli import common
from triagebot.dialogue import turn
from triagebot.locale import say
from triagebot.opening import utc_now


def chat(
    user: Annotated[str, typer.Option(help="以谁的身份聊天。 / Whose conversation it is.")] = "local",
    lang: Annotated[str, typer.Option(help="zh 或 en；默认随您打的字。 / zh or en; default: as you type.")] = "",
    json: Annotated[bool, typer.Option("--json", help="每条回复一个 JSON 对象。 / One JSON object a reply.")] = False,
) -> None:
    """在终端里和机器人聊天，不需要任何账号。 / Talk to the bot in the terminal; no account needed.

    /1 /2 /3 按上一条回复的第几个按钮；/photo 文件 发截图；/status 看进度；Ctrl-D 离开。
    """
    if lang not in ("", "zh", "en"):
        raise typer.BadParameter("--lang: zh / en")
    settings = common.settings()
    interactive = sys.stdin.isatty() and sys.stdout.isatty() and not json
    terminal = Terminal(
        user=user,
        form="json" if json else "rich" if interactive else "plain",
        console=common.console(),
        clock=utc_now,
        lang=lang,
    )
    built = house.build(settings, [terminal], common.note)
    try:
        asyncio.run(_talk(built, terminal) if interactive else _filter(built, terminal))
    finally:
        built.close()


async def _filter(app: house.App, terminal: Terminal) -> None:
    """Each line in its own right: the next one is read when the last one has been answered."""
    async with app.owning():
        await _settle(app)
        await _keep_language(app, terminal)
        while line := await asyncio.to_thread(sys.stdin.buffer.readline):
            await terminal.take(line.decode("utf-8", "surrogateescape"), app.intake, app.look)
            await _settle(app)


async def _settle(app: house.App) -> None:
    while await app.converse.once() or await app.deliver.once():
        pass


async def _talk(app: house.App, terminal: Terminal) -> None:
    """A prompt at the bottom; replies, also those of agents in another window, appear above it as they come."""
    lang = terminal.lang or "zh"
    terminal.console.print(say(lang, "chat.welcome"))
    async with app.owning(), asyncio.TaskGroup() as tasks:
        loops = [tasks.create_task(app.converse.run()), tasks.create_task(app.deliver.run())]
        await _keep_language(app, terminal)
        prompt = say(lang, "chat.prompt")
        terminal.prompt = prompt
        while True:
            try:
                line = await asyncio.to_thread(_ask, prompt)
            except (EOFError, KeyboardInterrupt):
                break
            if line.strip() in ("/quit", "/exit"):
                break
            if line.strip():
                await terminal.take(line, app.intake, app.look)
        for loop in loops:
            loop.cancel()
    terminal.console.print(say(lang, "chat.bye"))


def _ask(prompt: str) -> str:
    with contextlib.suppress(ImportError):
        import readline  # noqa: F401  (arrow keys and history in input())
    return input(prompt)


async def _keep_language(app: house.App, terminal: Terminal) -> None:
    """``--lang`` is the person's choice and stays, like /language."""
    if terminal.lang:
        await app.store.write(turn.choose_language, terminal.incoming(""), terminal.lang, app.clock())
