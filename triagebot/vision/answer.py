"""What a picture is looked at for -> what came of it. Only in the child."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PIL import Image

from triagebot.messages import Seen
from triagebot.vision.decode import decoded
from triagebot.vision.look import Look, Purpose, refused
from triagebot.vision.refusals import Why

_SIDES: dict[Purpose, int] = {"screen": 2400, "light": 1280}
"""Pixels that are kept of the longer side: what each purpose can make use of."""
_LEAST_SIDE = 24
"""Narrower pictures have neither words nor faces."""
_SHOWN_WIDTH, _SHOWN_HEIGHT, _QUALITY = 720, 2400, 80


@dataclass(frozen=True)
class Parts:
    """Who does the work. ``read``: the lines of a screen. ``screen``: what they say, and which of them hold personal data.
    ``painted``: the picture with these painted over. ``has_face``: whether there is anything like a face. ``measured``: the
    light on the face (``faults`` and ``measures`` as in Seen), or why not. ``annotated``: that, drawn into the picture."""

    read: Callable[[Image.Image], Sequence[Any]]
    screen: Callable[[Sequence[Any]], tuple[Seen, Sequence[Any]]]
    painted: Callable[[Image.Image, Sequence[Any]], Image.Image]
    has_face: Callable[[Image.Image], bool]
    measured: Callable[[Image.Image], Any]
    annotated: Callable[[Image.Image, Any], Image.Image]


def answer(parts: Parts, purpose: Purpose, data: bytes) -> Look:
    """MemoryError when it takes more than this process may have; whatever a part raises."""
    image = decoded(data, _SIDES[purpose])
    if isinstance(image, str):
        return refused(image)
    if min(image.size) < _LEAST_SIDE:
        return _nothing("no_words")
    return _lit(parts, image) if purpose == "light" else _read(parts, image, "no_words")


def _lit(parts: Parts, image: Image.Image) -> Look:
    light = parts.measured(image)
    if light == "no_face":
        return _read(parts, image, "no_face")
    if isinstance(light, str):
        return Look(Seen("nothing", why=light))
    seen = Seen("light", faults=tuple(light.faults), measures=tuple(light.measures))
    return Look(seen, _jpeg(parts.annotated(image, light)))


def _read(parts: Parts, image: Image.Image, otherwise: Why) -> Look:
    """A face is never shown to anybody else: of a screen with one in it, only the words are."""
    seen, personal = parts.screen(parts.read(image))
    if seen.what != "screen":
        return _nothing(otherwise)
    return Look(seen, b"" if parts.has_face(image) else _jpeg(parts.painted(image, personal)))


def _nothing(why: Why) -> Look:
    return Look(Seen("nothing", why=why))


def _jpeg(image: Image.Image) -> bytes:
    """Made anew from the pixels: nothing of the file that came in goes out again."""
    image = image.convert("RGB")
    image.thumbnail((_SHOWN_WIDTH, _SHOWN_HEIGHT), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=_QUALITY)
    return file.getvalue()
