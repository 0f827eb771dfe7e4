"""``triagebot`` with stand-ins for what reads pictures: ``python -m tests.acceptance.seeing run``. All else is the product's.

What the eyes see is told by the picture's own bytes, so that a test says it with the picture that it sends (see ``asking``).
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from typing import Any

from triagebot import app
from triagebot.cli import main
from triagebot.messages import Seen
from triagebot.vision.look import Look, Purpose, refused

SEEING = (sys.executable, "-m", "tests.acceptance.seeing", "run")
_SIGN = b"\x00SEEN"
HOLD = "TEST_HOLD_LOOKS"
"""Names a file: while it is there, looks go on."""


def asking(picture: bytes, **seen: Any) -> bytes:
    """``picture`` in which ``seen`` (fields of messages.Seen) is to be seen."""
    return picture + _SIGN + json.dumps(seen).encode()


def _wait() -> None:
    while os.path.exists(os.environ.get(HOLD, "")):
        time.sleep(0.05)


class _Eyes:
    open = True

    async def look(self, data: bytes, purpose: Purpose) -> Look:
        await asyncio.to_thread(_wait)
        picture, _, told = data.partition(_SIGN)
        if not told:
            return refused("broken")
        seen = Seen(**{name: tuple(v) if isinstance(v, list) else v for name, v in json.loads(told).items()})
        return Look(seen, picture if seen.what == "light" else b"")

    async def close(self) -> None:
        self.open = False


_open_app = app.open_app


def _with_eyes(*given: Any, **named: Any) -> app.App:
    """``given``: without the eyes, which come last."""
    return _open_app(*given[:5], **{**named, "eyes": _Eyes()})


if __name__ == "__main__":
    app.open_app = _with_eyes
    main()
