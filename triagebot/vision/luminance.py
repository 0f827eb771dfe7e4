"""The measures of light on a face, after ISO/IEC 29794-5 as its open reference OFIQ takes them (docs/pictures.md). In the child
process only.

All of linear luminance, 0 to 1, unless said otherwise. Shares are of a face's square: 0, 0 is its left top corner.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy.ndimage import gaussian_filter

from triagebot.vision.faces import Face

Plane = npt.NDArray[np.float64]
"""Height x width."""

FACE_PX, NOISE_PX, SHARP_PX, PICTURE_PX = 64, 160, 48, 96
"""Pixels of the copies that are measured: a face's width, or the picture's long side. Sharpness is judged as coarsely as a
verification does, so that a photo of more pixels is not sharper."""
DARKEST, BRIGHTEST = 25 / 255, 247 / 255
"""OFIQ's bounds of what counts as without detail."""
STEPS = 256
AS_SEEN = np.array([0.299, 0.587, 0.114])
LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
LEFT_CHEEK, RIGHT_CHEEK = (0.14, 0.42, 0.38, 0.80), (0.62, 0.42, 0.86, 0.80)
"""Left, top, right, bottom, as seen in the picture."""
LEAST = 0.004
"""Added before a logarithm: one step of 255."""


def measures(image: Image.Image, face: Face) -> dict[str, float]:
    """By name: mean, variance, highlight, shadow, under, over, side (stops), uniformity, entropy (bits), range, backlight
    (stops), noise, sharpness."""
    seen = _cut(image, face, FACE_PX)
    light = luminance(seen)
    oval, inner = _oval(light.shape, 0.34, 0.42), _oval(light.shape, 0.28, 0.34)
    skin, grey = light[oval], (seen @ AS_SEEN)[oval]
    left, right = (_part(light, cheek) for cheek in (LEFT_CHEEK, RIGHT_CHEEK))
    spread = _histogram(skin)
    return {
        "mean": float(skin.mean()),
        "variance": float(skin.var()),
        "highlight": max(_quantile(light[inner & half], 0.9) for half in _halves(light.shape)),
        "shadow": _quantile(skin, 0.05),
        "under": float((skin <= DARKEST).mean()),
        "over": float((skin >= BRIGHTEST).mean()),
        "side": _stops(_quantile(right, 0.85), _quantile(left, 0.85)),
        "uniformity": float(np.minimum(_histogram(left), _histogram(right)).sum()),
        "entropy": float(-(spread[spread > 0] * np.log2(spread[spread > 0])).sum()),
        "range": _quantile(grey, 0.95) - _quantile(grey, 0.05),
        "backlight": _stops(float(_around(image, face).mean()), float(skin.mean())),
        "noise": _noise(_cut(image, face, min(NOISE_PX, int(face.width)), (0.15, 0.2, 0.85, 0.95)) @ AS_SEEN),
        "sharpness": sharpness(_cut(image, face, SHARP_PX, (0.1, 0.1, 0.9, 1.0)) @ AS_SEEN),
    }


def luminance(seen: npt.NDArray[np.float64]) -> Plane:
    """Of sRGB values 0 to 1, height x width x 3."""
    linear = np.where(seen > 0.04045, ((seen + 0.055) / 1.055) ** 2.4, seen / 12.92)
    return np.asarray(linear @ LUMINANCE)


def small(image: Image.Image, long_side: int = PICTURE_PX) -> npt.NDArray[np.float64]:
    """The whole picture, sRGB 0 to 1."""
    ratio = long_side / max(image.size)
    size = (max(1, round(image.width * ratio)), max(1, round(image.height * ratio)))
    return np.asarray(image.resize(size, Image.Resampling.BOX), dtype=np.float64) / 255


def _cut(
    image: Image.Image, face: Face, wide: int, part: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)
) -> npt.NDArray[np.float64]:
    """A part of the face, scaled so that the whole face would be ``wide`` pixels wide; sRGB 0 to 1."""
    left, top, right, bottom = part
    box = (
        max(0.0, face.left + left * face.width),
        max(0.0, face.top + top * face.width),
        min(float(image.width), face.left + right * face.width),
        min(float(image.height), face.top + bottom * face.width),
    )
    size = (max(3, round(wide * (right - left))), max(3, round(wide * (bottom - top))))
    way = Image.Resampling.BOX if face.width > wide else Image.Resampling.BICUBIC
    return np.asarray(image.resize(size, way, box=box), dtype=np.float64) / 255


def _oval(shape: tuple[int, ...], wide: float, high: float) -> npt.NDArray[np.bool_]:
    """Where there is face rather than hair or wall; half axes as shares."""
    down, across = ((np.arange(n) + 0.5) / n for n in shape)
    return np.asarray(((across[None, :] - 0.5) / wide) ** 2 + ((down[:, None] - 0.55) / high) ** 2 <= 1)


def _halves(shape: tuple[int, ...]) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    left = np.broadcast_to(np.arange(shape[1]) < shape[1] / 2, shape)
    return left, ~left


def _part(light: Plane, part: tuple[float, float, float, float]) -> Plane:
    height, width = light.shape
    left, top, right, bottom = part
    return light[int(top * height) : int(bottom * height), int(left * width) : int(right * width)]


def _around(image: Image.Image, face: Face) -> Plane:
    """The picture beside and above the head, at least a little of it."""
    light = luminance(small(image))
    ratio = max(image.size) / PICTURE_PX
    down, across = ((np.arange(n) + 0.5) * ratio for n in light.shape)
    beside = (across < face.left - 0.3 * face.width) | (across > face.left + 1.3 * face.width)
    above = down < face.top - 0.5 * face.width
    outside = (beside[None, :] | above[:, None]) & (down < face.top + face.width)[:, None]
    return light[outside] if outside.mean() > 0.01 else light.ravel()


def _histogram(light: Plane) -> Plane:
    """Shares of the 256 steps."""
    steps = np.floor(np.clip(light, 0, 1) * (STEPS - 1) + 0.5).astype(np.int64)
    return np.bincount(steps.ravel(), minlength=STEPS) / steps.size


def _quantile(light: Plane, share: float) -> float:
    return float(np.quantile(light, share))


def _stops(more: float, less: float) -> float:
    """How many times twice."""
    return float(np.log2((more + LEAST) / (less + LEAST)))


def _noise(grey: Plane) -> float:
    """Standard deviation of the grain, 0 to 1 as seen: the median of what a mask of second differences leaves (Immerkær's),
    which edges and features hardly touch."""
    across = grey[:, :-2] - 2 * grey[:, 1:-1] + grey[:, 2:]
    both = across[:-2] - 2 * across[1:-1] + across[2:]
    return float(np.median(np.abs(both)) / 0.6745 / 6)


def sharpness(grey: Plane) -> float:
    """The share of the face's contrast that is gone when it is blurred by one pixel."""
    return float((grey - gaussian_filter(grey, 1)).std() / (grey.std() + 1e-3))
