"""``triagebot inbox …`` and ``triagebot outbox …``: what could not be handled or delivered; try again, or let it go."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Literal

import typer

from triagebot.cli import common
from triagebot.desk import dead_letters
from triagebot.desk.dead_letters import INBOX, OUTBOX, Box, Letter
from triagebot.errors import UsageError
from triagebot.opening import utc_now
from triagebot.text import clip

_SHOWN = 60
_STATES = {"dead": ("dead",), "pending": ("pending",), "all": ("dead", "pending")}
Numbers = Annotated[list[int] | None, typer.Argument(help="list 里的编号 / numbers from list")]
Everything = Annotated[bool, typer.Option("--all", help="全部 / all of them")]


def commands(box: Box, help: str) -> typer.Typer:
    """``list``, ``retry`` and ``drop`` for one of the two tables."""
    app = typer.Typer(help=help, no_args_is_help=True)

    @app.command("list")
    def list_(
        state: Annotated[Literal["dead", "pending", "all"], typer.Option(help="dead | pending | all")] = "dead",
        json: Annotated[bool, typer.Option("--json", help="JSON")] = False,
    ) -> None:
        """列出放弃了的（或还在等的）。 / What was given up, or still waits."""
        with common.desk() as (store, office):
            found = store.read_now(dead_letters.listed, box, _STATES[state])
        if json:
            common.print_json([{**asdict(letter), "at": letter.at.isoformat()} for letter in found])
            return
        for letter in found:
            print(f"{letter.at.astimezone(office.zone):%Y-%m-%d %H:%M}  {_line(letter)}")
        print(f"{len(found)} 条 / {box.name}: {len(found)}")

    @app.command()
    def retry(numbers: Numbers = None, everything: Everything = False) -> None:
        """再试一次。 / Try again."""
        with common.desk() as (store, _):
            done = store.write_now(dead_letters.retry, box, _chosen(numbers, everything))
        print(f"再试 {len(done)} 条。 / Trying {len(done)} again.")

    @app.command()
    def drop(numbers: Numbers = None, everything: Everything = False) -> None:
        """不要了：内容清掉，原因留下。 / Let go: the words are erased, the reason is kept."""
        with common.desk() as (store, office):
            done = store.write_now(dead_letters.drop, office, box, _chosen(numbers, everything), utc_now())
        print(f"放弃 {len(done)} 条。 / Dropped {len(done)}.")

    return app


def _chosen(numbers: list[int] | None, everything: bool) -> list[int] | None:
    if bool(numbers) == everything:
        raise UsageError("name the numbers that list shows, or --all")
    return numbers or None


def _line(letter: Letter) -> str:
    about = f" #{letter.ticket}" if letter.ticket is not None else ""
    words = clip(" ".join(letter.text.split()), _SHOWN)
    parts = (
        f"{letter.id}{about}",
        f"{letter.state} ×{letter.attempts}",
        f"{letter.channel} {letter.chat}",
        letter.error,
        words,
    )
    return "  ".join(part for part in parts if part.strip())


inbox = commands(INBOX, "收到却没能处理的消息。 / Messages that could not be handled.")
outbox = commands(OUTBOX, "没能送达的消息。 / Messages that could not be delivered.")
