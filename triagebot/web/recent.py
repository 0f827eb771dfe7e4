"""A value that is read at most once every few seconds, however many ask for it, and that nobody waits for too long."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass
class Recent(Generic[T]):
    """``keep_s``: how old the value may be. ``patience_s``: how long one who asks waits. Both in wall seconds."""

    read: Callable[[], Awaitable[T]]
    keep_s: float
    patience_s: float
    monotonic: Callable[[], float] = time.monotonic
    _reading: asyncio.Task[T] | None = None
    _since: float = 0.0

    async def get(self) -> T:
        """Raises what ``read`` raised, or TimeoutError; a read that takes longer goes on, for those who ask later."""
        if self._reading is None or self._is_old(self._reading):
            self._since = self.monotonic()
            self._reading = asyncio.create_task(self._read())
            self._reading.add_done_callback(_look)
        async with asyncio.timeout(self.patience_s):
            return await asyncio.shield(self._reading)

    async def _read(self) -> T:
        return await self.read()

    def _is_old(self, reading: asyncio.Task[T]) -> bool:
        return reading.done() and self.monotonic() - self._since >= self.keep_s


def _look(reading: asyncio.Task[T]) -> None:
    """An error that nobody waited for is no news: the next one who asks reads again."""
    if not reading.cancelled():
        reading.exception()
