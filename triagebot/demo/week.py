"""The made-up week itself: a clock that jumps from one thing that happens to the next."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from triagebot.app import App
from triagebot.demo.mailbox import Mailbox

Happening = Callable[["Week"], Awaitable[None]]
Progress = Callable[[float], None]

_TICK = timedelta(minutes=15)


@dataclass
class Clock:
    """Called, it tells the time of the made-up week."""

    at: datetime

    def __call__(self) -> datetime:
        return self.at


@dataclass
class Week:
    """What is going to happen, by time. ``begin`` is a midnight of the office's zone; nothing happens after ``end``.

    ``readers``: by chat, what its person does about something new."""

    app: App
    mailbox: Mailbox
    clock: Clock
    chance: Random
    begin: datetime
    end: datetime
    readers: dict[str, Happening] = field(default_factory=dict)
    _ahead: list[tuple[datetime, int, Happening]] = field(default_factory=list)
    _count: itertools.count[int] = field(default_factory=itertools.count)

    def at(self, moment: datetime, happening: Happening) -> None:
        if moment < self.end:
            heapq.heappush(self._ahead, (moment, next(self._count), happening))

    def after(self, minutes: float, happening: Happening) -> None:
        self.at(self.clock() + timedelta(minutes=minutes), happening)

    def some_minutes(self, middle: float) -> float:
        """Around ``middle``, now and then several times as long."""
        return middle * self.chance.lognormvariate(0, 0.7)

    async def live(self, progress: Progress) -> None:
        """All of it, in order, with the tick between. ``progress``: the share that is over."""
        tick = self.begin
        whole = (self.end - self.begin).total_seconds()
        while self._ahead:
            moment, _, happening = heapq.heappop(self._ahead)
            while tick <= moment:
                self.clock.at = tick
                await self.app.tick.once()
                await self.settle()
                tick += _TICK
            self.clock.at = moment
            await happening(self)
            await self.settle()
            progress((moment - self.begin).total_seconds() / whole)
        self.clock.at = self.end
        await self.app.tick.once()
        await self.settle()

    async def settle(self) -> None:
        """Everything that waits is heard and said; whoever was written to reads it a little later."""
        while await self.app.converse.once() or await self.app.deliver.once():
            pass
        for chat in sorted(self.mailbox.unread):
            self.after(1 + self.some_minutes(4), self.readers[chat])
        self.mailbox.unread.clear()
