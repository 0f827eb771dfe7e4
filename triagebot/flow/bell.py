"""Wakes a loop when there is work; losing a ring only costs the patience of one poll."""

from __future__ import annotations

import asyncio


class Bell:
    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        self._event.set()

    async def wait(self, patience_s: float) -> None:
        """Until rung, at most ``patience_s`` wall seconds: other processes put work into the database without ringing."""
        try:
            async with asyncio.timeout(patience_s):
                await self._event.wait()
        except TimeoutError:
            pass
        self._event.clear()
