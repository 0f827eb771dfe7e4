"""What several tasks want to write at the same moment is written by one call, and each waits until its own is written."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass
class Gathered(Generic[T]):
    """``write`` gets what came while the last call was under way, in order of coming; its error is everybody's."""

    write: Callable[[Sequence[T]], Awaitable[None]]
    _waiting: list[tuple[T, asyncio.Future[None]]] = field(default_factory=list)
    _writing: asyncio.Task[None] | None = None

    async def add(self, thing: T) -> None:
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((thing, written))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all())
        await written

    async def _write_all(self) -> None:
        while self._waiting:
            together, self._waiting = self._waiting, []
            try:
                await self.write([thing for thing, _ in together])
            except Exception as error:
                for _, written in together:
                    if not written.done():
                        written.set_exception(error)
            else:
                for _, written in together:
                    if not written.done():
                        written.set_result(None)
