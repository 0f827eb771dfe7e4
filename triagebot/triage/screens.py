"""What a screen says of what went wrong: its telling lines, the wordings known of platforms, the platform it belongs to.

A screen is mostly buttons, titles and notices that stand on every such page. What tells is found by the words of
rules/screens.yaml; wordings of platforms are found although a reader took a character or two for others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import re2

from triagebot.rulebook.schema import RuleBook
from triagebot.triage.misread import find_misread
from triagebot.triage.normalise import normalise
from triagebot.triage.platforms import UNKNOWN, PlatformNames
from triagebot.triage.signatures import Shown, Signatures, squeeze

_PIECES = re.compile(r"\n|  +")
_WORDS = re.compile(r"[a-z\u3400-\u9fff]")
_CLOCK_OR_SIGNAL = re.compile(r"(?:\d{1,2}[:.]\d{2}|hd|[2345]g\+?|lte|wifi|\d{1,3} ?%?|[\W_])+")
_TITLES_AMONG = 4
"""Pieces from the top among which the title of a screen stands."""
_LEAST_MISREAD = 4
"""Shorter words must be read as they are: one wrong character makes another word of them."""


@dataclass(frozen=True, slots=True)
class Told:
    """``telling``: the normalised pieces that say what went wrong, from top to bottom; all of them where none stands out.
    ``around``: the others that say anything. ``shown``: wordings of platforms. ``platform``: "unknown" if nothing says."""

    telling: tuple[str, ...]
    around: tuple[str, ...]
    shown: tuple[Shown, ...]
    platform: str


class Screens:
    """The words of a rulebook about screens, made ready. Built once, then only read."""

    def __init__(self, book: RuleBook, signatures: Signatures, platforms: PlatformNames) -> None:
        self._chrome = _squeezed(book.screens.chrome)
        self._titles = {word: title.platform for title in book.screens.titles for word in _squeezed(title.words)}
        self._standing, self._telling = _any_of(book.screens.standing), _any_of(book.screens.telling)
        self._signatures, self._platforms = signatures, platforms
        self._errors = book.screens.errors

    def read(self, text: str) -> Told:
        """``text``: what was read, a row or paragraph a line, two spaces between what stands side by side."""
        pieces = [piece for part in _PIECES.split(text) if (piece := normalise(part))]
        speaking = [p for p in pieces if _WORDS.search(p) and not _CLOCK_OR_SIGNAL.fullmatch(p)]
        said = [p for p in speaking if not self._is_chrome(p) and not _hits(self._standing, p)]
        telling = [p for p in said if _hits(self._telling, p) or find_misread(self._signatures, p, self._errors)]
        around = [p for p in said if p not in telling] if telling else []
        return Told(
            telling=tuple(telling or said),
            around=tuple(around),
            shown=find_misread(self._signatures, "\n".join(said), self._errors),
            platform=self._platform(speaking),
        )

    def _is_chrome(self, piece: str) -> bool:
        return _alike(squeeze(piece), self._chrome) is not None

    def _platform(self, pieces: Sequence[str]) -> str:
        for piece in pieces[:_TITLES_AMONG]:
            if (title := _alike(squeeze(piece), self._titles)) is not None:
                return self._titles[title]
        found = (self._platforms.find(piece) for piece in pieces)
        return next((platform for platform in found if platform != UNKNOWN), UNKNOWN)


def _squeezed(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(squeeze(normalise(word)) for word in words)


def _any_of(expressions: Sequence[str]) -> Any:
    return re2.compile("|".join(f"(?:{e})" for e in expressions)) if expressions else None


def _hits(expression: Any, piece: str) -> bool:
    return expression is not None and expression.search(piece) is not None


def _alike(word: str, words: Iterable[str]) -> str | None:
    """Which of ``words`` it is, with one other character at most in the longer ones."""
    for other in words:
        if word == other:
            return other
        if len(word) == len(other) >= _LEAST_MISREAD and sum(a != b for a, b in zip(word, other, strict=True)) == 1:
            return other
    return None
