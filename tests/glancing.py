"""Eyes for tests that are about what becomes of a look: they say what a test wants, and remember at what they looked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from triagebot.messages import Seen
from triagebot.vision.look import Look, Purpose

SCREEN = Look(Seen("screen", text="认证失败\n请在光线充足的环境下重试"))


async def at_once() -> None:
    """Nobody waits."""


@dataclass
class Glances:
    """``answer``: what comes of each look; ``before``: awaited before it."""

    answer: Look = SCREEN
    before: Callable[[], Awaitable[None]] = at_once
    looked: list[tuple[bytes, Purpose]] = field(default_factory=list)
    open: bool = True

    async def look(self, data: bytes, purpose: Purpose) -> Look:
        self.looked.append((data, purpose))
        await self.before()
        return self.answer

    async def close(self) -> None:
        self.open = False
