"""``triagebot sla …``: the arithmetic of promises, to be held against any case."""

from __future__ import annotations

import json as jsonlib
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from triagebot import rulebook
from triagebot.app import utc_now
from triagebot.cli import common
from triagebot.desk import reapply as reapplying
from triagebot.desk.office import Office
from triagebot.desk.reapply import Change
from triagebot.errors import SlaError, UsageError
from triagebot.sla.simulate import simulate as simulate_case

app = typer.Typer(help="时限承诺。 / Service levels.", no_args_is_help=True)


@app.command()
def simulate(
    file: Annotated[Path, typer.Argument(help="JSON：一个案例或列表 / one case or a list")],
    json: Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")] = False,
) -> None:
    """按给定的政策、日历和事件算出时钟（纯计算）。 / A policy, a calendar and events in; clocks out."""
    calendars = rulebook.load(common.settings().rules_dir).calendars
    given = _read(file)
    many = isinstance(given, list)
    results = [_one(case, calendars, n if many else None) for n, case in enumerate(given if many else [given])]
    if json:
        common.print_json(results if many else results[0])
        return
    for result in results:
        for clock in result["clocks"]:
            print(f"{clock['metric']}: {clock['state']}, due {clock['due_at']}, elapsed {clock['elapsed_s']} s")


@app.command()
def reapply(
    queue: Annotated[str, typer.Option("--queue", help="只看这个队列 / only this queue")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只看会改什么 / only show what would change")] = False,
    json: Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")] = False,
) -> None:
    """把现在的时限用到还没办完的工单上。 / Give open tickets what rules/sla.yaml promises now."""
    with common.desk() as (store, office):
        if queue and queue not in office.book.queues:
            raise UsageError(f"there is no queue {queue!r}; known: {', '.join(office.book.queues)}")
        changes: list[Change] = []
        after: int | None = 0
        now = utc_now()
        while after is not None:
            if dry_run:
                found, after = store.read_now(reapplying.look, office, now, queue, after)
            else:
                found, after = store.write_now(reapplying.apply, office, now, queue, after)
            changes += found
        version = office.book.sla.version
    if json:
        common.print_json({"version": version, "dry_run": dry_run, "tickets": [change.to_json() for change in changes]})
        return
    for change in changes:
        print(_change_in_words(change, office))
    done = "会改，什么都没动 / would change, nothing was done" if dry_run else "已改 / changed"
    print(f"{len(changes)} 张工单{done} (version {version})")


def _change_in_words(change: Change, office: Office) -> str:
    def said(at: datetime | None) -> str:
        return f"{at.astimezone(office.zone):%Y-%m-%d %H:%M:%S}" if at is not None else "-"

    clocks = "; ".join(f"{m.metric} {said(m.old_due_at)} -> {said(m.new_due_at)}" for m in change.clocks)
    versions = f"v{change.old_version} -> v{change.new_version}"
    return f"#{change.ticket} {change.queue} {change.priority} {versions}" + (f": {clocks}" if clocks else "")


def _one(case: Any, calendars: Any, index: int | None) -> dict[str, Any]:
    try:
        return simulate_case(case, calendars)
    except SlaError as error:
        raise SlaError(f"case {index}: {error}" if index is not None else str(error)) from None


def _read(file: Path) -> Any:
    try:
        return jsonlib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise SlaError(f"{file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SlaError(f"{file} is not UTF-8 text") from None
    except (jsonlib.JSONDecodeError, RecursionError) as error:
        raise SlaError(f"{file} is not valid JSON: {error}") from None
