"""Text as the search index knows it: every two neighbouring Chinese characters, and every other word whole. Pure.

刷脸老是失败 is 刷脸, 脸老, 老是, 是失, 失败 and 败, in this order. The last character stands alone so that a single one is
found as the beginning of something, wherever it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from triagebot.triage.normalise import MOST_CHARS, normalise

_LONGEST_WORD = 64
_CJK = "々〇\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U000323af"
"""Han characters, kana and hangul: what is written without blanks."""
_PART = re.compile(rf"([{_CJK}]+)|([^\W_{_CJK}]+)")
_BETWEEN = re.compile(rf"(?<=[{_CJK}])\s+(?=[{_CJK}])")


@dataclass(frozen=True)
class Phrase:
    """Grams that must follow each other. ``begins``: the last one need only begin so. ``letters``: the same as one word."""

    grams: tuple[str, ...]
    begins: bool
    letters: str


def plain(text: str) -> str:
    """``text`` in the one spelling that is compared: simplified, lower case, no blank between Chinese characters."""
    pieces = (normalise(text[at : at + MOST_CHARS]) for at in range(0, len(text), MOST_CHARS))
    return _BETWEEN.sub("", " ".join(pieces))


def grams(text: str) -> str:
    """All grams of ``text`` in order, a blank between them."""
    return " ".join(_grams(_PART.findall(plain(text))))


def phrase(text: str) -> Phrase | None:
    """What ``text`` is looked for as; None when it holds nothing that can be looked for (only signs, only emoji)."""
    parts = _PART.findall(plain(text))
    if not parts:
        return None
    found, last_run = _grams(parts), parts[-1][0]
    if len(last_run) > 1:
        found.pop()  # the run may go on in what was written
    return Phrase(tuple(found), len(last_run) == 1, "".join(run or word for run, word in parts))


def _grams(parts: Sequence[tuple[str, str]]) -> list[str]:
    found: list[str] = []
    for run, word in parts:
        if run:
            found += [run[n : n + 2] for n in range(len(run))]
        else:
            found.append(word[:_LONGEST_WORD])
    return found
