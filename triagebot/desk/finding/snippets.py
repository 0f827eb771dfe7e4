"""The words around what was found, with the found ones marked, in the spelling in which they were written. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from triagebot.desk.finding.grams import Phrase
from triagebot.text import one_line
from triagebot.triage.normalise import normalise

_BEFORE = 16
"""So many characters are shown before the first find."""
_MOST = 72


@dataclass(frozen=True)
class Piece:
    """Part of a snippet. ``hit``: it was looked for."""

    text: str
    hit: bool = False


def snippet(text: str, phrases: Sequence[Phrase], most: int = _MOST) -> tuple[Piece, ...]:
    """About ``most`` characters of ``text`` on one line, from a little before the first find."""
    text = one_line(text, len(text) + 1)
    spans = _spans(text, phrases)
    start = max(0, spans[0][0] - _BEFORE) if spans and len(text) > most else 0
    end = min(len(text), start + most)
    pieces, at = [Piece("…")] if start else [], start
    for begin, stop in spans:
        begin, stop = max(begin, at), min(stop, end)
        if begin >= stop:
            continue
        if begin > at:
            pieces.append(Piece(text[at:begin]))
        pieces.append(Piece(text[begin:stop], hit=True))
        at = stop
    if at < end:
        pieces.append(Piece(text[at:end]))
    return (*pieces, Piece("…")) if end < len(text) else tuple(pieces)


def marked(pieces: Sequence[Piece]) -> str:
    """For plain text: what was found stands in 【】."""
    return "".join(f"【{piece.text}】" if piece.hit else piece.text for piece in pieces)


def _spans(text: str, phrases: Sequence[Phrase]) -> list[tuple[int, int]]:
    """Where in ``text`` the phrases stand, in order."""
    letters, places = [], []
    for place, character in enumerate(text):
        for letter in _letters(character):
            letters.append(letter)
            places.append(place)
    folded, found = "".join(letters), []
    for phrase in phrases:
        at = folded.find(phrase.letters)
        while at >= 0:
            found.append((places[at], places[at + len(phrase.letters) - 1] + 1))
            at = folded.find(phrase.letters, at + len(phrase.letters))
    return sorted(found)


@lru_cache(maxsize=20_000)
def _letters(character: str) -> str:
    return "".join(letter for letter in normalise(character) if letter.isalnum())
