"""Wording and codes that a platform shows, recognised however they were pasted or typed off the screen."""

from __future__ import annotations

import re
from collections.abc import Mapping
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
    """All wordings and codes of the rulebook. Built once, then only read. ``wordings``: without spaces and punctuation."""

    def __init__(self, categories: Mapping[str, Category]) -> None:
        self.wordings: list[tuple[str, Shown]] = []
        self._codes: dict[str, list[Shown]] = {}
        for category in categories.values():
            for signature in category.signatures:
                shown = Shown(f"{category.id}:{signature.code or signature.text}"[:60], category.id, signature)
                if wording := squeeze(normalise(signature.text)):
                    self.wordings.append((wording, shown))
                if signature.code:
                    self._codes.setdefault(_code(signature.code), []).append(shown)

    def find(self, text: str) -> tuple[Shown, ...]:
        """Signatures in normalised ``text``: wording as a substring without spaces and punctuation, codes as whole
        words."""
        squeezed = squeeze(text)
        found = {shown.id: shown for wording, shown in self.wordings if wording in squeezed}
        if self._codes:
            for token in _CODE.findall(text):
                found.update((shown.id, shown) for shown in self._codes.get(token, ()))
        return tuple(found.values())


def squeeze(text: str) -> str:
    """``text`` without spaces and punctuation."""
    return _NOT_WORDS.sub("", text)


def _code(code: str) -> str:
    return normalise(code).strip("-_. ")
