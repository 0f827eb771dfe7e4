"""How alike two short messages are by their letters, and which of many are alike, without comparing all with all."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import chain, pairwise
from typing import TypeVar

from triagebot.rulebook.repeats import squeeze

LIKE = Fraction(2, 3)
"""From this share of common pairs of letters on, one message counts as a copy of the other.

One character put in is seen through from 6 characters on, one replaced from 9, two neighbours from 14, any two from 19.
Seen in 5,999 examples of 24 categories: the most alike of different categories have 0.61 ("is there an English version of
the dispute form" / "... of the website") and 0.60 (查征信要钱吗 / 企业查征信要钱吗) and mean different things, so that nothing
there is a false alarm. Examples and 573 messages by other authors: three pairs from 0.67 to 0.70, each the same sentence
with a word put in or reworded, the next at 0.60. Without marks for the ends, 查征信要钱吗 and its neighbour have 0.71, as
much as a real copy of 11 characters with one replaced.
"""
SHORTEST = 6
"""Characters; of shorter messages (转人工) one character is half the meaning, so only equal ones are copies."""
_ENDS = "^{}$"
_SOME = 4
"""Rare parts that two must share to be compared at all. With one, six times as many were compared, in twice the time."""

Part = TypeVar("Part", bound=Hashable)


def bare(text: str) -> str:
    """What makes two messages the same: letters and digits, not case, width, spaces or punctuation.

    A message without any letter stays as it is but for case, width and spaces.
    """
    squeezed = squeeze(text)
    return "".join(filter(str.isalnum, squeezed)) or squeezed


def parts(text: str) -> frozenset[str]:
    """Pairs of neighbouring characters of a bare text, its ends marked; none for one that is too short to compare."""
    return frozenset(a + b for a, b in pairwise(_ENDS.format(text))) if len(text) >= SHORTEST else frozenset()


def alike(
    left: Sequence[frozenset[Part]], right: Sequence[frozenset[Part]] | None = None
) -> Iterator[tuple[int, int, float]]:
    """Places in ``left`` and ``right`` of every two that are alike, with their likeness: parts in both / parts in
    either (Jaccard), ``LIKE`` to 1. Without ``right``: every two of ``left``, the later one first.

    Exact and quick: two sets that share enough also share some of the few rarest parts of each (prefix filter).
    """
    others = left if right is None else right
    count = Counter(chain.from_iterable(chain(left, others)))
    rank = {part: n for n, part in enumerate(sorted(count, key=count.__getitem__))}
    sizes = [len(those) for those in others]
    homes = defaultdict(list)
    for n, those in enumerate(others):
        for part in _rarest(those, rank):
            homes[part].append(n)
    for n, these in enumerate(left):
        end = n if right is None else len(others)
        least, most = _least(len(these)), len(these) * LIKE.denominator // LIKE.numerator
        met = Counter(chain.from_iterable(homes.get(part, ()) for part in _rarest(these, rank)))
        enough = min(_SOME, least)
        near = [m for m, common in met.items() if common >= enough and m < end and least <= sizes[m] <= most]
        for other in sorted(near):
            shared = len(these & others[other])
            either = len(these) + sizes[other] - shared
            if shared * LIKE.denominator >= either * LIKE.numerator:
                yield n, other, shared / either


def _least(size: int) -> int:
    """So many parts a set of this size shares with any that is alike."""
    return -(-size * LIKE.numerator // LIKE.denominator)


def _rarest(those: frozenset[Part], rank: Mapping[Part, int]) -> list[int]:
    """The ranks of so many parts, rarest first, that any set that is alike has ``_SOME`` of them among its own."""
    return sorted(map(rank.__getitem__, those))[: len(those) - _least(len(those)) + _SOME]
