"""Where the face in a picture is: scikit-image's LBP cascade on a small grey copy. Where, never
whose. In the child process only."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy.ndimage import gaussian_filter
from skimage import data
from skimage.feature import Cascade

from triagebot.vision.refusals import Why

Grey = npt.NDArray[np.uint8]

LONG_SIDE, LONGER_SIDE = 240, 360
"""Pixels of the copy that is searched, and of the one in which small faces are looked for. Time grows with the square."""
SMALLEST, TINIEST = 30, 24
"""Pixels of a window in that copy: an eighth of the long side is a selfie. 24 is what the cascade was trained with."""
ANOTHER = 0.6
"""A second face of this share of the first one's width is company; smaller ones are people behind, or a picture on the wall."""
SAME = 0.5
"""Two finds whose middles are nearer than this share of a width are one face: the cascade tells of some faces twice."""

PAGE_TONES = 3.5
"""Bits: letters on a page look like brows and a mouth, but a page has few tones. A face half of which is white has 4.5."""

BARE = 0.011
"""A bare wall has a relief of 0.006, a face behind a smeared lens 0.02, any other 0.1."""


@dataclass(frozen=True, slots=True)
class Face:
    """A square from the brows to the chin, in pixels of the picture. Measures take shares of it."""

    left: float
    top: float
    width: float

    @property
    def middle(self) -> tuple[float, float]:
        return self.left + self.width / 2, self.top + self.width / 2


def the_face(image: Image.Image) -> Face | Why:
    """The one face in ``image`` (any size, upright), or why there is none to measure: no_face, many_faces, small_face."""
    grey, ratio = _grey(image, LONG_SIDE), max(image.size) / LONG_SIDE
    found = next(filter(None, (_faces(image, grey, copy) for copy in _copies(grey))), [])
    if not found:
        longer = _evened(_grey(image, LONGER_SIDE))
        windows = _searched(longer, TINIEST, SMALLEST * LONGER_SIDE // LONG_SIDE)
        return "small_face" if any(_is_found_again(longer, face) for face in windows) else "no_face"
    first, *others = sorted(found, key=lambda face: -_standing(face, grey))
    if any(_is_company(other, first) for other in others):
        return "many_faces"
    return _scaled(first, ratio)


def _faces(image: Image.Image, grey: Grey, copy: Grey) -> list[Face]:
    """What is found in ``copy`` and is no chance: not at one size only, on no bare wall, on no page of letters."""
    ratio = max(image.size) / LONG_SIDE
    return [
        face
        for face in _searched(copy, SMALLEST, min(copy.shape))
        if _relief(grey, face) > BARE
        and _is_found_again(copy, face)
        and _tones(image, _scaled(face, ratio)) > PAGE_TONES
    ]


def _scaled(face: Face, ratio: float) -> Face:
    return Face(face.left * ratio, face.top * ratio, face.width * ratio)


def _grey(image: Image.Image, long_side: int) -> Grey:
    ratio = long_side / max(image.size)
    size = (max(1, round(image.width * ratio)), max(1, round(image.height * ratio)))
    return np.asarray(image.convert("L").resize(size, Image.Resampling.BOX if ratio < 1 else Image.Resampling.BICUBIC))


def _copies(grey: Grey) -> Iterator[Grey]:
    """In bad light the cascade sees less, and there it is needed: first the copy in which all parts have the same light, then
    one without grain."""
    yield _evened(grey)
    yield gaussian_filter(grey, 1.2)
    yield grey


def _evened(grey: Grey) -> Grey:
    """What is left when the slow changes of the light are taken out, as strong everywhere."""
    near = max(grey.shape) / 16
    found = detail(grey, near)
    found /= np.sqrt(gaussian_filter(found**2, near)) + 0.15
    return np.asarray(np.clip(found * 30 + 128, 0, 255), dtype=np.uint8)


def detail(grey: npt.NDArray[Any], near: float) -> npt.NDArray[np.float64]:
    """By how much each pixel (0 to 255) is brighter than its neighbourhood, as a logarithm."""
    seen = np.log(grey.astype(np.float64) + 4)
    return np.asarray(seen - gaussian_filter(seen, near))


def _searched(grey: Grey, smallest: int, largest: int) -> list[Face]:
    if largest < smallest:
        return []
    windows = _cascade().detect_multi_scale(
        img=np.ascontiguousarray(grey),
        scale_factor=1.15,
        step_ratio=1,
        min_size=(smallest, smallest),
        max_size=(largest, largest),
    )
    return [Face(window["c"], window["r"], window["width"]) for window in windows]


@cache
def _cascade() -> Cascade:
    return Cascade(data.lbp_frontal_face_cascade_filename())


def _standing(face: Face, grey: Grey) -> float:
    """Large and central comes first."""
    height, width = grey.shape
    away = math.dist(face.middle, (width / 2, height / 2)) / math.hypot(width / 2, height / 2)
    return face.width * (1 - 0.5 * away)


def _is_company(other: Face, first: Face) -> bool:
    apart = math.dist(other.middle, first.middle) / max(other.width, first.width)
    return apart > SAME and other.width >= ANOTHER * first.width


def _is_found_again(grey: Grey, face: Face) -> bool:
    """Folds and letters look like a face at one size by chance; a face does so at another size, too."""
    edge = face.width * 0.4
    left, top, wide = round(face.left - edge), round(face.top - edge), round(face.width + 2 * edge)
    near = Image.fromarray(grey).crop((left, top, left + wide, top + wide)).resize((96, 96), Image.Resampling.BICUBIC)
    return bool(_searched(np.asarray(near), 36, 80))


def _tones(image: Image.Image, face: Face) -> float:
    """Entropy of the grey tones in the square of the face, in bits."""
    left, top, width = round(face.left), round(face.top), round(face.width)
    tones = np.asarray(image.crop((left, top, left + width, top + width)).convert("L").histogram(), dtype=np.float64)
    shares = tones[tones > 0] / tones.sum()
    return float(-(shares * np.log2(shares)).sum())


def _relief(grey: Grey, face: Face) -> float:
    """How far the detail in the square of the face goes up and down."""
    left, top, width = (max(0, round(at)) for at in (face.left, face.top, face.width))
    return float(detail(grey, max(grey.shape) / 16)[top : top + width, left : left + width].std())
