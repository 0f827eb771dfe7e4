"""Signs of life: a pressed button stops spinning at once; typing dots show only where the answer takes a moment.

Dots before every answer would cost a request each, and an answer that is there within a second needs none. Nobody waits for
a sign, and one that fails is not worth a word.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field

from triagebot.messages import Incoming
from triagebot.pace import Bucket, Limit

DOTS_AFTER_S = 1.0
"""Wall seconds without an answer after which a person wonders whether anybody is there."""
MOST_UNDER_WAY = 20
MOST_DOTS = Limit(rate=3, burst=10)
"""Dots are requests as answers are, and Telegram counts all of them: when thousands wait, they must not take the answers'
place."""


@dataclass
class Signs:
    """``give`` does it, and never raises. What would be too much is left out."""

    give: Callable[[Incoming], Awaitable[None]]
    dots_after_s: float = DOTS_AFTER_S
    _dots: dict[str, asyncio.TimerHandle] = field(default_factory=dict)
    _under_way: set[asyncio.Future[None]] = field(default_factory=set)
    _left: Bucket = field(default_factory=lambda: Bucket(MOST_DOTS))

    def heard(self, messages: Iterable[Incoming]) -> None:
        """These were committed to the inbox."""
        for message in messages:
            if message.ack_ref:
                self._start(message)
            elif message.mine and message.address.chat not in self._dots:
                later = asyncio.get_running_loop().call_later(self.dots_after_s, self._still_silent, message)
                self._dots[message.address.chat] = later

    def answered(self, chat: str) -> None:
        """``chat`` hears from us: no dots are needed."""
        if waiting := self._dots.pop(chat, None):
            waiting.cancel()

    def _still_silent(self, message: Incoming) -> None:
        del self._dots[message.address.chat]
        now = asyncio.get_running_loop().time()
        if self._left.wait(now) <= 0:
            self._left.take(now)
            self._start(message)

    def _start(self, message: Incoming) -> None:
        if len(self._under_way) >= MOST_UNDER_WAY:
            return
        task = asyncio.ensure_future(self.give(message))
        self._under_way.add(task)  # the loop itself keeps no task alive
        task.add_done_callback(self._under_way.discard)
