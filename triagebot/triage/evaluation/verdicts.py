"""How good the verdicts are on a labelled file: the figures of ``triagebot evaluate FILE --json``. Pure over rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np

from triagebot.errors import UsageError
from triagebot.rulebook.schema import RuleBook
from triagebot.triage.brain import FILLER_PRIOR, Brain, Judgement
from triagebot.triage.decision import OUT_OF_SCOPE
from triagebot.triage.evaluation.guesses import (
    Guess,
    OutOfScopeScore,
    figures,
    most_confused,
    out_of_scope,
    per_category,
    unlike_any,
)
from triagebot.triage.evaluation.labelled import Row
from triagebot.triage.evaluation.measures import ratio, share
from triagebot.triage.normalise import normalise
from triagebot.triage.verdict import Verdict

URGENT = "P1"


@dataclass(frozen=True, slots=True)
class Judged:
    """A row and all that was said of it: the verdict, what it rests on (every category's probability), and the time
    that the verdict took in microseconds."""

    row: Row
    verdict: Verdict
    judgement: Judgement
    took_us: float


def judge(
    rows: Sequence[Row],
    brain: Brain,
    clock: Callable[[], float] = perf_counter,
    watched: Callable[[Sequence[Row]], Iterable[Row]] = iter,
) -> list[Judged]:
    """Judge every row alone. ``clock`` gives seconds; ``watched`` may show progress while the rows go by.

    Raises UsageError for a category that the rules do not have.
    """
    check_known(rows, brain.book)
    found = []
    for row in watched(rows):
        began = clock()
        verdict = brain.triage(row.text)
        took = (clock() - began) * 1e6
        prior = {OUT_OF_SCOPE: FILLER_PRIOR} if verdict.filler else {}
        found.append(Judged(row, verdict, brain.judge(normalise(row.text), prior), took))
    return found


def check_known(rows: Sequence[Row], book: RuleBook) -> None:
    """Raises UsageError for a category that the rules do not have."""
    if unknown := {row.category for row in rows} - set(book.categories):
        raise UsageError(f"the file has a category that the rules do not have: {min(unknown)}; see rules/categories")


def guesses_of(judged: Sequence[Judged]) -> list[Guess]:
    return [
        Guess(
            text=j.row.text,
            lang=j.row.lang,
            truth=j.row.category,
            category=j.verdict.category,
            confidence=j.verdict.confidence,
            candidates=j.judgement.candidates,
            decision=j.verdict.decision,
        )
        for j in judged
    ]


def measure(
    judged: Sequence[Judged], priorities: dict[str, str], score: OutOfScopeScore = unlike_any
) -> dict[str, Any]:
    """The promised figures (shares of 1, ``latency_us`` in microseconds a message), ``oos_auroc`` and the most common
    ``confusions``; ``priorities`` of the categories say which rows are truly P1."""
    guesses = guesses_of(judged)
    urgent = [priorities[j.row.category] == URGENT for j in judged]
    raised = [j.verdict.priority == URGENT for j in judged]
    caught = sum(u and r for u, r in zip(urgent, raised, strict=True))
    p50, p95 = np.percentile([j.took_us for j in judged], (50, 95))
    return {
        **figures(guesses),
        "p1_recall": ratio(caught, sum(urgent)),
        "p1_precision": ratio(caught, sum(raised)),
        "platform_accuracy": share([j.verdict.platform == j.row.platform for j in judged]),
        "human_accuracy": share([j.verdict.human_requested == j.row.human_requested for j in judged]),
        "oos_auroc": out_of_scope(guesses, OUT_OF_SCOPE, score).get("oos_auroc"),
        "decisions": _decisions(judged),
        "per_category": per_category(guesses),
        "confusions": most_confused(guesses),
        "latency_us": {"p50": round(float(p50), 1), "p95": round(float(p95), 1)},
    }


def _decisions(judged: Sequence[Judged]) -> dict[str, dict[str, float | None]]:
    table: dict[str, dict[str, float | None]] = {}
    for decision in ("answer", "ask", "unclear", "escalate"):
        taken = [j for j in judged if j.verdict.decision == decision]
        table[decision] = {
            "share": ratio(len(taken), len(judged)),
            "accuracy": share([j.verdict.category == j.row.category for j in taken]),
        }
        if decision == "ask":
            table[decision]["contains_truth"] = share([j.row.category in j.verdict.choices for j in taken])
    return table
