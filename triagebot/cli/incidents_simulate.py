"""``triagebot incidents simulate``: what the detector is worth under the own rules, on a made-up year with incidents in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from triagebot import rulebook
from triagebot.cli import common

if TYPE_CHECKING:  # numpy is a third of a second at every start
    from triagebot.detect.simulate import Figures


def simulate(
    seed: Annotated[int, typer.Option(help="同一个种子，结果相同 / the same seed, the same result")] = 1,
    days: Annotated[int, typer.Option(min=30, max=3660, help="模拟多少天 / how many days")] = 365,
    json: Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")] = False,
) -> None:
    """编造的一年里，埋进去的事件发现多少、多快，误报几次。 / A made-up year: what is noticed, how soon, how wrongly.

    用 rules/incidents.yaml 的 false_alarms；不碰数据库。 / With false_alarms of rules/incidents.yaml; no database is touched.
    """
    from triagebot.detect import simulate as simulated

    rules = rulebook.load(common.settings().rules_dir).incidents
    common.note("一年要一两分钟…… / a year takes a minute or two ...")
    found = simulated.run(seed, days, false_alarms=rules.false_alarms)
    if json:
        common.print_json({"allowed_in_30_days": rules.false_alarms, **asdict(found)})
    else:
        print("\n".join(_lines(found, rules.false_alarms)))


def _lines(found: Figures, allowed: float) -> Iterator[str]:
    yield f"{found.days} 天，{found.messages:,} 条，种子 {found.seed} / {found.days} days, {found.messages:,} reports"
    yield "埋了 / planted  发现 / noticed  延迟中位数 / median delay"
    for row in found.rows:
        share = f"{row.noticed / row.planted:.0%}" if row.planted else "–"
        delay = "–" if row.delay_min is None else f"{row.delay_min:g} min"
        yield f"{row.planted:>4}  {row.noticed:>4} ({share})  {delay:>9}  {row.sort}"
    yield (
        f"误报 / false alarms: {found.false_alarms}，每 30 天 / in 30 days {found.false_alarms_in_30_days:g}"
        f"（容忍 / allowed {allowed:g}）"
    )
    if found.since_off_min is not None:
        yield f"“从几点起”误差中位数 / median error of “since”: {found.since_off_min:g} min"
