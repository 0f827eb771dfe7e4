"""The light on a face is told by its first fault, on real faces in rooms with light that is known (tests/light_scenes.py).

The whole table, on faces that no threshold was chosen with, is tests/benchmarks/light.py.
"""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tests.light_faults import FAULTS, spoilt
from tests.light_scenes import astronaut, evened, photo, room, small_faces
from triagebot.locale import catalogue
from triagebot.vision import lighting
from triagebot.vision.lighting import Light, measured

FEW = (3, 23, 43, 63, 83)
"""Of the half of the faces that no threshold was chosen with."""


def faults(image: Image.Image) -> tuple[str, ...]:
    light = measured(image)
    assert isinstance(light, Light), light
    return light.faults


@pytest.fixture(scope="module")
def well_lit() -> Image.Image:
    return photo(astronaut().light)


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_wrong_with_the_light_is_named_first(fault: str) -> None:
    scenes = [room(evened(small_faces()[face]), face) for face in FEW]
    named = [measured(spoilt(scene, fault, seed)) for seed, scene in zip(FEW, scenes, strict=True)]
    right = [isinstance(light, Light) and light.faults[:1] == (fault,) for light in named]
    assert sum(right) >= len(FEW) - 1, named


def test_good_light_is_left_alone() -> None:
    assert [faults(photo(room(evened(small_faces()[face]), face).light, face)) for face in FEW] == [()] * len(FEW)


@pytest.mark.parametrize("fault", ["dark", "bright", "backlit", "side_left", "flat", "noisy"])
def test_a_real_photo_gone_wrong_is_told_as_well(fault: str) -> None:
    assert faults(spoilt(astronaut(crop=60, size=600), fault, 5))[:1] == (fault,)


def test_a_real_photo_in_good_light_has_no_fault_at_any_size(well_lit: Image.Image) -> None:
    sizes = (300, 512, 1280)
    assert [faults(well_lit.resize((side, side), Image.Resampling.LANCZOS)) for side in sizes] == [()] * len(sizes)


def test_the_dark_half_is_the_one_that_is_dark_in_the_picture() -> None:
    picture = spoilt(room(evened(small_faces()[23]), 23), "side_left", 23)
    assert faults(picture)[0] == "side_left"
    assert faults(picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT))[0] == "side_right"


def test_sharpness_and_grain_are_judged_only_in_light_that_lets_them_be_seen() -> None:
    scene = room(evened(small_faces()[23]), 23)
    blurred_in_the_dark = photo(scene.light * 0.1).resize((60, 80)).resize((480, 640))
    assert faults(blurred_in_the_dark) == ("dark",)


def test_a_person_of_any_tone_in_good_light_has_good_light() -> None:
    darkest = sorted(range(1, 100, 2), key=lambda face: small_faces()[face, 6:18, 5:17].mean())[1:5]
    assert [faults(photo(room(evened(small_faces()[face]), face).light, face)) for face in darkest] == [()] * 4


def test_two_people_are_company_and_nobody_is_measured() -> None:
    one, other = (np.asarray(photo(room(small_faces()[face], face).light).crop((60, 60, 420, 540))) for face in (3, 23))
    assert measured(Image.fromarray(np.hstack([one, other]))) == "many_faces"


def test_somebody_far_away_is_asked_to_come_closer() -> None:
    wall = Image.radial_gradient("L").resize((900, 1200)).point(lambda grey: 190 - grey // 4).convert("RGB")
    wall.paste(photo(room(small_faces()[23], 23).light).crop((80, 140, 400, 640)).resize((160, 250)), (370, 950))
    assert measured(wall) == "small_face"


@pytest.mark.parametrize(
    "picture",
    [
        Image.new("RGB", (480, 640), (150, 140, 130)),
        Image.new("RGB", (1, 640), (150, 140, 130)),
        Image.new("RGB", (24, 24), "white"),
        Image.radial_gradient("L").resize((480, 640)).point(lambda grey: 190 - grey // 4).convert("RGB"),
    ],
    ids=["wall", "line", "stamp", "wall under a lamp"],
)
def test_where_there_is_no_face_nothing_is_said_of_its_light(picture: Image.Image) -> None:
    assert measured(picture) == "no_face"


@pytest.mark.parametrize(
    ("ground", "ink"), [("white", "black"), ((24, 24, 28), (230, 230, 230))], ids=["light", "dark"]
)
def test_a_screenshot_is_no_photo_in_bad_light(ground: str, ink: str) -> None:
    page = Image.new("RGB", (720, 1560), ground)
    draw = ImageDraw.Draw(page)
    for line in range(6):
        draw.text((60, 300 + line * 90), "Verification failed 0x80" * 2, fill=ink, font_size=40)
    assert measured(page) == "no_face"


def test_light_so_bad_that_no_face_is_seen_is_said_instead_of_no_face() -> None:
    night = Image.new("RGB", (480, 640), (9, 9, 12))
    window = Image.new("RGB", (480, 640), "white")
    ImageDraw.Draw(window).ellipse((90, 100, 390, 900), fill=(6, 6, 6))
    assert (faults(night), faults(window)) == (("dark",), ("backlit",))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_fault_has_its_words(lang: str) -> None:
    named = {fault.name for fault in (*lighting.FAULTS, *lighting.WITHOUT_FACE)} | {"good"}
    assert {f"light.{name}" for name in named} - catalogue(lang).keys() == set()
