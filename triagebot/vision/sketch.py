"""The person's own photo with what was measured drawn into it: the face, what is wrong with its light, from where light should
come. In the child process only; what comes out goes to that person and nobody else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from triagebot.vision.faces import Face
from triagebot.vision.lighting import Light
from triagebot.vision.luminance import BRIGHTEST, luminance
from triagebot.vision.signs import DUSK, GLARE, GREEN, NIGHT, SHADE, WHITE, Colour, arrow, scale, sun, tick

LONGEST = 720
"""Pixels of the longer side of what is shown."""
FINER = 2
"""Drawn so much larger: the edges become smooth when it is made small."""
GOOD = (0.39, 0.98)
"""Of the scale from black to white as seen: where the brightest parts of a face should be."""


@dataclass(frozen=True, slots=True)
class Hint:
    """``tint``: what is coloured (left, right, all: the face; glare: what is white in it). ``sun``: where light should come
    from, in shares of the face's outline from its middle; ``away``: the arrow leads from the face to the sun."""

    tint: str = ""
    colour: Colour = NIGHT
    sun: tuple[float, float] | None = None
    away: bool = False


HINTS: Mapping[str, Hint] = {
    "dark": Hint("all", DUSK, sun=(0, -1.6)),
    "bright": Hint("glare", GLARE, sun=(-1.5, -1.5), away=True),
    "backlit": Hint("all", DUSK, sun=(0, 1.75)),
    "side_left": Hint("left", sun=(-2, -0.35)),
    "side_right": Hint("right", sun=(2, -0.35)),
    "flat": Hint(),
    "noisy": Hint(sun=(0, -1.6)),
    "blurred": Hint(),
}


def annotated(image: Image.Image, light: Light) -> Image.Image:
    """RGB, at most LONGEST pixels on the longer side; ``image`` (RGB) is left as it is."""
    shown = image.copy()
    shown.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
    ratio = shown.width / image.width
    layer = Image.new("RGBA", (shown.width * FINER, shown.height * FINER), (0, 0, 0, 0))
    face = light.face or _middle(image)
    oval = _outline(face, ratio * FINER)
    first = light.faults[0] if light.faults else ""
    hint = HINTS.get(first, Hint())
    if light.face:
        _tint(layer, shown, oval, hint)
        _draw_outline(layer, oval, GREEN if not first else WHITE)
    if hint.sun:
        _lead(layer, oval, hint.sun, hint.away)
    if not first:
        tick(layer, _inside(layer, (oval[2], oval[3]), 40), max(22.0, (oval[2] - oval[0]) * 0.1))
    _draw_scale(layer, light)
    drawn = layer.resize(shown.size, Image.Resampling.LANCZOS)
    shown.paste(drawn, mask=drawn)
    return shown


def _middle(image: Image.Image) -> Face:
    """Where a face would be, had one been made out."""
    width = min(image.size) * 0.4
    return Face((image.width - width) / 2, (image.height - width) / 2, width)


def _outline(face: Face, ratio: float) -> tuple[float, float, float, float]:
    """The whole face, brow to chin and a little more, in pixels of the layer."""
    x, y = face.middle
    wide, high = face.width * 0.5, face.width * 0.66
    return (x - wide) * ratio, (y - high) * ratio, (x + wide) * ratio, (y + high) * ratio


def _draw_outline(layer: Image.Image, oval: tuple[float, float, float, float], colour: Colour) -> None:
    width = max(4, round((oval[2] - oval[0]) * 0.016))
    draw = ImageDraw.Draw(layer)
    around = (oval[0] - 2, oval[1] - 2, oval[2] + 2, oval[3] + 2)
    draw.ellipse(around, outline=SHADE, width=width + 4)
    draw.ellipse(oval, outline=colour, width=width)


def _tint(layer: Image.Image, shown: Image.Image, oval: tuple[float, float, float, float], hint: Hint) -> None:
    if not hint.tint:
        return
    area = Image.new("L", layer.size, 0)
    ImageDraw.Draw(area).ellipse(oval, fill=255)
    if hint.tint == "glare":
        light = luminance(np.asarray(shown, dtype=np.float64) / 255)
        white = Image.fromarray(((light >= BRIGHTEST) * 255).astype(np.uint8)).resize(layer.size)
        area = ImageChops.multiply(area, white)
    elif hint.tint != "all":
        middle = (oval[0] + oval[2]) / 2
        half = (0.0, 0.0, middle, layer.height) if hint.tint == "left" else (middle, 0.0, layer.width, layer.height)
        side = Image.new("L", layer.size, 0)
        ImageDraw.Draw(side).rectangle(half, fill=255)
        area = ImageChops.multiply(area, side.filter(ImageFilter.GaussianBlur((oval[2] - oval[0]) * 0.04)))
    layer.paste(hint.colour[:3], mask=area.point(lambda share: share * hint.colour[3] // 255))
    layer.putalpha(area.point(lambda share: share * hint.colour[3] // 255))


def _lead(layer: Image.Image, oval: tuple[float, float, float, float], to: tuple[float, float], away: bool) -> None:
    """The sun, and the way of its light."""
    middle = ((oval[0] + oval[2]) / 2, (oval[1] + oval[3]) / 2)
    wide, high = (oval[2] - oval[0]) / 2, (oval[3] - oval[1]) / 2
    radius = min(max(18.0, wide * 0.2), 46.0)
    at = _inside(layer, (middle[0] + to[0] * wide, middle[1] + to[1] * high), radius * 2.3)
    sun(layer, at, radius)
    near, far = _between(at, middle, radius * 2.6), _between(middle, at, 0.62 * (wide if to[0] else high))
    arrow(layer, *((far, near) if away else (near, far)), width=max(7.0, radius * 0.3))


def _between(start: tuple[float, float], end: tuple[float, float], far: float) -> tuple[float, float]:
    """``far`` pixels on the way from ``start`` to ``end``, half of it at most."""
    x, y = end[0] - start[0], end[1] - start[1]
    share = min(0.5, far / max(1.0, float(np.hypot(x, y))))
    return start[0] + x * share, start[1] + y * share


def _inside(layer: Image.Image, at: tuple[float, float], edge: float) -> tuple[float, float]:
    return min(max(at[0], edge), layer.width - edge), min(max(at[1], edge), layer.height - edge)


def _draw_scale(layer: Image.Image, light: Light) -> None:
    """How bright the bright parts of the face are, as the eye sees it."""
    bright = dict(light.measures)["highlight"]
    wide, high = min(layer.width * 0.5, 520.0), max(12.0, min(layer.size) * 0.018)
    left, bottom = (layer.width - wide) / 2, layer.height - high * 2
    scale(layer, (left, bottom - high, left + wide, bottom), GOOD, min(1.0, max(0.0, bright)) ** (1 / 2.2))
