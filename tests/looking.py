"""A child that looks at pictures with stand-ins for what reads them: what it does depends on how wide a picture is.

Run as ``python -m tests.looking PARENT SECONDS``; the process, its fence, its pipes and the decoding are the product's.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from triagebot.vision.process import PROGRAM

STAND_IN = ("-m", "tests.looking")
HANGS, DIES, EATS, RAISES, TRIES, PRINTS, BABBLES, BOASTS, FACE, GROWS = range(100, 200, 10)
"""Widths of pictures, and what they do to the child."""
SECRET = "110101199003071234"


@dataclass(frozen=True)
class _Light:
    faults: tuple[str, ...] = ("dark",)
    measures: tuple[tuple[str, float], ...] = (("mean", 0.25),)


def _tried() -> str:
    """What is still possible inside, of all that a picture might want."""
    wants = {
        "write": lambda: Path(tempfile.gettempdir(), f"looking-{os.getpid()}").write_bytes(b"x" * 1000),
        "read": lambda: Path("/etc/hostname").read_text(),
        "connect": lambda: socket.create_connection(("127.0.0.1", 9), timeout=1),
        "listen": lambda: socket.socket().bind(("127.0.0.1", 0)),
        "secrets": lambda: os.environ["TRIAGEBOT_TELEGRAM_TOKEN"],
    }
    done = []
    for name, want in wants.items():
        try:
            want()
        except (OSError, KeyError):
            continue
        done.append(name)
    return " ".join(done) or "nothing"


_KEPT: list[bytearray] = []


def _read(image: Any) -> Sequence[str]:
    match image.width:
        case 100:
            time.sleep(600)
        case 110:
            os.kill(os.getpid(), signal.SIGSEGV)
        case 120:
            return ["eaten" * len(bytearray(4 << 30))]
        case 130:
            raise ValueError(f"the picture says {SECRET}")
        case 140:
            return [_tried()]
        case 150:
            print("said on stdout", flush=True)
            os.system("echo by the system")
            os.write(2, b"said on stderr")
        case 190:
            _KEPT.append(bytearray(os.urandom(1 << 20)) * 200)
    return [f"{image.width}x{image.height} {image.mode}", f"rgb {image.getpixel((1, 1))}"]


def _screen(lines: Sequence[str]) -> tuple[Any, Sequence[str]]:
    from triagebot.messages import Seen

    if lines[0].startswith("160x"):
        return Seen("screen", text="babble", why="made up"), ()  # type: ignore[arg-type]
    if lines[0].startswith("170x"):
        return Seen("screen", text="long" * 100_000), ()
    return Seen("screen", text="\n".join(lines)), ()


def _is_face(image: Any) -> bool:
    return bool(image.width == FACE)


def _prepare() -> Any:
    from triagebot.vision.answer import Parts, answer

    parts = Parts(
        read=_read,
        screen=_screen,
        painted=lambda image, _: image,
        has_face=_is_face,
        measured=lambda image: _Light() if _is_face(image) else "no_face",
        annotated=lambda image, _: image,
    )
    return partial(answer, parts)


if __name__ == "__main__":
    from triagebot.vision.child import main

    assert PROGRAM != STAND_IN
    if os.environ.get("HOME") == "/broken":
        sys.exit(7)
    main(_prepare)
