"""What a file is by its first bytes, and how large a picture it says it is. Nothing is decoded: these few bytes are all that
the service itself ever reads of a picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from triagebot.vision.refusals import Why

Form = Literal["PNG", "JPEG", "WEBP"]

MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 25_000_000
MOST_SIDE = 16_383
"""Pixels: the longest screenshots that phones make, and all that WebP can say."""
HEAD = 1024
"""Bytes that ``form_of`` wants to see. Programs take a file for a PDF that says so anywhere in them."""

_PDF = b"%PDF-"
_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
_MOST_SEGMENTS = 1000
_MOST_FILL = 64
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""JPEG markers that are followed by a size."""
_BARE = frozenset((0x01, *range(0xD0, 0xD9)))
"""JPEG markers that are followed by nothing."""
_ENDS = frozenset((0xD9, 0xDA))
"""JPEG markers before which the size must have been said."""


@dataclass(frozen=True, slots=True)
class Header:
    """``width`` and ``height`` in pixels, as the file says."""

    form: Form
    width: int
    height: int


class _Broken(ValueError):
    """The bytes are not what they say they are."""


def header_of(data: bytes) -> Header | Why:
    """What the picture ``data`` (a whole file) is, or why it is not looked at. Raises nothing, whatever the bytes."""
    if len(data) > MOST_BYTES:
        return "bytes"
    form = form_of(data[:HEAD])
    if form != "PNG" and form != "JPEG" and form != "WEBP":
        return form
    try:
        width, height = _SIZES[form](data)
    except (_Broken, IndexError):
        return "broken"
    if not width or not height:
        return "broken"
    if width * height > MOST_PIXELS or max(width, height) > MOST_SIDE:
        return "pixels"
    return Header(form, width, height)


def form_of(head: bytes) -> Form | Why:
    """What the first ``HEAD`` bytes of a file say it is, or why such a file is not looked at. What could be taken for a PDF as
    well is one."""
    if not head:
        return "empty"
    if _PDF in head[:HEAD]:
        return "pdf"
    if head.startswith(_PNG):
        return "PNG"
    if head.startswith(_JPEG):
        return "JPEG"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    return "format"


def _png(data: bytes) -> tuple[int, int]:
    if data[8:16] != b"\x00\x00\x00\x0dIHDR" or len(data) < 33:
        raise _Broken
    return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")


def _jpeg(data: bytes) -> tuple[int, int]:
    """Of the first frame. Both loops end after what a camera may write, so that made-up files cost nothing."""
    at = 2
    for _ in range(_MOST_SEGMENTS):
        marker, at = _marker(data, at)
        if marker in _ENDS:
            break
        if marker in _BARE:
            continue
        length = data[at] << 8 | data[at + 1]
        if length < 2:
            break
        if marker in _FRAMES:
            height, width = data[at + 3] << 8 | data[at + 4], data[at + 5] << 8 | data[at + 6]
            return width, height
        at += length
    raise _Broken


def _marker(data: bytes, at: int) -> tuple[int, int]:
    """The marker at ``at`` and where what belongs to it begins; any number of 0xff may stand before it."""
    if data[at] != 0xFF:
        raise _Broken
    for place in range(at + 1, at + 1 + _MOST_FILL):
        if data[place] != 0xFF:
            return data[place], place + 1
    raise _Broken


def _webp(data: bytes) -> tuple[int, int]:
    kind, body = data[12:16], data[20:30]
    if len(body) < 10:
        raise _Broken
    if kind == b"VP8X":
        return 1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little")
    if kind == b"VP8L" and body[0] == 0x2F:
        bits = int.from_bytes(body[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 " and body[3:6] == b"\x9d\x01\x2a":
        return int.from_bytes(body[6:8], "little") & 0x3FFF, int.from_bytes(body[8:10], "little") & 0x3FFF
    raise _Broken


_SIZES: dict[Form, Callable[[bytes], tuple[int, int]]] = {"PNG": _png, "JPEG": _jpeg, "WEBP": _webp}
