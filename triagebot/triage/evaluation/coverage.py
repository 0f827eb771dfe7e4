"""What a rule pack holds for each category, and how well its examples tell it from the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from triagebot.rulebook.schema import Category, RuleBook
from triagebot.triage.evaluation.guesses import Guess, per_category
from triagebot.triage.evaluation.measures import confusions

ENOUGH = (120, 30)
"""Examples in Chinese and in English that a category should have: below, recall on other people's messages is markedly
lower (docs/decisions/0002)."""
ENOUGH_FOR = {
    "security.scam": (200, 50),
    "anomaly.identity_theft": (200, 50),
    "other.out_of_scope": (200, 50),
}
"""More where a miss does harm, or where anything may be said."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """One category: counts of what its file holds; ``platforms`` with fixes of their own; ``recall`` and ``precision`` in
    cross-validation, rules included; ``confused_with``: how many examples went one way or the other, most first."""

    category: str
    zh: int
    en: int
    patterns: int
    signatures: int
    tests: int
    platforms: tuple[str, ...]
    recall: float | None
    precision: float | None
    confused_with: dict[str, int]
    enough: bool


def coverage(book: RuleBook, guesses: Sequence[Guess]) -> list[Coverage]:
    """One for each category, in the order of the files; ``guesses`` as from ``crossval.on_rules``."""
    figures = per_category(guesses)
    confused = _confused(guesses)
    return [
        Coverage(
            category=c.id,
            zh=len(c.examples.zh),
            en=len(c.examples.en),
            patterns=len(c.patterns),
            signatures=len(c.signatures),
            tests=len(c.tests),
            platforms=tuple(sorted({fix.platform for fix in c.fixes} - {"unknown"})),
            recall=figures[c.id]["recall"],
            precision=figures[c.id]["precision"],
            confused_with=dict(confused[c.id].most_common()),
            enough=_enough(c),
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


def _enough(category: Category) -> bool:
    zh, en = ENOUGH_FOR.get(category.id, ENOUGH)
    return len(category.examples.zh) >= zh and len(category.examples.en) >= en
