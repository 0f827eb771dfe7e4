"""A look at one picture: what for, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from triagebot.messages import Seen
from triagebot.vision.refusals import Why

Purpose = Literal["screen", "light"]
"""``screen``: read the words. ``light``: the person chose to have the light on their face measured; without a face in it, it
is read as a screen."""


@dataclass(frozen=True, slots=True)
class Look:
    """``seen`` may be kept. ``shown`` (JPEG, at most 720 px wide) may not, except in memory: a screen with personal data
    painted over, or the person's own photo with what was measured drawn into it; b"" for none."""

    seen: Seen
    shown: bytes = b""


def refused(why: Why) -> Look:
    return Look(Seen("refused", why=why))
