"""Wording and codes that a platform shows, recognised however they were pasted or typed off the screen."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from triagebot.rulebook.schema import Category, Signature
from triagebot.triage.normalise import normalise

_NOT_WORDS = re.compile(r"[\W_]+")
_CODE = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Shown:
    """A signature of ``category`` that the text contains; ``id`` names it in evidence (``category:wording``)."""

    id: str
    category: str
    signature: Signature


class Signatures:
    """All wordings and codes of the rulebook. Built once, then only read."""

    def __init__(self, categories: Mapping[str, Category]) -> None:
        self._wordings: list[tuple[str, Shown]] = []
        self._codes: dict[str, list[Shown]] = {}
        for category in categories.values():
            for signature in category.signatures:
                shown = Shown(f"{category.id}:{signature.code or signature.text}"[:60], category.id, signature)
                if wording := squeeze(normalise(signature.text)):
                    self._wordings.append((wording, shown))
                if signature.code:
                    self._codes.setdefault(_code(signature.code), []).append(shown)

    def find(self, text: str) -> tuple[Shown, ...]:
        """Signatures in normalised ``text``: wording as a substring without spaces and punctuation, codes as whole
        words."""
        squeezed = squeeze(text)
        found = {shown.id: shown for wording, shown in self._wordings if wording in squeezed}
        if self._codes:
            for token in _CODE.findall(text):
                found.update((shown.id, shown) for shown in self._codes.get(token, ()))
        return tuple(found.values())

    def find_misread(self, text: str, errors: float) -> tuple[Shown, ...]:
        """The same in text that was read off a picture: of a wording's characters the share ``errors`` may be others, missing
        or too many. Exactly as in ``find`` where rapidfuzz (extra ``ocr``) is not installed."""
        found = {shown.id: shown for shown in self.find(text)}
        squeezed = squeeze(text)
        for wording, shown in self._wordings:
            if shown.id not in found and _is_in(wording, squeezed, int(len(wording) * errors)):
                found[shown.id] = shown
        return tuple(found.values())


def _is_in(wording: str, text: str, most: int) -> bool:
    """Whether ``text`` holds ``wording`` with at most ``most`` edits."""
    if not most or len(text) < len(wording) - most:
        return False
    with suppress(ImportError):
        from rapidfuzz.distance import Levenshtein
        from rapidfuzz.fuzz import partial_ratio_alignment

        near = partial_ratio_alignment(wording, text, score_cutoff=100 * (1 - most / len(wording)) - 1)
        if near is not None:
            # Of windows that share as many characters it names any; the one that begins and ends right is close by.
            starts = range(max(0, near.dest_start - most), near.dest_start + most + 1)
            windows = (text[start : start + len(wording) + more] for start in starts for more in range(-most, most + 1))
            return any(Levenshtein.distance(wording, window, score_cutoff=most) <= most for window in windows)
    return False


def squeeze(text: str) -> str:
    """``text`` without spaces and punctuation."""
    return _NOT_WORDS.sub("", text)


def _code(code: str) -> str:
    return normalise(code).strip("-_. ")
