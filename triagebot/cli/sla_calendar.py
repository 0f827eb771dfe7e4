"""``triagebot sla calendar …``: the holidays and make-up workdays of a year, from the published list."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from triagebot import rulebook
from triagebot.cli import common
from triagebot.errors import SlaError, UsageError
from triagebot.rulebook.calendar_file import differences, extended
from triagebot.sla.holidays import parse_list

app = typer.Typer(help="工作日历。 / Business calendars.", no_args_is_help=True)


@app.command("import")
def import_(
    year: Annotated[int, typer.Argument(min=2000, max=2199, help="哪一年 / the year of the list")],
    file: Annotated[
        Path,
        typer.Argument(
            help="国务院通知的文字，或一行一条：2027-01-01..2027-01-03 元旦 / the notice, or one item a line"
        ),
    ],
    calendar: Annotated[str, typer.Option(help="哪个日历 / which calendar in rules/calendars")] = "cn-business",
    check: Annotated[
        bool, typer.Option("--check", help="只比较，不同则退出码 1 / only compare; 1 when different")
    ] = False,
) -> None:
    """把一年的放假、调休写进日历。 / Put a year's holidays and make-up workdays into a calendar."""
    folder = common.settings().rules_dir
    known = rulebook.load(folder).calendars
    if calendar not in known:
        raise UsageError(f"there is no calendar {calendar!r}; known: {', '.join(sorted(known))}")
    try:
        published = parse_list(_read(file), year)
    except SlaError as error:
        raise SlaError(f"{file}: {error}") from None
    different = differences(known[calendar], year, published)
    for line in different:
        print(line)
    target = folder / "calendars" / f"{calendar}.yaml"
    if not different:
        print(f"{target}：{year} 年与名单一致。 / {year} is as in the list.")
    elif check:
        raise typer.Exit(1)
    else:
        _replace(target, extended(_read(target), year, published))
        days = f"{len(published.off)} holidays, {len(published.work)} make-up workdays"
        print(f"{target}：已写入 {year} 年。 / {days} of {year} written; next: triagebot rules check")


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise SlaError(f"{file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SlaError(f"{file} is not UTF-8 text; save it as UTF-8") from None


def _replace(target: Path, text: str) -> None:
    """All or nothing: a reader sees the old file or the new one."""
    part = target.with_suffix(".yaml.part")
    try:
        part.write_text(text, encoding="utf-8")
        os.replace(part, target)
    except OSError as error:
        raise SlaError(
            f"{target} cannot be written: {error.strerror}; copy the rules to a folder of yours and set TRIAGEBOT_RULES_DIR"
        ) from None
