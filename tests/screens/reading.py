"""How well a screen was read: the share of its characters that came out right."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz.distance import Levenshtein
from rapidfuzz.fuzz import partial_ratio_alignment

from triagebot.triage.normalise import normalise
from triagebot.triage.signatures import squeeze


def right(expected: Iterable[str], read: str) -> tuple[int, int]:
    """(characters of ``expected`` that are in ``read``, all of them), without spaces, punctuation and case."""
    found = squeeze(normalise(read))
    good = total = 0
    for text in map(squeeze, map(normalise, expected)):
        where = partial_ratio_alignment(text, found)
        wrong = Levenshtein.distance(text, found[where.dest_start : where.dest_end]) if where else len(text)
        good += max(0, len(text) - wrong)
        total += len(text)
    return good, total
