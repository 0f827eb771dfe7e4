"""Open pages hear that tickets changed: the process looks at the log once a second, for all of them together."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import structlog
from sqlalchemy import bindparam, func, select
from sqlmodel import Session

from triagebot.errors import StoreError
from triagebot.store.statements import run, table_of
from triagebot.store.store import Store
from triagebot.store.tables import Event

log = structlog.get_logger()

EVERY_S = 1.0
"""Wall seconds between two looks, and the least between two messages to one page."""
ALIVE_S = 10.0
"""Wall seconds of silence after which a page gets a sign of life, so that a line that is cut is noticed."""
_EVENT = table_of(Event)
_LAST = select(func.max(_EVENT.c.id))
_BEHIND = 300
"""Numbers below the last one that are looked at again: on PostgreSQL one that was given out earlier may be committed later."""
_SINCE = select(_EVENT.c.id, _EVENT.c.ticket_id).where(_EVENT.c.id > bindparam("since"))


@dataclass(eq=False)
class _Ear:
    """One page. ``tickets``: what changed and was not told yet."""

    tickets: set[int] = field(default_factory=set)
    rung: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass
class Live:
    """``stopping`` ends all streams: an open one would keep the server from ending."""

    store: Store
    stopping: asyncio.Event
    every_s: float = EVERY_S
    alive_s: float = ALIVE_S
    _ears: set[_Ear] = field(default_factory=set)
    _looking: asyncio.Task[None] | None = None

    async def changes(self) -> AsyncIterator[frozenset[int]]:
        """Sets of ticket numbers as they change, empty ones as signs of life; ends when the process does."""
        ear = _Ear()
        self._ears.add(ear)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look_for_ever())
        try:
            while not self.stopping.is_set():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._either(ear), self.alive_s)
                ear.rung.clear()
                told, ear.tickets = frozenset(ear.tickets), set()
                yield told
                await asyncio.sleep(self.every_s)
        finally:
            self._ears.discard(ear)

    async def _either(self, ear: _Ear) -> None:
        waits = [asyncio.ensure_future(ear.rung.wait()), asyncio.ensure_future(self.stopping.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def _look_for_ever(self) -> None:
        """As long as somebody listens. An outage is waited out: pages show what they had."""
        seen: dict[int, int] | None = None
        while self._ears and not self.stopping.is_set():
            try:
                lately = await self.store.read(_lately, max(seen) if seen else None)
            except StoreError as error:
                log.warning("live.outage", reason=str(error))
            else:
                self._tell({ticket for number, ticket in lately.items() if seen is not None and number not in seen})
                seen = lately
            await asyncio.sleep(self.every_s)

    def _tell(self, tickets: set[int]) -> None:
        for ear in self._ears if tickets else ():
            ear.tickets |= tickets
            ear.rung.set()


def _lately(session: Session, last: int | None) -> dict[int, int]:
    """The newest events, ``_BEHIND`` of them and all since ``last``: number and ticket."""
    newest = run(session, _LAST).scalar_one() or 0
    since = (newest if last is None else min(last, newest)) - _BEHIND
    return {row.id: row.ticket_id for row in run(session, _SINCE, {"since": since})}
