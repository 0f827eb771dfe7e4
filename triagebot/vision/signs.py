"""The few signs that are drawn into a photo: sun, arrow, tick, scale. In the child process only.

All sizes in pixels of the layer, which is drawn twice as large as it is shown.
"""

from __future__ import annotations

import math

from PIL import Image, ImageDraw

Point = tuple[float, float]
Colour = tuple[int, int, int, int]

SUN: Colour = (255, 198, 70, 255)
WHITE: Colour = (255, 255, 255, 235)
NIGHT: Colour = (38, 58, 120, 120)
DUSK: Colour = (38, 58, 120, 55)
GLARE: Colour = (255, 104, 84, 130)
GREEN: Colour = (70, 200, 140, 255)
SHADE: Colour = (0, 0, 0, 90)
RAYS = 8


def sun(layer: Image.Image, at: Point, radius: float) -> None:
    """A disc with rays on a soft dark ground, so that it is seen on any wall."""
    draw = ImageDraw.Draw(layer)
    _disc(draw, at, radius * 2.1, SHADE)
    _disc(draw, at, radius, SUN)
    for ray in range(RAYS):
        turn = 2 * math.pi * ray / RAYS
        line(layer, _off(at, turn, radius * 1.35), _off(at, turn, radius * 1.75), radius * 0.26, SUN)


def line(layer: Image.Image, start: Point, end: Point, width: float, colour: Colour) -> None:
    """With round ends."""
    draw = ImageDraw.Draw(layer)
    draw.line((*start, *end), fill=colour, width=round(width))
    for point in (start, end):
        _disc(draw, point, width / 2, colour)


def arrow(layer: Image.Image, start: Point, end: Point, width: float, colour: Colour = SUN) -> None:
    turn = math.atan2(end[1] - start[1], end[0] - start[0])
    for shade, wide in ((SHADE, width * 1.7), (colour, width)):
        line(layer, start, end, wide, shade)
        for wing in (-1, 1):
            line(layer, end, _off(end, turn + math.pi + wing * 0.6, width * 3.4), wide, shade)


def tick(layer: Image.Image, at: Point, radius: float) -> None:
    x, y = at
    _disc(ImageDraw.Draw(layer), at, radius, GREEN)
    knee = (x - radius * 0.1, y + radius * 0.35)
    line(layer, (x - radius * 0.45, y + radius * 0.02), knee, radius * 0.2, WHITE)
    line(layer, knee, (x + radius * 0.48, y - radius * 0.35), radius * 0.2, WHITE)


def scale(layer: Image.Image, box: tuple[float, float, float, float], good: tuple[float, float], mark: float) -> None:
    """From black to white: where ``mark`` (0 to 1) is, and in green from where to where it is ``good``."""
    left, top, right, bottom = box
    high, wide = round(bottom - top), round(right - left)
    ImageDraw.Draw(layer).rounded_rectangle(
        (left - 6, top - 6, right + 6, bottom + 6), radius=high / 2 + 6, fill=(0, 0, 0, 130)
    )
    shape = Image.new("L", (wide, high), 0)
    ImageDraw.Draw(shape).rounded_rectangle((0, 0, wide - 1, high - 1), radius=high / 2, fill=255)
    shades = Image.linear_gradient("L").rotate(90).resize((wide, high))
    layer.paste(Image.merge("RGBA", (shades, shades, shades, shape)), (round(left), round(top)), shape)
    draw = ImageDraw.Draw(layer)
    ends = (left + good[0] * wide, top - 2, left + good[1] * wide, bottom + 2)
    draw.rounded_rectangle(ends, radius=high / 2, outline=GREEN, width=max(2, high // 5))
    _disc(draw, (left + mark * wide, (top + bottom) / 2), high * 0.75, WHITE)
    _disc(draw, (left + mark * wide, (top + bottom) / 2), high * 0.5, SUN)


def _disc(draw: ImageDraw.ImageDraw, at: Point, radius: float, colour: Colour) -> None:
    draw.ellipse((at[0] - radius, at[1] - radius, at[0] + radius, at[1] + radius), fill=colour)


def _off(at: Point, turn: float, far: float) -> Point:
    return at[0] + math.cos(turn) * far, at[1] + math.sin(turn) * far
