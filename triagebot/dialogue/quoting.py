"""The few lines of a screen that the bot repeats, so that the person sees what it has read, in the screen's own words. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection

from triagebot.text import clip
from triagebot.triage.normalise import normalise

MOST_LINES, MOST_CHARACTERS = 3, 80
_PIECES = re.compile(r"\n|  +")
"""What stands side by side on a screen is read with two spaces between."""


def quoted(text: str, telling: Collection[str]) -> list[str]:
    """Of ``text`` the pieces that are among ``telling`` (Brain.telling), from top to bottom: at most ``MOST_LINES`` and
    ``MOST_CHARACTERS`` in all; [] for none."""
    pieces = dict.fromkeys(piece.strip() for piece in _PIECES.split(text) if piece.strip())
    chosen: list[str] = []
    room = MOST_CHARACTERS
    for piece in (clip(piece, MOST_CHARACTERS) for piece in pieces if normalise(piece) in telling):
        if len(chosen) < MOST_LINES and len(piece) <= room:
            chosen.append(piece)
            room -= len(piece)
    return chosen
