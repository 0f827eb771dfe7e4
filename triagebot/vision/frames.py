"""What goes through the pipes between the service and the child that looks: lengths, then bytes. Nothing in it can be run."""

from __future__ import annotations

import json
from dataclasses import asdict
from struct import Struct
from typing import get_args

from pydantic import TypeAdapter, ValidationError

from triagebot.messages import Seen
from triagebot.vision.header import Header, header_of
from triagebot.vision.look import Look, Purpose
from triagebot.vision.refusals import Why

PURPOSES: tuple[Purpose, ...] = get_args(Purpose)
ASKED = Struct(">BI")
"""Place in ``PURPOSES``, length of the picture that follows."""
ANSWERED = Struct(">III")
"""Lengths of what follows: the words (JSON of a Seen), the picture to show, what went wrong inside (a kind of error and a line
of ours, nothing of the picture). The first frame of a child has no words: it is ready, or says what it misses."""
_MOST = (1 << 18, 1 << 20, 1 << 10)
_WIDEST, _HIGHEST = 720, 16_383

_SEEN = TypeAdapter(Seen)


def asked(purpose: Purpose, data: bytes) -> bytes:
    """What stands before ``data``."""
    return ASKED.pack(PURPOSES.index(purpose), len(data))


def answered(look: Look | None, trouble: str = "") -> bytes:
    """A whole answer; ``look`` is None in the first frame."""
    words = b"" if look is None else json.dumps(asdict(look.seen), ensure_ascii=False).encode()
    shown, wrong = b"" if look is None else look.shown, trouble.encode(errors="replace")[: _MOST[2]]
    return ANSWERED.pack(len(words), len(shown), len(wrong)) + words + shown + wrong


def lengths(head: bytes) -> tuple[int, int, int]:
    """ValueError when the child says that more follows than anybody has to say."""
    words, shown, wrong = ANSWERED.unpack(head)
    if any(length > most for length, most in zip((words, shown, wrong), _MOST, strict=True)):
        raise ValueError("an answer too long")
    return words, shown, wrong


def look_of(words: bytes, shown: bytes) -> Look:
    """ValueError when it is no look at a picture: whatever a picture may have made of the child, nothing else gets through."""
    try:
        seen = _SEEN.validate_json(words)
    except ValidationError:
        raise ValueError("words that make no sense") from None  # their text would be in the error
    if seen.why not in get_args(Why) or seen.keepsake or (shown and not _may_be_shown(shown)):
        raise ValueError("an answer that makes no sense")
    return Look(seen, shown)


def _may_be_shown(picture: bytes) -> bool:
    header = header_of(picture)
    return (
        isinstance(header, Header) and header.form == "JPEG" and header.width <= _WIDEST and header.height <= _HIGHEST
    )
