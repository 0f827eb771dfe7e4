"""``triagebot sla …``: the arithmetic of promises, to be held against any case."""

from __future__ import annotations

import json as jsonlib
from pathlib import Path
from typing import Annotated, Any

import typer

from triagebot import rulebook
from triagebot.cli import common, report, sla_calendar, sla_explain, sla_reapply, sla_replay
from triagebot.errors import SlaError
from triagebot.sla.simulate import simulate as simulate_case

app = typer.Typer(help="时限承诺。 / Service levels.", no_args_is_help=True)
app.add_typer(sla_calendar.app, name="calendar")
app.command("explain")(sla_explain.explain)
app.command("reapply")(sla_reapply.reapply)
app.command("replay")(sla_replay.replay)
app.command("report")(report.report)


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
