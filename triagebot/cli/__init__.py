"""The command line: each command parses, calls one function, prints. Errors are one line on stderr and an exit code."""

from __future__ import annotations

import sys

import typer

from triagebot import __version__
from triagebot.cli.lazily import Commands
from triagebot.cli.state import state
from triagebot.errors import RulesError, TriagebotError

app = typer.Typer(
    name="triagebot",
    cls=Commands,
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
