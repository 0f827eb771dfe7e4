"""The light on a face: what is wrong with it, what to change first. Never whose face, or how it looks. In the child process
only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from PIL import Image

from triagebot.vision.faces import Face, detail, the_face
from triagebot.vision.luminance import AS_SEEN, BRIGHTEST, luminance, measures, sharpness, small
from triagebot.vision.refusals import Why


@dataclass(frozen=True, slots=True)
class Light:
    """``face``: None when the light is so bad that no face was made out. ``measures`` by name (luminance.measures).
    ``faults``: names of FAULTS, the one to change first first; () for good light."""

    face: Face | None
    measures: tuple[tuple[str, float], ...]
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bound:
    measure: str
    below: float = float("inf")
    above: float = float("-inf")

    def holds(self, of: Mapping[str, float]) -> bool:
        return self.above < of[self.measure] < self.below


@dataclass(frozen=True, slots=True)
class Fault:
    """``name``: its words are ``light.<name>``. It is there when all ``bounds`` hold, and none of ``unless`` is: after those
    the measure says nothing."""

    name: str
    bounds: tuple[Bound, ...]
    unless: tuple[str, ...] = ()


EXPOSURE = ("backlit", "dark", "bright")
FAULTS = (
    Fault("backlit", (Bound("highlight", below=0.17), Bound("backlight", above=2.4))),
    Fault("dark", (Bound("highlight", below=0.125),), unless=("backlit",)),
    Fault("bright", (Bound("over", above=0.15),)),
    Fault("side_left", (Bound("side", above=0.9),)),
    Fault("side_right", (Bound("side", below=-0.9),)),
    Fault(
        "flat",
        (Bound("range", below=0.14), Bound("shadow", above=0.2), Bound("sharpness", above=0.15)),
        unless=EXPOSURE,
    ),
    Fault("noisy", (Bound("noise", above=0.012),), unless=EXPOSURE),
    Fault("blurred", (Bound("sharpness", below=0.15),), unless=(*EXPOSURE, "side_left", "side_right", "flat", "noisy")),
)
"""In the order in which they are to be changed. ``side_left``: the left half as seen in the picture is the dark one.
Where the bounds come from: docs/decisions/0016-the-light-on-a-face.md."""

WITHOUT_FACE = (
    Fault("backlit", (Bound("centre", below=0.06), Bound("rim", above=0.35), Bound("edges", below=0.04))),
    Fault("dark", (Bound("highlight", below=0.12),)),
    Fault("bright", (Bound("over", above=0.5), Bound("between", above=0.06), Bound("edges", below=0.04))),
    Fault("blurred", (Bound("sharpness", below=0.04), Bound("relief", above=0.08)), unless=EXPOSURE),
)
"""Of the whole picture, when no face was made out. White pages and dark screens have hard edges, or nothing in between;
a bare wall has no relief."""


def measured(image: Image.Image) -> Light | Why:
    """The light on the one face in ``image`` (RGB, upright, any size), or why there is nothing to measure."""
    face = the_face(image)
    if isinstance(face, Face):
        return _light(face, measures(image, face), FAULTS)
    light = _light(None, _whole(image), WITHOUT_FACE)
    return light if face == "no_face" and light.faults else face


def _light(face: Face | None, found: Mapping[str, float], table: tuple[Fault, ...]) -> Light:
    faults: list[str] = []
    for fault in table:
        if all(bound.holds(found) for bound in fault.bounds) and not set(fault.unless) & set(faults):
            faults.append(fault.name)
    return Light(face, tuple((name, round(value, 4)) for name, value in found.items()), tuple(faults))


def _whole(image: Image.Image) -> dict[str, float]:
    """Measures of a picture without a face: highlight, sharpness, relief (how far detail goes up and down), over,
    between (share of middle tones), edges (share of hard ones), centre and rim (bright tones of the middle, mean of what is
    around it)."""
    seen = small(image, 240)
    light = luminance(seen)
    height, width = light.shape
    inside = np.zeros(light.shape, dtype=bool)
    inside[int(height * 0.3) : int(height * 0.7) + 1, int(width * 0.3) : int(width * 0.7) + 1] = True
    grey = seen @ AS_SEEN
    across = np.abs(np.diff(grey, axis=1))
    return {
        "highlight": float(np.quantile(light, 0.995)),
        "sharpness": sharpness(grey),
        "relief": float(detail(grey * 255, max(grey.shape) / 16).std()),
        "over": float((light >= BRIGHTEST).mean()),
        "between": float(((grey > 0.4) & (grey < 0.92)).mean()),
        "edges": float((across > 0.25).mean()) if across.size else 0.0,
        "centre": float(np.quantile(light[inside], 0.9)),
        "rim": float(light[~inside].mean()) if not inside.all() else 0.0,
    }
