"""Who looks at pictures where the extra is installed: a child process that is watched, and replaced when it must be."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec

import structlog

from triagebot.vision.header import header_of
from triagebot.vision.look import Look, Purpose, refused
from triagebot.vision.process import PROGRAM, Child, ChildFailed

log = structlog.get_logger()

NEEDS = ("PIL", "onnxruntime", "rapidfuzz", "rapidocr", "skimage")
"""Packages of the extra ``ocr``, by the names of their modules; this process itself imports none that looks at pictures."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Times in wall seconds. ``look_s``: one picture; ``start_s``: until a child is ready; ``wait_s``: until it is a picture's
    turn, and ``waiting`` how many may wait; ``looks`` and ``memory`` (bytes): after how much a child is replaced; ``idle_s``:
    how long one is kept that nobody needs."""

    look_s: float = 20.0
    start_s: float = 45.0
    wait_s: float = 40.0
    waiting: int = 12
    looks: int = 200
    memory: int = 600 * 1024 * 1024
    idle_s: float = 900.0


BOUNDS = Bounds()


def missing() -> list[str]:
    """What of the extra is not installed."""
    return [package for package in NEEDS if find_spec(package) is None]


class Watched:
    """The Eyes of a service: one picture at a time; the child starts with the first one. Belongs to one event loop."""

    open = True

    def __init__(self, bounds: Bounds = BOUNDS, program: Sequence[str] = PROGRAM) -> None:
        self._bounds = bounds
        self._program = program
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._child: Child | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._closed = False

    @property
    def pid(self) -> int | None:
        """Of the child; None when there is none."""
        return None if self._child is None else self._child.pid

    async def look(self, data: bytes, purpose: Purpose) -> Look:
        header = header_of(data)
        if isinstance(header, str):
            return refused(header)
        if self._waiting >= self._bounds.waiting:
            return refused("busy")
        self._waiting += 1
        try:
            async with asyncio.timeout(self._bounds.wait_s):
                await self._turn.acquire()
        except TimeoutError:
            return refused("busy")
        finally:
            self._waiting -= 1
        try:
            return await self._look(data, purpose)
        finally:
            self._turn.release()

    async def close(self) -> None:
        """Ends the child, whatever it is looking at. Pictures that wait are refused as ``gone``."""
        self._closed = True
        await self._end()

    async def _look(self, data: bytes, purpose: Purpose) -> Look:
        if self._closed:
            return refused("gone")
        try:
            child = await self._ready()
        except ChildFailed as error:
            log.error("pictures.no_child", why=str(error))
            return refused("blind")
        if self._closed:
            await self._end()
            return refused("gone")
        answered = False
        try:
            async with asyncio.timeout(self._bounds.look_s):
                look, trouble = await child.ask(data, purpose)
            answered = True
            if trouble:
                log.error("pictures.trouble", why=trouble)
            return look
        except TimeoutError:
            return refused("slow")
        except ChildFailed as error:
            if self._closed:
                return refused("gone")
            log.warning("pictures.child_failed", why=str(error))
            return refused("slow" if error.short else "broken")
        finally:
            if not answered or child.looks >= self._bounds.looks or child.memory > self._bounds.memory:
                await self._end()
            elif child is self._child:
                self._idle = asyncio.get_running_loop().call_later(self._bounds.idle_s, self._rest)

    async def _ready(self) -> Child:
        if self._idle is not None:
            self._idle.cancel()
        if self._child is not None and not self._child.alive:
            await self._end()
        if self._child is None:
            self._child = await Child.start(self._bounds.look_s + 5, self._bounds.start_s, self._program)
        return self._child

    def _rest(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.kill()

    async def _end(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
        child, self._child = self._child, None
        if child is not None:
            await child.end()
