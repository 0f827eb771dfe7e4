"""What reads and measures, put together and loaded. Only in the child, and the only module of it that knows all of them."""

from __future__ import annotations

import io
from functools import partial

from PIL import Image, ImageDraw

from triagebot.vision.answer import Parts, answer
from triagebot.vision.child import Answer
from triagebot.vision.faces import the_face
from triagebot.vision.frames import PURPOSES
from triagebot.vision.lighting import measured
from triagebot.vision.ocr import Reader
from triagebot.vision.painting import painted
from triagebot.vision.screen import screen
from triagebot.vision.sketch import annotated


def prepared() -> Answer:
    """Ready to look, with nothing left to load: each purpose has had a picture of its own. Raises what the parts raise."""
    parts = Parts(
        read=Reader().read,
        screen=screen,
        painted=painted,
        has_face=lambda image: the_face(image) != "no_face",
        measured=measured,
        annotated=annotated,
    )
    for purpose in PURPOSES:
        answer(parts, purpose, _sample())
    return partial(answer, parts)


def _sample() -> bytes:
    """A few words in the dark: everything has something to do."""
    image = Image.new("RGB", (240, 320), (30, 30, 30))
    pen = ImageDraw.Draw(image)
    for y in range(40, 280, 60):
        pen.text((20, y), "1234 5678 words", fill="white", font_size=22)
    file = io.BytesIO()
    image.save(file, "JPEG")
    return file.getvalue()
