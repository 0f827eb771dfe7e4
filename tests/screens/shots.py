"""Wordings -> pictures as they arrive: each in one of three fonts, light or dark, captured or photographed, as JPEG."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from PIL import Image

from tests.screens.camera import jpeg, photographed
from tests.screens.drawing import DARK, LIGHT, drawn, faces
from tests.screens.wordings import Told

_QUALITIES = (92, 75, 55, 35)
_WIDTHS = (1080, 828, 720)
PHOTO_EVERY = 3


@dataclass(frozen=True)
class Shot:
    """``data``: the JPEG as it arrives. ``photo``: of another screen, not captured on it. ``written``: everything on it."""

    told: Told
    data: bytes
    photo: bool
    written: tuple[str, ...]

    @property
    def image(self) -> Image.Image:
        return Image.open(io.BytesIO(self.data)).convert("RGB")


def shots(wordings: Sequence[Told], seed: int) -> Iterator[Shot]:
    """One picture each; the same ones for the same seed."""
    fonts = faces()
    for n, told in enumerate(wordings):
        chance = Random(seed * 1000 + n)
        image, written = drawn(told, DARK if chance.random() < 0.4 else LIGHT, fonts[(n + seed) % len(fonts)], chance)
        photo = (n + seed) % PHOTO_EVERY == 0
        if photo:
            image = photographed(image, chance)
        else:
            wide = chance.choice(_WIDTHS)
            image = image.resize((wide, round(image.height * wide / image.width)), Image.Resampling.LANCZOS)
        yield Shot(told, jpeg(image, chance.choice(_QUALITIES)), photo, written)
