"""Reports that were made lately: many may ask for the same one, and it is read from the log once. One is made at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field

from triagebot.report.figures import Report

MOST_KEPT = 8
"""A report of a busy year is some hundred kilobytes."""


@dataclass
class Shelf:
    _tasks: dict[Hashable, asyncio.Task[Report]] = field(default_factory=dict)
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def get(self, wanted: Hashable, make: Callable[[], Awaitable[Report]]) -> Report:
        """Raises what ``make`` raised; one that failed is made anew for the next who asks. Who leaves stops nothing."""
        task = self._tasks.get(wanted)
        if task is None or (task.done() and (task.cancelled() or task.exception() is not None)):
            self._forget_old()
            task = self._tasks[wanted] = asyncio.create_task(self._make(make))
        return await asyncio.shield(task)

    async def _make(self, make: Callable[[], Awaitable[Report]]) -> Report:
        async with self._one_at_a_time:
            return await make()

    def _forget_old(self) -> None:
        finished = [wanted for wanted, task in self._tasks.items() if task.done()]
        for wanted in finished[: max(0, len(self._tasks) + 1 - MOST_KEPT)]:
            del self._tasks[wanted]
