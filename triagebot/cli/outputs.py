"""The files that ``evaluate --out DIR`` leaves: tables always, pictures where matplotlib is installed."""

from __future__ import annotations

from collections.abc import Sequence
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
    if _can_draw():
        plots.confusion(guesses, folder / "confusion_matrix.png")
        plots.calibration(guesses, folder / "reliability.png")


def write_curves(judged: Sequence[Judged], brain: Brain, folder: Path) -> None:
    from triagebot.triage.evaluation import curves, plots, tables

    answers = curves.answer_curve(judged, brain.book, brain.model.in_set)
    alarms = curves.alarm_curve(judged, brain.book, brain.model.in_set)
    _write(folder / "decisions.tsv", tables.points(answers))
    _write(folder / "p1.tsv", tables.points(alarms))
    if _can_draw():
        plots.answers(answers, brain.book.thresholds.answer_at, folder / "decisions.png")
        plots.alarms(alarms, brain.book.thresholds.p1_mass, folder / "p1.png")


def write_learning(points: Sequence[Point], folder: Path) -> None:
    from triagebot.triage.evaluation import plots, tables

    _write(folder / "learning_curve.tsv", tables.points(points))
    if _can_draw():
        plots.learning(points, folder / "learning_curve.png")


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}") from None


def _can_draw() -> bool:
    return find_spec("matplotlib") is not None
