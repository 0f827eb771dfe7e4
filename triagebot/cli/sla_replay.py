"""``triagebot sla replay``: what attainment would have been under another policy; nothing is written."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from triagebot import rulebook
from triagebot.cli import common
from triagebot.desk import periods
from triagebot.desk.office import open_office
from triagebot.errors import UsageError
from triagebot.opening import utc_now
from triagebot.report.as_json import plain
from triagebot.report.replay import replay as replayed
from triagebot.report.replay_as_text import text


def replay(
    policy: Annotated[
        Path, typer.Option("--policy", help="要试的时限，格式同 rules/sla.yaml / the policy to try, as rules/sla.yaml")
    ],
    since: Annotated[
        str, typer.Option(help="从何时起：90d、24h、日期或时间 / from: a span before the end, a date or a time")
    ] = "90d",
    until: Annotated[str, typer.Option(help="到何时止（不含），默认现在 / until (excluded); default: now")] = "",
    queue: Annotated[str, typer.Option(help="只看这个队列 / only this queue")] = "",
    lang: Annotated[Literal["zh", "en"], typer.Option(help="语言 / language")] = "zh",
    json: Annotated[bool, typer.Option("--json", help="输出 JSON，列出每一个 / print JSON, with every clock")] = False,
) -> None:
    """假如换一套时限：把工单的经过按另一个 sla.yaml 重算，看达标会是多少。 / What attainment would have been.

    只换时限，人的动作照旧；只读，不改任何东西。算法见 docs/sla.md。 / Only promises change, people act as they did; nothing
    is written. See docs/sla.md.
    """
    tried = rulebook.load_with_sla(common.settings().rules_dir, policy)
    with common.reading() as (store, office):
        if queue and queue not in office.book.queues:
            raise UsageError(f"there is no queue {queue!r}; known: {', '.join(office.book.queues)}")
        period = periods.between(since, until, utc_now(), office.zone)
        other = open_office(tried, office.zone, office.admins)
        found = store.read_now(replayed, office, other, period, queue)
    if json:
        common.print_json({"policy": str(policy), "zone": office.zone.key, **plain(found, office.zone)})
    else:
        print(text(found, office, policy.name, lang))
