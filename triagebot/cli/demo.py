"""``triagebot demo``: a made-up week in a fresh database, so that every page has something to show."""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta
from typing import Annotated

import typer
from rich.progress import Progress

from triagebot import app as house
from triagebot.cli import common
from triagebot.demo import play
from triagebot.demo.mailbox import Mailbox
from triagebot.demo.week import Clock
from triagebot.opening import open_store, utc_now


def demo(
    seed: Annotated[int, typer.Option(help="同一个数字得到同一个故事 / the same number tells the same story")] = 7,
    people: Annotated[int, typer.Option(min=10, max=5000, help="来了多少人 / how many people come")] = 400,
    days: Annotated[int, typer.Option(min=2, max=31, help="几天 / how many days")] = play.DAYS,
) -> None:
    """用编造的一周填满一个空数据库，好看看坐席台。 / Fill an empty database with a made-up week, to look around.

    人物和对话都是编的；只写空的数据库，有数据就拒绝。 / People and words are invented; a database with data is refused.
    """
    settings, now = common.settings(), utc_now()
    store = open_store(settings)
    try:
        store.read_now(play.refuse_unless_empty)
    finally:
        store.close()
    clock, mailbox = Clock(now - timedelta(days=days)), Mailbox()
    built = house.build(settings, [mailbox], common.note, clock)
    try:
        with Progress(disable=not sys.stderr.isatty(), transient=True) as shown:
            task = shown.add_task("一周 / a week", total=1.0)
            asyncio.run(
                play.play(
                    built, mailbox, clock, now, seed, people, days, lambda share: shown.update(task, completed=share)
                )
            )
    finally:
        built.close()
    place = built.store.url.render_as_string()
    print(f"编好了：{people} 个人、{days} 天，在 {place}。现在运行 triagebot run，打开网页看看。 / "
          f"Done: {people} people in {days} days. Now run triagebot run and look at the pages.")  # fmt: skip
