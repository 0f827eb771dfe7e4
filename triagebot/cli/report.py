"""``triagebot sla report``: the report on demand; the scheduled one is the same code."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from triagebot.cli import common
from triagebot.desk import periods
from triagebot.errors import UsageError
from triagebot.opening import utc_now
from triagebot.report import build, forms
from triagebot.report.figures import Filters


def report(
    since: Annotated[
        str, typer.Option(help="从何时起：7d、24h、日期或时间 / from: a span before the end, a date or a time")
    ] = "7d",
    until: Annotated[str, typer.Option(help="到何时止（不含），默认现在 / until (excluded); default: now")] = "",
    queue: Annotated[str, typer.Option(help="只看这个队列 / only this queue")] = "",
    priority: Annotated[str, typer.Option(help="只看这个优先级 / only this priority: P1 .. P4")] = "",
    category: Annotated[str, typer.Option(help="只看这类问题 / only this category")] = "",
    platform: Annotated[str, typer.Option(help="只看这个平台 / only this platform")] = "",
    agent: Annotated[str, typer.Option(help="只看这位坐席手上的 / only tickets of this agent")] = "",
    lang: Annotated[Literal["zh", "en"], typer.Option(help="语言 / language")] = "zh",
    format: Annotated[
        Literal["text", "json", "html", "png", "xlsx"],
        typer.Option(help="格式；html、png、xlsx 需要扩展 reports / form; some need the extra reports"),
    ] = "text",
    out: Annotated[Path | None, typer.Option(help="写到文件 / write to this file")] = None,
) -> None:
    """服务报告：进线、达标、超时、积压、评分，与上一个同样长的时段对比。 / The SLA report, beside the period before.

    每个数字的定义见 docs/reports.md。 / Every figure is defined in docs/reports.md.
    """
    form = forms.check(format)
    _check_target(out, binary=form.binary)
    with common.reading() as (store, office):
        now = utc_now()
        period = periods.between(since, until, now, office.zone)
        filters = Filters(queue, priority, category, platform, agent)
        made = forms.render(store.read_now(build.build, office, period, filters, now), format, lang)
    if out is not None:
        _write(out, made)
        common.note(f"{out}: {len(made):,} bytes")
    elif form.binary:
        sys.stdout.buffer.write(made)
    else:
        print(made.decode())


def _check_target(out: Path | None, *, binary: bool) -> None:
    """Before anything takes time."""
    if out is None and binary and sys.stdout.isatty():
        raise UsageError("this format is not for a terminal; name a file with --out FILE")
    if out is not None and (out.is_dir() or not out.absolute().parent.is_dir()):
        raise UsageError(f"--out {out}: {'is a folder' if out.is_dir() else 'its folder does not exist'}; name a file")


def _write(out: Path, made: bytes) -> None:
    try:
        out.write_bytes(made)
    except OSError as error:
        raise UsageError(f"--out {out} cannot be written: {error.strerror}") from None
