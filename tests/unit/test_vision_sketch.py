"""What is drawn into a person's photo: where it is, and that the photo stays theirs to see."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from tests.light_scenes import astronaut, photo
from triagebot.vision.faces import Face
from triagebot.vision.lighting import FAULTS, WITHOUT_FACE, Light
from triagebot.vision.sketch import HINTS, LONGEST, annotated

FACE = Face(175, 70, 100)


@pytest.fixture(scope="module")
def well_lit() -> Image.Image:
    return photo(astronaut().light)


def light(*faults: str, face: Face | None = FACE) -> Light:
    return Light(face, (("highlight", 0.6),), faults)


def changed(picture: Image.Image, drawn: Image.Image) -> npt.NDArray[np.float64]:
    return np.abs(np.asarray(drawn, dtype=np.float64) - np.asarray(picture)).sum(axis=2)


def test_every_fault_has_its_drawing() -> None:
    assert {fault.name for fault in (*FAULTS, *WITHOUT_FACE)} == set(HINTS)


@pytest.mark.parametrize("size", [(3000, 2000), (512, 512), (60, 700)])
def test_what_is_shown_is_small_and_the_photo_itself_untouched(size: tuple[int, int]) -> None:
    picture = Image.new("RGB", size, (120, 130, 140))
    drawn = annotated(picture, light("side_left", face=Face(size[0] / 3, size[1] / 3, size[0] / 4)))
    assert max(drawn.size) <= LONGEST
    assert drawn.mode == "RGB"
    assert picture.getcolors() == [(size[0] * size[1], (120, 130, 140))]


def test_the_dark_half_is_tinted_and_the_other_is_not(well_lit: Image.Image) -> None:
    for fault, dark, lit in (("side_left", (195, 215), (240, 262)), ("side_right", (236, 256), (188, 210))):
        marks = changed(well_lit, annotated(well_lit, light(fault)))
        assert marks[85:100, slice(*dark)].mean() > 5 * max(1.0, marks[85:100, slice(*lit)].mean()), fault


def test_the_sun_stands_on_the_side_that_is_dark(well_lit: Image.Image) -> None:
    left, right = (changed(well_lit, annotated(well_lit, light(fault))) for fault in ("side_left", "side_right"))
    assert left[60:150, :160].sum() > 10 * max(1.0, right[60:150, :160].sum())
    assert right[60:150, 290:].sum() > 10 * max(1.0, left[60:150, 290:].sum())


def test_good_light_is_drawn_in_green_without_a_sun(well_lit: Image.Image) -> None:
    drawn = np.asarray(annotated(well_lit, light()), dtype=np.int64)
    marked = changed(well_lit, Image.fromarray(drawn.astype(np.uint8)))[:300] > 60
    red, green, _ = drawn[:300][marked].mean(axis=0)
    assert green > red


def test_without_a_face_only_the_way_of_the_light_is_drawn(well_lit: Image.Image) -> None:
    dark = well_lit.point(lambda value: value // 20)
    marks = changed(dark, annotated(dark, light("dark", face=None)))
    assert marks.max() > 200
    assert (marks > 30).mean() < 0.1


def test_a_face_at_the_edge_of_the_picture_keeps_its_sun_inside() -> None:
    picture = Image.new("RGB", (480, 640), (90, 90, 90))
    for face in (Face(-20, -10, 200), Face(330, 500, 200)):
        for fault in HINTS:
            drawn = np.asarray(annotated(picture, light(fault, face=face)), dtype=np.int64)
            yellow = (drawn[..., 0] > 220) & (drawn[..., 2] < 120)
            assert yellow.any()
            assert not yellow[:, [0, -1]].any()
