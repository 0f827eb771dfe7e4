"""How good the verdicts are on a labelled file: the figures of ``triagebot evaluate --json``. Pure over rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np

from triagebot.errors import UsageError
from triagebot.triage.brain import Brain
from triagebot.triage.calibration import expected_calibration_error, macro_f1
from triagebot.triage.verdict import Verdict

COLUMNS = ("text", "lang", "category", "platform", "human_requested", "hard")
_URGENT = "P1"


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled message."""

    text: str
    lang: str
    category: str
    platform: str
    human_requested: bool
    hard: bool


def read_rows(tsv: str, name: str) -> list[Row]:
    """Rows of a tab-separated file with the header ``COLUMNS``; quotes mean nothing. ``name`` is for messages.

    Raises UsageError with the line number of the first line that does not fit.
    """
    lines = csv.reader(io.StringIO(tsv.removeprefix("\ufeff")), delimiter="\t", quoting=csv.QUOTE_NONE)
    header = next(lines, [])
    if tuple(header) != COLUMNS:
        raise UsageError(
            f"{name}:1: the header must be {' '.join(COLUMNS)} (tab-separated), not {' '.join(header)[:80]!r}"
        )
    rows = []
    for number, cells in enumerate(lines, start=2):
        if not cells:
            continue
        if len(cells) != len(COLUMNS):
            raise UsageError(
                f"{name}:{number}: {len(cells)} columns instead of {len(COLUMNS)}; separate them by one tab each"
            )
        text, lang, category, platform, human, hard = cells
        rows.append(Row(text, lang, category, platform, human == "1", hard == "1"))
    if not rows:
        raise UsageError(f"{name}: there is no message in it; add rows below the header")
    return rows


def evaluate(rows: Sequence[Row], brain: Brain, clock: Callable[[], float] = perf_counter) -> dict[str, Any]:
    """Judge every row alone and compare; shares of 1, ``latency_us`` in microseconds a message. ``clock`` gives
    seconds.

    Raises UsageError for a category that the rules do not have.
    """
    unknown = {row.category for row in rows} - set(brain.book.categories)
    if unknown:
        raise UsageError(f"the file has a category that the rules do not have: {min(unknown)}; see rules/categories")
    verdicts, taken = [], []
    for row in rows:
        began = clock()
        verdicts.append(brain.triage(row.text))
        taken.append((clock() - began) * 1e6)
    found = measure(rows, verdicts, {c.id: c.priority for c in brain.book.categories.values()})
    p50, p95 = np.percentile(taken, (50, 95))
    return {**found, "latency_us": {"p50": round(float(p50), 1), "p95": round(float(p95), 1)}}


def measure(rows: Sequence[Row], verdicts: Sequence[Verdict], priorities: dict[str, str]) -> dict[str, Any]:
    """The figures without the latency; ``priorities`` of the categories say which rows are truly P1."""
    right = [v.category == row.category for row, v in zip(rows, verdicts, strict=True)]
    urgent = [priorities[row.category] == _URGENT for row in rows]
    raised = [v.priority == _URGENT for v in verdicts]
    caught = sum(u and r for u, r in zip(urgent, raised, strict=True))
    return {
        "n": len(rows),
        "accuracy": _share(right),
        "top3": _share([row.category in _listed(v, 3) for row, v in zip(rows, verdicts, strict=True)]),
        "macro_f1": round(macro_f1([v.category for v in verdicts], [row.category for row in rows]), 4),
        "ece": round(expected_calibration_error(np.array([v.confidence for v in verdicts]), np.array(right)), 4),
        "p1_recall": _ratio(caught, sum(urgent)),
        "p1_precision": _ratio(caught, sum(raised)),
        "platform_accuracy": _share([v.platform == row.platform for row, v in zip(rows, verdicts, strict=True)]),
        "human_accuracy": _share(
            [v.human_requested == row.human_requested for row, v in zip(rows, verdicts, strict=True)]
        ),
        "decisions": _decisions(rows, verdicts),
        "per_category": _per_category(rows, verdicts),
    }


def _decisions(rows: Sequence[Row], verdicts: Sequence[Verdict]) -> dict[str, dict[str, float | None]]:
    table: dict[str, dict[str, float | None]] = {}
    for decision in ("answer", "ask", "unclear", "escalate"):
        pairs = [(row, v) for row, v in zip(rows, verdicts, strict=True) if v.decision == decision]
        table[decision] = {
            "share": _ratio(len(pairs), len(rows)),
            "accuracy": _share([v.category == row.category for row, v in pairs]),
        }
        if decision == "ask":
            table[decision]["contains_truth"] = _share([row.category in v.choices for row, v in pairs])
    return table


def _per_category(rows: Sequence[Row], verdicts: Sequence[Verdict]) -> dict[str, dict[str, Any]]:
    table = {}
    for name in sorted({row.category for row in rows}):
        hits = sum(v.category == row.category == name for row, v in zip(rows, verdicts, strict=True))
        support = sum(row.category == name for row in rows)
        guessed = sum(v.category == name for v in verdicts)
        mistaken = [v.category for row, v in zip(rows, verdicts, strict=True) if row.category == name != v.category]
        table[name] = {
            "n": support,
            "recall": _ratio(hits, support),
            "precision": _ratio(hits, guessed),
            "f1": _ratio(2 * hits, support + guessed),
            "mistaken_for": {
                other: mistaken.count(other) for other in sorted(set(mistaken), key=lambda m: (-mistaken.count(m), m))
            },
        }
    return table


def _listed(verdict: Verdict, most: int) -> list[str]:
    return [category for category, _ in verdict.candidates[:most]]


def _share(flags: Sequence[bool]) -> float | None:
    return _ratio(sum(flags), len(flags))


def _ratio(part: int, whole: int) -> float | None:
    """None where there is nothing to take a share of: no figure is better than a made-up one."""
    return round(part / whole, 4) if whole else None
