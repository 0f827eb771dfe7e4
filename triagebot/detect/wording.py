"""What a message is made of, as a row of numbers: alike messages point the same way. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

SIZE = 4096
"""Numbers in a row. Pieces that fall on the same place are told apart by their sign, more often than not."""
_PLACES = 1 << 16
_LONGEST = 2
"""Words, or Chinese characters, in the longest piece: three in a row are seldom the same in two people's mouths."""
_MOST_WORDS = 80
"""What is longer is a story; its beginning says what it is about."""
_FORGET_AT = 100_000
"""So many messages are counted, then each counts half."""
_SIGN = 1 << 30
_UNHEARD = 1000
"""Messages in which no piece stood, as it were: a crowd alone does not make its words everyday ones."""
_HIDDEN = re.compile(r"\[[\u4e00-\u9fff]{2,6}\]|\d{5,}")
_FEW_KNOWN, _SHARE_KNOWN = 2, 0.005
"""So many of the known messages, or such a share of them, may contain words that are new all the same."""
_MOST_SHARED = 12
"""Words in what is called the same."""
_BREAK = re.compile(r"[^\w\s'.-]|\n")
_WORDS = re.compile(r"[a-z0-9][a-z0-9'._-]*|[^\W_]")

Floats = NDArray[np.float32]
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Pointing:
    """Where the row of a message is not zero, and what stands there; its length is 1, or 0 for a message without words."""

    places: Places
    values: Floats

    def row(self) -> Floats:
        whole = np.zeros(SIZE, dtype=np.float32)
        whole[self.places] = self.values
        return whole


class Wording:
    """How many messages each piece stood in: what everybody says tells little. ``known``: normalised messages of the service,
    so that its everyday words are known from the first day."""

    def __init__(self, known: Iterable[str] = ()) -> None:
        self._known, self._heard = Counts(), Counts()
        for text in known:
            self._known.count(text)

    def count(self, text: str) -> None:
        """A message came: it says once more what is usual."""
        self._heard.count(text)

    def share(self, words: str, without: int) -> float:
        """Of the messages that came, how many contain ``words``, as far as their pieces tell; so many of them left aside."""
        return max(0.0, float(self._heard.of(words).min(initial=np.inf)) - without) / max(1.0, self._heard.messages)

    def is_familiar(self, words: str) -> bool:
        """Whether people of the service say this anyway, whatever their trouble is, as far as the pieces tell."""
        found = float(self._known.of(words).min(initial=np.inf))
        return found > max(_FEW_KNOWN, _SHARE_KNOWN * self._known.messages)

    def point(self, text: str) -> Pointing:
        """``text`` normalised (triage.normalise)."""
        hashes = _hashes(text)
        messages = _UNHEARD + self._known.messages + self._heard.messages
        weights = np.log(messages / (1 + self._known.at(hashes) + self._heard.at(hashes)))
        places, among = np.unique(hashes % SIZE, return_inverse=True)
        values = np.bincount(among, np.where(hashes & _SIGN, weights, -weights), len(places))
        length = float(np.sqrt((values**2).sum()))
        return Pointing(places, (values / length if length else values).astype(np.float32))


class Counts:
    """In how many messages each piece stood; ``messages``: in all, the older the less."""

    def __init__(self) -> None:
        self.messages = 0.0
        self._stood = np.zeros(_PLACES, dtype=np.float32)

    def count(self, text: str) -> None:
        self._stood[np.unique(_hashes(text) % _PLACES)] += 1
        self.messages += 1
        if self.messages >= _FORGET_AT:
            self._stood /= 2
            self.messages /= 2

    def of(self, text: str) -> Floats:
        """For each piece of ``text``."""
        return self.at(_hashes(text))

    def at(self, hashes: Places) -> Floats:
        return self._stood[hashes % _PLACES]


def _hashes(text: str) -> Places:
    return np.array([crc32(piece.encode()) for piece in pieces(text)], dtype=np.int64)


def pieces(text: str) -> list[str]:
    """The words of a text (each Chinese character is one), and two of them in a row; each once. What personal data
    was replaced with says nothing, nor do long numbers."""
    words = _WORDS.findall(_HIDDEN.sub(" ", text))[:_MOST_WORDS]
    rows = (words[i : i + n] for n in range(1, _LONGEST + 1) for i in range(len(words) - n + 1))
    return list(dict.fromkeys(" ".join(row) for row in rows))


def shared_words(texts: Sequence[str]) -> str:
    """What at least half of ``texts`` contain, word for word; the longer, and the more of them do, the better. "" where that is
    no more than a character, so that it is never one person's words alone."""
    containing = Counter(part for text in texts for part in _parts(text))
    least = max(3, len(texts) / 2)
    fitting = {part: count for part, count in containing.items() if count >= least}
    return max(fitting, key=lambda part: (len(part) * fitting[part], part), default="")


def _parts(text: str) -> set[str]:
    """All that stands between two places of ``text`` where a word, or a Chinese character, begins and ends."""
    text = _HIDDEN.sub("，", text)
    spans = [match.span() for match in _WORDS.finditer(text)][:_MOST_WORDS]
    return {
        part
        for i, (start, _) in enumerate(spans)
        for _, end in spans[i : i + _MOST_SHARED]
        if len(part := text[start:end]) > 1 and not _BREAK.search(part)
    }
