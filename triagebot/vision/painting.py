"""Paints over what nobody else may see. Only in the child."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image, ImageDraw

from triagebot.vision.ocr import Box, Line

_LARGER = 0.25
"""Heights of a line by which the paint reaches beyond it: boxes of a reader are tight, and cut off a last figure."""
_PAINT = (120, 124, 130)


def painted(image: Image.Image, lines: Sequence[Line]) -> Image.Image:
    """A copy in which ``lines`` are painted over, solid, each a little larger than it is."""
    copy = image.convert("RGB")
    pen = ImageDraw.Draw(copy)
    for line in lines:
        pen.rectangle(_around(line.box), fill=_PAINT)
    return copy


def _around(box: Box) -> tuple[float, float, float, float]:
    """The upright rectangle around a box, which covers more than the box where that is askew."""
    across, down = [x for x, _ in box], [y for _, y in box]
    room = _LARGER * (max(down) - min(down))
    return min(across) - room, min(down) - room, max(across) + room, max(down) + room
