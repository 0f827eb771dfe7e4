"""Open pages hear that there is something new in their chat: at once from this process, within a second from others."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass, field

import structlog

from triagebot.errors import StoreError
from triagebot.messages import Address
from triagebot.store import mailbox
from triagebot.store.store import Store

log = structlog.get_logger()

EVERY_S = 1.0
"""Wall seconds between two looks into the database, for all open pages together."""
ALIVE_S = 10.0
"""Wall seconds of silence after which a page gets a sign of life."""


@dataclass
class Wakes:
    """``stopping`` ends all streams: an open one would keep the server from ending."""

    store: Store
    stopping: asyncio.Event
    every_s: float = EVERY_S
    alive_s: float = ALIVE_S
    _ears: dict[str, set[asyncio.Event]] = field(default_factory=lambda: defaultdict(set))
    _looking: asyncio.Task[None] | None = None

    async def changes(self, chat: str) -> AsyncIterator[bool]:
        """True now and whenever something may be new, False as a sign of life; ends when the process does."""
        ear = asyncio.Event()
        ear.set()
        self._ears[chat].add(ear)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look_for_ever())
        try:
            while not self.stopping.is_set():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(ear.wait(), self.alive_s)
                new = ear.is_set()
                ear.clear()
                if not self.stopping.is_set():
                    yield new
        finally:
            self._ears[chat].discard(ear)
            if not self._ears[chat]:
                del self._ears[chat]

    def wake(self, chats: Collection[Address]) -> None:
        """Something was written about these."""
        for to in chats:
            if to.channel == mailbox.CHANNEL:
                self._ring(to.chat)

    def _ring(self, chat: str) -> None:
        for ear in self._ears.get(chat, ()):
            ear.set()

    async def _look_for_ever(self) -> None:
        """As long as somebody listens. An outage is waited out: pages show what they had."""
        seen: dict[str, tuple[int, ...]] = {}
        while self._ears and not self.stopping.is_set():
            try:
                found = await self.store.read(mailbox.signs, list(self._ears))
            except StoreError as error:
                log.warning("chat.outage", reason=str(error))
            else:
                for chat, sign in found.items():
                    if seen.get(chat) != sign:
                        self._ring(chat)
                seen = found
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.stopping.wait(), self.every_s)
        for chat in list(self._ears):
            self._ring(chat)
