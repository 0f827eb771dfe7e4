"""``triagebot sla explain N``: a ticket's clocks with the stretches that counted or did not, and why."""

from __future__ import annotations

from typing import Annotated

import typer

from triagebot.cli import common
from triagebot.desk.explain import explain as in_words
from triagebot.desk.explain import explained
from triagebot.opening import utc_now


def explain(
    number: Annotated[int, typer.Argument(help="工单号 / ticket number")],
    lang: Annotated[str, typer.Option(help="zh | en")] = "zh",
    json: Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")] = False,
) -> None:
    """一张工单的时钟：什么时候在走、什么时候停、为什么。 / A ticket's clocks: what ran, what paused, and why."""
    with common.desk() as (store, office):
        if json:
            common.print_json(store.read_now(explained, office, number, utc_now()))
        else:
            print(store.read_now(in_words, office, number, lang, utc_now()))
