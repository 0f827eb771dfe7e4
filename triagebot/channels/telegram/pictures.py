"""Which of the files that hang on a message is a picture worth a look, told by what Telegram says of it: nothing is fetched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from triagebot.messages import Seen
from triagebot.vision.header import MOST_BYTES
from triagebot.vision.look import refused
from triagebot.vision.refusals import Why

ENOUGH = 1440
"""Pixels of the longer side: Telegram keeps a photo in several sizes, up to 1280 or 2560, and more than this is not read from
(vision.ocr)."""
_LONGEST_ID = 512
_READ = frozenset({"image/png", "image/jpeg", "image/jpg", "image/webp"})
_READ_NAMES = frozenset({".png", ".jpg", ".jpeg", ".webp"})
_OTHER_NAMES = frozenset({".heic", ".heif", ".gif", ".bmp", ".tif", ".tiff", ".avif", ".svg", ".jxl"})
_PDF = "application/pdf"


@dataclass(frozen=True)
class Offered:
    """``file``: Telegram's name for what may be fetched, "" for none; ``seen``: what is known without a look."""

    file: str = ""
    seen: Seen | None = None

    @property
    def is_picture(self) -> bool:
        """Or claims to be one, or is a report that must not be sent: its file name is not what the person says."""
        return bool(self.file) or self.seen is not None


NOTHING = Offered()


def offered(message: Mapping[str, Any]) -> Offered:
    """TypeError and the like when ``message`` makes no sense."""
    if "photo" in message:
        return _photo(message["photo"])
    if "document" in message:
        return _document(message["document"])
    return NOTHING


def _photo(sizes: Sequence[Mapping[str, Any]]) -> Offered:
    """The smallest that is large enough, else the largest, of those that may be fetched."""
    known = [(max(_number(size, "width"), _number(size, "height")), size) for size in sizes if _id_of(size)]
    allowed = [(side, size) for side, size in known if _number(size, "file_size") <= MOST_BYTES]
    if not allowed:
        return Offered(seen=_refused("bytes")) if known else NOTHING
    enough = [one for one in allowed if one[0] >= ENOUGH]
    best = min(enough, key=_side) if enough else max(allowed, key=_side)
    return Offered(_id_of(best[1]))


def _side(one: tuple[int, Mapping[str, Any]]) -> int:
    return one[0]


def _document(document: Mapping[str, Any]) -> Offered:
    """By type and by name: whoever sends a file may know neither, and a report is refused by either."""
    kind, ending = (
        str(document.get("mime_type", "")).lower(),
        PurePosixPath(str(document.get("file_name", ""))).suffix.lower(),
    )
    if kind == _PDF or ending == ".pdf":
        return Offered(seen=_refused("pdf"))
    if kind in _READ or ending in _READ_NAMES:
        if _number(document, "file_size") > MOST_BYTES:
            return Offered(seen=_refused("bytes"))
        return Offered(_id_of(document))
    if kind.startswith("image/") or ending in _OTHER_NAMES:
        return Offered(seen=_refused("format"))
    return NOTHING


def _refused(why: Why) -> Seen:
    return refused(why).seen


def _id_of(file: Mapping[str, Any]) -> str:
    found = file.get("file_id", "")
    return found if isinstance(found, str) and len(found) <= _LONGEST_ID else ""


def _number(file: Mapping[str, Any], name: str) -> int:
    found = file.get(name, 0)
    return found if isinstance(found, int) else 0
