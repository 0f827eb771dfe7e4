"""Runs the tests that are written in the category files: what ``triagebot rules test`` reports."""

from __future__ import annotations

from dataclasses import dataclass

from triagebot.rulebook.schema import InlineTest, RuleBook
from triagebot.triage.brain import Brain
from triagebot.triage.verdict import Verdict

_COMPARED = ("category", "decision", "platform", "priority", "queue", "human_requested")


@dataclass(frozen=True, slots=True)
class Failure:
    """One expectation that does not hold: in the file of ``category``, for ``text``, ``key`` should be ``expected``."""

    category: str
    text: str
    key: str
    expected: str
    found: str

    def __str__(self) -> str:
        where = f"rules/categories/{self.category}.yaml: {self.text!r}"
        return f"{where}: {self.key} is {self.found}, expected {self.expected}"


def run(book: RuleBook, brain: Brain) -> list[Failure]:
    """Every expectation that fails, in the order of the files; empty when all hold."""
    failures = []
    for category in book.categories.values():
        for test in category.tests:
            verdict = brain.triage(test.text)
            failures += [Failure(category.id, test.text, *miss) for miss in _misses(test, verdict)]
    return failures


def count(book: RuleBook) -> int:
    """How many messages the tests of ``book`` hold."""
    return sum(len(category.tests) for category in book.categories.values())


def _misses(test: InlineTest, verdict: Verdict) -> list[tuple[str, str, str]]:
    misses = []
    for key in _COMPARED:
        expected, found = getattr(test, key), getattr(verdict, key)
        if expected is not None and expected != found:
            misses.append((key, str(expected), str(found)))
    best = [category for category, _ in verdict.candidates[:3]]
    if test.top3 is not None and test.top3 not in best:
        misses.append(("top3", test.top3, ", ".join(best)))
    return misses
