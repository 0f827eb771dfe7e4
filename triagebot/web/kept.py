"""What many browsers ask for at once is made once: kept until something changed, and never for long."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, TypeVar

T = TypeVar("T")

_MOST = 300
_AGE = timedelta(seconds=20)
"""A page says how long somebody has waited: its words are never older than this."""


@dataclass
class Kept(Generic[T]):
    """By key, the value of one version; the keys that were asked for last stay."""

    most: int = _MOST
    age: timedelta = _AGE
    _made: OrderedDict[Hashable, tuple[Hashable, datetime, asyncio.Task[T]]] = field(default_factory=OrderedDict)

    async def get(self, key: Hashable, version: Hashable, now: datetime, make: Callable[[], Awaitable[T]]) -> T:
        """Raises what ``make`` raised; whoever comes next makes it anew then."""
        known = self._made.get(key)
        if known is None or known[0] != version or now - known[1] > self.age or _failed(known[2]):
            known = (version, now, asyncio.create_task(_made(make)))
            self._made[key] = known
        self._made.move_to_end(key)
        while len(self._made) > self.most:
            self._made.popitem(last=False)
        return await asyncio.shield(known[2])


async def _made(make: Callable[[], Awaitable[T]]) -> T:
    return await make()


def _failed(task: asyncio.Task[T]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)
