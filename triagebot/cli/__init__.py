"""The command line: each command parses, calls one function, prints. Errors are one line on stderr and an exit code."""

from __future__ import annotations

import sys

import typer

from triagebot import __version__
from triagebot.cli import (
    agents,
    brain,
    chat,
    db,
    dead_letters,
    doctor,
    drift,
    evaluate,
    privacy,
    queue,
    rules,
    run,
    sla,
    train,
)
from triagebot.cli.common import state
from triagebot.errors import RulesError, TriagebotError

app = typer.Typer(
    name="triagebot",
    help="征信报告查询问题的一线客服机器人。 / A support front line for personal credit report queries.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"triagebot {__version__}")
        raise typer.Exit


@app.callback()
def main_options(
    debug: bool = typer.Option(False, "--debug", help="出错时显示完整堆栈。 / Show tracebacks."),
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="版本。 / Version."),
) -> None:
    state.debug = debug


app.command("chat")(chat.chat)
app.command("run")(run.run)
app.command("classify")(brain.classify)
app.command("train")(train.train)
app.command("evaluate")(evaluate.evaluate)
app.command("drift")(drift.drift)
app.command("doctor")(doctor.doctor)
app.add_typer(rules.app, name="rules")
app.add_typer(queue.app, name="queue")
app.add_typer(sla.app, name="sla")
app.add_typer(db.app, name="db")
app.add_typer(dead_letters.inbox, name="inbox")
app.add_typer(dead_letters.outbox, name="outbox")
app.add_typer(agents.app, name="agents")
app.add_typer(privacy.app, name="privacy")


def main(arguments: list[str] | None = None) -> None:
    """Entry point of the ``triagebot`` command."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    try:
        app(arguments)
    except TriagebotError as error:
        if state.debug:
            raise
        for line in error.problems if isinstance(error, RulesError) else [str(error)]:
            print(f"triagebot: {line}", file=sys.stderr)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except KeyboardInterrupt:
        sys.exit(130)
