"""The process in which pictures are looked at: ``python -m triagebot.vision.child PARENT SECONDS``. It reads pictures from
stdin and writes what it saw to stdout (vision.frames), one at a time, until stdin ends."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from typing import BinaryIO

from triagebot.vision import fence, frames
from triagebot.vision.header import MOST_BYTES
from triagebot.vision.look import Look, Purpose, refused

Answer = Callable[[Purpose, bytes], Look]


def main(prepare: Callable[[], Answer]) -> None:
    """``prepare`` loads all that will be needed: afterwards no file can be opened. Given to the command: the parent's process
    id, and the seconds that one picture may take."""
    parent, seconds = int(sys.argv[1]), float(sys.argv[2])
    fence.end_with(parent)
    fence.stand_back()
    fence.limit()
    asks, answers = _pipes()
    try:
        ready = prepare()
    except Exception as error:
        _send(answers, frames.answered(None, f"{type(error).__name__}: {error}"))
        return
    fence.shut()
    _send(answers, frames.answered(None))
    serve(asks, answers, ready, seconds)


def serve(asks: BinaryIO, answers: BinaryIO, answer: Answer, seconds: float) -> None:
    """Until ``asks`` ends, or brings what no parent of ours sends."""
    while len(head := asks.read(frames.ASKED.size)) == frames.ASKED.size:
        place, length = frames.ASKED.unpack(head)
        if length > MOST_BYTES or len(data := asks.read(length)) < length:
            return
        fence.within(seconds)
        frame = _looked(answer, frames.PURPOSES[place], data)
        del data
        fence.give_back()
        _send(answers, frame)
        fence.within(0)


def _looked(answer: Answer, purpose: Purpose, data: bytes) -> bytes:
    try:
        return frames.answered(answer(purpose, data))
    except MemoryError:
        return frames.answered(refused("slow"), "MemoryError")
    except Exception as error:
        return frames.answered(refused("broken"), _where(error))


def _where(error: Exception) -> str:
    """The kind of error and the line of code: its text may hold what the picture says."""
    *_, last = traceback.walk_tb(error.__traceback__)
    frame, line = last
    return f"{type(error).__name__} at {os.path.basename(frame.f_code.co_filename)}:{line}"


def _pipes() -> tuple[BinaryIO, BinaryIO]:
    """What nobody else in this process knows of: whatever libraries print goes nowhere."""
    asks, answers, nowhere = os.dup(0), os.dup(1), os.open(os.devnull, os.O_RDWR)
    for known in (0, 1, 2):
        os.dup2(nowhere, known)
    os.close(nowhere)
    return os.fdopen(asks, "rb"), os.fdopen(answers, "wb")


def _send(answers: BinaryIO, frame: bytes) -> None:
    answers.write(frame)
    answers.flush()


def _prepare() -> Answer:
    from triagebot.vision.parts import prepared  # within the limits of memory

    return prepared()


if __name__ == "__main__":
    main(_prepare)
