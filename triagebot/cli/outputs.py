"""The files that ``evaluate --out DIR`` leaves: tables always, pictures where matplotlib is installed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from triagebot.errors import MissingPartError, UsageError

if TYPE_CHECKING:  # numpy is a third of a second at every start
    from triagebot.triage.brain import Brain
    from triagebot.triage.evaluation.guesses import Guess
    from triagebot.triage.evaluation.learning import Point
    from triagebot.triage.evaluation.verdicts import Judged


def make_folder(folder: Path) -> None:
    """Before anything takes time. Raises UsageError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"--out {folder}: the folder cannot be made ({error.strerror}); name another one") from None


def check_pictures() -> None:
    """Raises MissingPartError when there are no pictures because there is no matplotlib."""
    if not _can_draw():
        raise MissingPartError(
            "没有画图：缺少 matplotlib，其余都写好了。 / No pictures: matplotlib is missing, all else is written; "
            "install it with: pip install 'triagebot[plots]'"
        )


def write_guesses(guesses: Sequence[Guess], folder: Path) -> None:
    from triagebot.triage.evaluation import plots, tables
    from triagebot.triage.evaluation.guesses import per_category

    _write(folder / "errors.tsv", tables.errors(guesses))
    _write(folder / "per_category.tsv", tables.categories(per_category(guesses)))
    _draw(folder / "confusion_matrix.png", partial(plots.confusion, guesses))
    _draw(folder / "reliability.png", partial(plots.calibration, guesses))


def write_curves(judged: Sequence[Judged], brain: Brain, folder: Path) -> None:
    from triagebot.triage.evaluation import curves, plots, tables

    book, in_set = brain.book, brain.model.in_set
    answers, alarms = curves.answer_curve(judged, book, in_set), curves.alarm_curve(judged, book, in_set)
    _write(folder / "decisions.tsv", tables.points(answers))
    _write(folder / "p1.tsv", tables.points(alarms))
    _draw(folder / "decisions.png", partial(plots.answers, answers, book.thresholds.answer_at))
    _draw(folder / "p1.png", partial(plots.alarms, alarms, book.thresholds.p1_mass))


def write_learning(points: Sequence[Point], folder: Path) -> None:
    from triagebot.triage.evaluation import plots, tables

    _write(folder / "learning_curve.tsv", tables.points(points))
    _draw(folder / "learning_curve.png", partial(plots.learning, points))


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}") from None


def _draw(file: Path, picture: Callable[[Path], None]) -> None:
    if not _can_draw():
        return
    try:
        picture(file)
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}") from None


def _can_draw() -> bool:
    return find_spec("matplotlib") is not None
