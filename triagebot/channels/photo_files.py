"""A picture on this machine's disk that somebody names in the terminal, as people type, paste and drop names there."""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from triagebot.messages import Seen
from triagebot.vision.header import MOST_BYTES
from triagebot.vision.look import refused


@dataclass(frozen=True)
class Photo:
    """``trouble``: why there is none, as the catalogues name it. ``seen``: what is known without a look."""

    data: bytes = b""
    seen: Seen | None = None
    trouble: str = ""


def read(name: str) -> Photo:
    """A report is not opened, and of what is too large nothing is looked at."""
    if not name:
        return Photo(trouble="chat.photo_how")
    try:
        file = _found(name)
        if file is None:
            return Photo(trouble="chat.photo_missing")
        if not file.is_file():
            return Photo(trouble="chat.photo_no_file")
        if file.suffix.lower() == ".pdf":
            return Photo(seen=refused("pdf").seen)
        with file.open("rb") as opened:
            data = opened.read(MOST_BYTES + 1)
    except PermissionError:
        return Photo(trouble="chat.photo_forbidden")
    except OSError:
        return Photo(trouble="chat.photo_unreadable")
    return Photo(data) if len(data) <= MOST_BYTES else Photo(seen=refused("bytes").seen)


def _found(name: str) -> Path | None:
    return next((file for file in _meanings(name) if file.exists()), None)


def _meanings(name: str) -> Iterator[Path]:
    """As it stands, and as a shell would read it: in quotes, or with a backslash before each space."""
    words = [name]
    with contextlib.suppress(ValueError):  # a lone quotation mark is a part of the name
        words.append(" ".join(shlex.split(name)))
    for word in words:
        try:
            yield Path(word).expanduser()
        except RuntimeError:
            yield Path(word)
