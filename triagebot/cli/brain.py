"""``classify``: the brain without a conversation."""

from __future__ import annotations

import json as jsonlib
import sys
from collections.abc import Iterator
from typing import Annotated

import typer

from triagebot import rulebook
from triagebot.cli import common
from triagebot.opening import open_brain

Json = Annotated[bool, typer.Option("--json", help="输出 JSON。 / JSON.")]


def classify(
    text: Annotated[
        list[str] | None, typer.Argument(help="要判断的话；不给就从标准输入逐行读 / texts, or stdin")
    ] = None,
    json: Json = False,
    jobs: Annotated[
        int,
        typer.Option(
            min=1,
            metavar="N",
            help="用几个进程；多于 1 个时成批读、成批写 / processes; more than 1 read and write in batches",
        ),
    ] = 1,
) -> None:
    """判断每句话是什么问题（不存任何东西）。 / Verdicts for texts; nothing is stored."""
    from triagebot.privacy import redact
    from triagebot.triage.batch import triage_all

    settings = common.settings()
    brain = open_brain(settings, rulebook.load(settings.rules_dir), common.note)
    for verdict in triage_all(brain, (redact(line).text for line in text or _stdin_lines()), jobs):
        if json:
            print(jsonlib.dumps(verdict.to_json(), ensure_ascii=False), flush=True)
        else:
            best = "  ".join(f"{c} {p:.0%}" for c, p in verdict.candidates[:3])
            print(f"{verdict.decision:8} {verdict.category} {verdict.priority} · {best} · {verdict.text}", flush=True)


def _stdin_lines() -> Iterator[str]:
    for raw in sys.stdin.buffer:
        yield raw.decode("utf-8", "replace").rstrip("\r\n")
