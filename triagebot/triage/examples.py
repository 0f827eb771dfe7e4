"""Labelled messages made ready for training: as typed, normalised, and as the classifier reads them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from triagebot.rulebook.schema import RuleBook
from triagebot.triage.features import content
from triagebot.triage.normalise import normalise


@dataclass(frozen=True)
class Examples:
    """N messages, column by column; ``langs`` may be empty strings where nobody said."""

    texts: tuple[str, ...]
    labels: tuple[str, ...]
    langs: tuple[str, ...]
    normal: tuple[str, ...]
    contents: tuple[str, ...]

    @classmethod
    def of(cls, told: Sequence[tuple[str, str, str]]) -> Examples:
        """From (text, label, lang), at least one."""
        texts, labels, langs = zip(*told, strict=True)
        normal = tuple(normalise(text) for text in texts)
        return cls(texts, labels, langs, normal, tuple(content(text) for text in normal))

    def columns(self, classes: Sequence[str]) -> NDArray[np.intp]:
        """The place of each label in ``classes`` (N,)."""
        place = {name: k for k, name in enumerate(classes)}
        return np.array([place[label] for label in self.labels])


def examples_of(book: RuleBook) -> Examples:
    """The training set: every example in the rules, in the order of the files."""
    return Examples.of(
        [
            (text, category.id, lang)
            for category in book.categories.values()
            for lang, texts in (("zh", category.examples.zh), ("en", category.examples.en))
            for text in texts
        ]
    )
