"""The learning curve: how much better more examples make it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from triagebot.rulebook.schema import Category, Examples, RuleBook
from triagebot.triage import model
from triagebot.triage.brain import Brain
from triagebot.triage.evaluation import pipeline
from triagebot.triage.evaluation.crossval import Tell
from triagebot.triage.evaluation.guesses import Guess, figures
from triagebot.triage.evaluation.labelled import Labelled, Row, prepared
from triagebot.triage.examples import examples_of
from triagebot.triage.semantic import Encode

EIGHTHS = (1, 2, 4, 6, 8)
"""Of the examples of every category and language: 12.5, 25, 50, 75 and 100 %."""
_LEAST = 2
"""Examples of a category and language that are always kept where there are so many: fewer cannot be cross-validated."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Point:
    """Trained on ``share`` of the examples, which are ``examples`` in all."""

    share: float
    examples: int
    accuracy: float
    top3: float


def thinned(items: Sequence[T], eighths: int) -> tuple[T, ...]:
    """So many out of every eight neighbours, the same ones each time, and smaller choices out of larger ones.

    Neighbours in a file, which often paraphrase each other, are taken apart: a small choice is as varied as the whole,
    so that the curve shows what more wordings of the same ideas are worth, and flatters small sets a little.
    """
    chosen = tuple(item for n, item in enumerate(items) if (n + 1) * eighths // 8 > n * eighths // 8)
    return chosen if len(chosen) >= _LEAST else tuple(items[-_LEAST:])


def on_rules(book: RuleBook, rows: Sequence[Row], tell: Tell, encode: Encode | None = None) -> list[Point]:
    """The whole product (rules, thresholds and all) trained on fewer examples of the rules and judging ``rows``."""

    def judge(eighths: int) -> tuple[int, list[Guess]]:
        categories = {name: _with_fewer(category, eighths) for name, category in book.categories.items()}
        smaller = book.model_copy(update={"categories": categories})
        brain = Brain(smaller, model.train(smaller, encode), encode)
        verdicts = [(row, brain.triage(row.text)) for row in rows]
        guesses = [Guess(v.text, r.lang, r.category, v.category, v.confidence, v.candidates) for r, v in verdicts]
        return len(examples_of(smaller).texts), guesses

    return _curve(judge, tell)


def on_labelled(
    train: Sequence[Labelled], rows: Sequence[Labelled], tell: Tell, encode: Encode | None = None
) -> list[Point]:
    """The pipeline without rules trained on fewer of ``train`` and judging ``rows``."""
    strata: dict[tuple[str, str], list[Labelled]] = defaultdict(list)
    for row in train:
        strata[row.category, row.lang].append(row)

    judged = prepared(rows)

    def judge(eighths: int) -> tuple[int, list[Guess]]:
        fewer = [row for stratum in strata.values() for row in thinned(stratum, eighths)]
        return len(fewer), pipeline.judge(pipeline.fit(prepared(fewer), encode), judged)

    return _curve(judge, tell)


def _curve(judge: Callable[[int], tuple[int, list[Guess]]], tell: Tell) -> list[Point]:
    points = []
    for eighths in EIGHTHS:
        examples, guesses = judge(eighths)
        found = figures(guesses)
        points.append(Point(eighths / 8, examples, found["accuracy"], found["top3"]))
        tell(f"{eighths / 8:.1%}")
    return points


def _with_fewer(category: Category, eighths: int) -> Category:
    examples = category.examples
    fewer = Examples(zh=thinned(examples.zh, eighths), en=thinned(examples.en, eighths))
    return category.model_copy(update={"examples": fewer})
