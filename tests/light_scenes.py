"""Pictures as a phone would take them, in light that is known: a face in a room, and what a camera makes of it.

Faces: 100 of Labeled Faces in the Wild, 25 x 25 px, and the astronaut, both in scikit-image's wheel.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter
from skimage import data

Light = npt.NDArray[np.float64]
"""Height x width x 3 (or x width), linear, 1.0 is the brightest that the camera can hold."""

WIDTH, HEIGHT = 480, 640
FACES, SIDE = 100, 22


def small_faces() -> npt.NDArray[np.float64]:
    """100 x 22 x 22, 0 to 1 as seen (not linear): of 25 pixels those with the face in the middle. The second half of the file
    holds no faces."""
    return np.asarray(data.lfw_subset()[:FACES, :SIDE, :SIDE], dtype=np.float64)


def linear(seen: Light) -> Light:
    return np.where(seen > 0.04045, ((seen + 0.055) / 1.055) ** 2.4, seen / 12.92)


def photo(light: Light, seed: int = 0, grain: float = 0.004) -> Image.Image:
    """What the camera makes of ``light``: clipped, a little noise of its own, JPEG."""
    noisy = light + np.random.default_rng(seed).normal(0, 1, light.shape) * grain * np.sqrt(np.maximum(light, 0.002))
    held = np.clip(noisy, 0, 1)
    seen = np.where(held > 0.0031308, 1.055 * held ** (1 / 2.4) - 0.055, held * 12.92)
    kept = io.BytesIO()
    Image.fromarray((seen * 255 + 0.5).astype(np.uint8)).save(kept, "JPEG", quality=88)
    return Image.open(kept).convert("RGB")


@dataclass(frozen=True)
class Scene:
    """``person``: where somebody is, height x width, 0 to 1. ``box``: the face, (left, top, width) in pixels."""

    light: Light
    person: Light
    box: tuple[float, float, float]

    def face(self) -> Light:
        """The light on the face, height x width x 3."""
        left, top, wide = self.box
        return self.light[
            int(top + wide * 0.25) : int(top + wide * 0.9), int(left + wide * 0.2) : int(left + wide * 0.8)
        ]


def evened(face: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """``face`` with as much light on its left as on its right: press photographers had a sun or a flash at one side."""
    light = linear(face)
    left, right = light[5:20, 2:11].mean(), light[5:20, 11:20].mean()
    across = np.clip((np.arange(SIDE) - 10.5) / 8.5, -1, 1)
    even = np.clip(light * (left / right) ** (across / 2), 0, 1)
    return np.where(even > 0.0031308, 1.055 * even ** (1 / 2.4) - 0.055, even * 12.92)


def room(face: npt.NDArray[np.float64], seed: int) -> Scene:
    """Somebody in a room, lit as the photographer of ``face`` (SIDE x SIDE, as seen) lit them."""
    dice = np.random.default_rng(seed)
    wide = int(dice.integers(190, 261))
    left = int((WIDTH - wide) / 2 + dice.integers(-35, 36))
    top = int(dice.integers(120, 210))
    wall = Image.new("RGB", (WIDTH, HEIGHT), _colour(dice, 120, 200))
    draw = ImageDraw.Draw(wall)
    for _ in range(int(dice.integers(2, 6))):
        x, y = int(dice.integers(-50, WIDTH)), int(dice.integers(-50, HEIGHT))
        draw.rectangle(
            (x, y, x + int(dice.integers(40, 200)), y + int(dice.integers(40, 300))), fill=_colour(dice, 70, 220)
        )
    wall = wall.filter(ImageFilter.GaussianBlur(3))
    middle, bottom = left + wide / 2, top + wide
    hair, neck, cloth = _shapes(middle, top, bottom, wide)
    hair_grey, cloth_colour = int(dice.integers(25, 70)), _colour(dice, 40, 200)
    tone = np.median(face[8:19, 5:17])
    person = wall.copy()
    draw = ImageDraw.Draw(person)
    skin = _tinted(np.array([[tone]]))[0, 0]
    draw.ellipse(hair, fill=(hair_grey,) * 3)
    draw.rectangle(neck, fill=tuple(int(v * 200) for v in skin))
    draw.ellipse(cloth, fill=cloth_colour)
    shape = Image.new("L", (WIDTH, HEIGHT), 0)
    draw = ImageDraw.Draw(shape)
    for part in (hair, cloth):
        draw.ellipse(part, fill=255)
    draw.rectangle(neck, fill=255)
    big = Image.fromarray((_tinted(face) * 255).astype(np.uint8)).resize((wide, wide), Image.Resampling.BICUBIC)
    edge = Image.new("L", (wide, wide), 0)
    ImageDraw.Draw(edge).ellipse((wide * 0.03, -wide * 0.06, wide * 0.97, wide * 1.03), fill=255)
    person.paste(big, (left, top), edge.filter(ImageFilter.GaussianBlur(wide * 0.025)))
    soft = np.asarray(shape.filter(ImageFilter.GaussianBlur(2)), dtype=np.float64) / 255
    return Scene(linear(np.asarray(person, dtype=np.float64) / 255), soft, (left, top, wide))


def _shapes(middle: float, top: float, bottom: float, wide: float) -> tuple[tuple[float, ...], ...]:
    hair = (middle - wide * 0.54, top - wide * 0.22, middle + wide * 0.54, bottom + wide * 0.05)
    neck = (middle - wide * 0.25, bottom - wide * 0.2, middle + wide * 0.25, bottom + wide * 0.4)
    cloth = (middle - wide * 1.05, bottom + wide * 0.15, middle + wide * 1.05, bottom + wide * 2)
    return hair, neck, cloth


def _colour(dice: np.random.Generator, low: int, high: int) -> tuple[int, int, int]:
    grey = int(dice.integers(low, high))
    r, g, b = (int(np.clip(grey + dice.integers(-25, 26), 0, 255)) for _ in range(3))
    return r, g, b


def _tinted(grey: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Grey to a warm tone of the same luminance, roughly."""
    return np.clip(grey[..., None] * np.array([1.12, 0.98, 0.86]), 0, 1)


def astronaut(mirrored: bool = False, crop: int = 0, size: int = 512) -> Scene:
    """A real photo, sharp and well lit: ``crop`` pixels less on each side, then ``size`` pixels wide."""
    picture = Image.fromarray(data.astronaut())
    shape = Image.new("L", picture.size, 0)
    draw = ImageDraw.Draw(shape)
    draw.ellipse((150, -25, 300, 205), fill=255)
    draw.polygon(
        [(175, 180), (275, 180), (330, 230), (470, 280), (512, 512), (20, 512), (60, 300), (130, 235)], fill=255
    )
    shape = shape.filter(ImageFilter.GaussianBlur(4))
    left, top, wide = 170.0, 65.0, 105.0
    if mirrored:
        picture, shape = (p.transpose(Image.Transpose.FLIP_LEFT_RIGHT) for p in (picture, shape))
        left = 512 - left - wide
    ratio = size / (512 - 2 * crop)
    at = (crop, 0, 512 - crop, 512 - 2 * crop)
    picture, shape = (p.crop(at).resize((size, size), Image.Resampling.LANCZOS) for p in (picture, shape))
    light = linear(np.asarray(picture, dtype=np.float64) / 255)
    person = np.asarray(shape, dtype=np.float64) / 255
    return Scene(light, person, ((left - crop) * ratio, top * ratio, wide * ratio))
