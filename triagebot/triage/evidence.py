"""What of the rule hits is worth showing: the ids behind a verdict, and a second problem in the same message."""

from __future__ import annotations

from collections.abc import Sequence

from triagebot.triage.reading import Reading

_SECOND_FROM = 0.02
"""Least probability of a second problem that nothing announces: the model need not agree, only not exclude it."""


def rule_ids(reading: Reading, category: str) -> tuple[str, ...]:
    """Ids of expressions and signatures that hit and were not denied, those of ``category`` first."""
    found = [(hit.rule.category != category, hit.rule.id) for hit in reading.hits if not hit.denied]
    found += [(shown.category != category, shown.id) for shown in reading.shown]
    return tuple(dict.fromkeys(rule_id for _, rule_id in sorted(found, key=lambda f: f[0])))


def also_about(reading: Reading, category: str, candidates: Sequence[tuple[str, float]]) -> tuple[str, ...]:
    """Other categories with a strong expression of their own, in words that ``category`` does not claim; best first.

    Overlapping words are two readings of one problem, not two problems.
    """
    claimed = [span for hit in reading.having("strong", "alarm") if hit.rule.category == category for span in hit.spans]
    if not claimed:
        return ()
    apart = {
        hit.rule.category
        for hit in reading.having("strong")
        if hit.rule.category != category
        and not any(start < end_ and start_ < end for start, end in hit.spans for start_, end_ in claimed)
    }
    return tuple(c for c, p in candidates if c in apart and p >= _SECOND_FROM)[:2]
