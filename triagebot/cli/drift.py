"""``drift``: whether the brain still fits what people write."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from triagebot.cli import common
from triagebot.desk.drift import weekly
from triagebot.opening import utc_now


def drift(
    weeks: Annotated[int, typer.Option(min=1, max=520, help="看多少周 / how many weeks")] = 8,
    json: Annotated[bool, typer.Option("--json", help="输出 JSON。 / JSON.")] = False,
) -> None:
    """每周有多少要追问、听不懂、被坐席改了分类。 / Per week: asked, not understood, category corrected by agents."""
    with common.reading() as (store, office):
        found = store.read_now(weekly, office.zone, utc_now(), weeks)
    if json:
        common.print_json([{**asdict(week), "monday": week.monday.isoformat()} for week in found])
        return
    print("周一 / Monday  工单 / tickets  追问 / asked  听不懂 / unclear  改分类 / corrected")
    for week in found:
        parts = (f"{n} ({n / week.judged:.0%})" if week.judged else str(n)
                 for n in (week.asked, week.unclear, week.overridden))  # fmt: skip
        print(f"{week.monday}  {week.judged}  " + "  ".join(parts))
