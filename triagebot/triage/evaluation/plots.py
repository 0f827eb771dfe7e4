"""The pictures of an evaluation. The only module that needs matplotlib (the extra ``plots``); labels are English
because its fonts have no Chinese."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from triagebot.triage.evaluation.curves import AlarmPoint, AnswerPoint
from triagebot.triage.evaluation.guesses import Guess
from triagebot.triage.evaluation.learning import Point
from triagebot.triage.evaluation.measures import confusion_matrix, reliability

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_DPI = 120
_MOST_NAMED = 60
"""Classes that still have room for their names on an axis."""


def confusion(guesses: Sequence[Guess], file: Path) -> None:
    """Confusion matrix: each row is a true category, shaded by its share of the row, numbers are messages."""
    names = sorted({g.truth for g in guesses} | {g.category for g in guesses})
    counts = confusion_matrix([g.truth for g in guesses], [g.category for g in guesses], names)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    side = max(5.0, min(4 + 0.32 * len(names), 24.0))
    figure, axes = _canvas(side, side)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set(title="Confusion matrix", xlabel="verdict", ylabel="truth")
    if len(names) <= _MOST_NAMED:
        axes.set_xticks(range(len(names)), names, rotation=90, fontsize=7)
        axes.set_yticks(range(len(names)), names, fontsize=7)
        for row, column in np.argwhere(counts):
            colour = "white" if shares[row, column] > 0.5 else "black"
            axes.text(column, row, str(counts[row, column]), ha="center", va="center", fontsize=6, color=colour)
    _write(figure, file)


def calibration(guesses: Sequence[Guess], file: Path) -> None:
    """Reliability diagram: what confidence promises against the share that is right, and where the messages lie."""
    bins = reliability(np.array([g.confidence for g in guesses]), np.array([g.right for g in guesses]))
    figure, axes = _canvas(6, 5)
    full = [b for b in bins if b.count]
    axes.bar([b.low for b in bins], [b.count / len(guesses) for b in bins], width=0.1, align="edge",
             color="lightgrey", label="share of messages")  # fmt: skip
    axes.plot([0, 1], [0, 1], color="grey", linestyle=":", label="perfect")
    axes.plot(_gaps([b.confidence for b in full]), _gaps([b.right for b in full]), marker="o", label="share right")
    axes.set(title="Reliability", xlabel="confidence", ylabel="share", xlim=(0, 1), ylim=(0, 1))
    axes.legend()
    _write(figure, file)


def answers(curve: Sequence[AnswerPoint], present: float, file: Path) -> None:
    """What ``answer_at`` trades; ``present`` is the value in the rules."""
    figure, axes = _canvas(7, 5)
    x = [p.answer_at for p in curve]
    for label, values in (
        ("answered: share", [p.answered for p in curve]),
        ("answered: right", [p.answered_right for p in curve]),
        ("asked: share", [p.asked for p in curve]),
        ("asked: choices hold the truth", [p.choices_hold_truth for p in curve]),
    ):
        axes.plot(x, _gaps(values), marker=".", label=label)
    axes.axvline(present, color="grey", linestyle=":", label=f"answer_at now ({present:g})")
    axes.set(title="Answer or ask", xlabel="answer_at", ylabel="share", xlim=(0, 1), ylim=(0, 1.02))
    sizes = axes.twinx()
    sizes.plot(x, _gaps([p.mean_choices for p in curve]), color="black", linestyle="--", linewidth=0.8)
    sizes.set_ylabel("asked: mean number of choices (dashed)")
    axes.legend(fontsize=8)
    _write(figure, file)


def alarms(curve: Sequence[AlarmPoint], present: float, file: Path) -> None:
    """Precision over recall of P1 as ``p1_mass`` moves, by mass alone and as decided."""
    figure, axes = _canvas(6, 5)
    axes.plot(_gaps([p.mass_recall for p in curve]), _gaps([p.mass_precision for p in curve]), marker=".",
              label="probability mass alone")  # fmt: skip
    axes.plot(_gaps([p.decided_recall for p in curve]), _gaps([p.decided_precision for p in curve]), marker=".",
              label="as decided, with the rules")  # fmt: skip
    now = min(curve, key=lambda p: abs(p.p1_mass - present))
    axes.scatter(_gaps([now.decided_recall]), _gaps([now.decided_precision]), s=90, facecolors="none",
                 edgecolors="black", label=f"p1_mass {now.p1_mass:g}")  # fmt: skip
    axes.set(title="P1 alarm", xlabel="recall", ylabel="precision", xlim=(0, 1.02), ylim=(0, 1.02))
    axes.legend(fontsize=8)
    _write(figure, file)


def learning(points: Sequence[Point], file: Path) -> None:
    """Accuracy and top3 over the number of training examples."""
    figure, axes = _canvas(6, 4.5)
    x = [p.examples for p in points]
    axes.plot(x, [p.accuracy for p in points], marker="o", label="accuracy")
    axes.plot(x, [p.top3 for p in points], marker="o", label="top 3")
    axes.set(title="Learning curve", xlabel="training examples", ylabel="share right", xlim=(0, None), ylim=(None, 1))
    axes.legend()
    axes.grid(alpha=0.3)
    _write(figure, file)


def _canvas(width: float, height: float) -> tuple[Figure, Axes]:
    """Inches. The Agg canvas by itself: no pyplot, hence no window system and no state between figures."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure, figure.subplots()


def _write(figure: Figure, file: Path) -> None:
    figure.savefig(file, dpi=_DPI)


def _gaps(values: Sequence[float | None]) -> list[float]:
    return [float("nan") if value is None else value for value in values]
