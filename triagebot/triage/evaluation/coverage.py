"""What a rule pack holds for each category, and how well its examples tell it from the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from triagebot.rulebook.holdings import Holding, holding
from triagebot.rulebook.schema import RuleBook
from triagebot.triage.evaluation.guesses import Guess, per_category
from triagebot.triage.evaluation.measures import confusions


@dataclass(frozen=True, slots=True)
class Coverage(Holding):
    """With ``recall`` and ``precision`` in cross-validation, rules included; ``confused_with``: how many examples went one
    way or the other, most first."""

    recall: float | None
    precision: float | None
    confused_with: dict[str, int]


def coverage(book: RuleBook, guesses: Sequence[Guess]) -> list[Coverage]:
    """One for each category, in the order of the files; ``guesses`` as from ``crossval.on_rules``."""
    figures = per_category(guesses)
    confused = _confused(guesses)
    return [
        Coverage(
            **asdict(holding(c)),
            recall=figures[c.id]["recall"],
            precision=figures[c.id]["precision"],
            confused_with=dict(confused[c.id].most_common()),
        )
        for c in book.categories.values()
    ]


def _confused(guesses: Sequence[Guess]) -> dict[str, Counter[str]]:
    names = {g.truth for g in guesses}
    table: dict[str, Counter[str]] = {name: Counter() for name in names}
    for pair in confusions([g.truth for g in guesses], [g.category for g in guesses]):
        table[pair.truth][pair.guess] += pair.count
        table[pair.guess][pair.truth] += pair.count
    return table
