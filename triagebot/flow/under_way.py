"""What was handed to the network and has not been answered yet: one message a chat, many chats at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

from triagebot.flow.bell import Bell
from triagebot.messages import Address


@dataclass
class UnderWay:
    """``done`` is rung whenever one is answered."""

    done: Bell
    _tasks: dict[Address, asyncio.Task[None]] = field(default_factory=dict)
    _rounds: set[Address] = field(default_factory=set)
    _broken: list[BaseException] = field(default_factory=list)

    def start(self, to: Address, sending: Coroutine[Any, Any, None], *, round: bool = False) -> None:
        """``round``: one of many that say the same to many people."""
        if round:
            self._rounds.add(to)
        task = self._tasks[to] = asyncio.create_task(sending)
        task.add_done_callback(lambda finished: self._finished(to, finished))

    def chats(self) -> frozenset[Address]:
        return frozenset(self._tasks)

    @property
    def rounds(self) -> int:
        return len(self._rounds)

    async def all(self) -> None:
        """Until everything is answered; raises what one of them raised."""
        while self._tasks:
            await asyncio.wait(self._tasks.values())
        self.check()

    def check(self) -> None:
        """Raise what one of those that ended has raised: the loop must end with it."""
        if self._broken:
            raise self._broken.pop()

    async def end(self, patience_s: float) -> None:
        """Wait for answers for so many seconds, then let the rest go: nobody knows what became of them."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks.values(), timeout=patience_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _finished(self, to: Address, task: asyncio.Task[None]) -> None:
        del self._tasks[to]
        self._rounds.discard(to)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._broken.append(error)
        self.done.ring()
