"""Work that only one of several processes may do at a time: one does it, the others stand by."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlmodel import Session

from triagebot.errors import StoreUnavailable
from triagebot.store import leases
from triagebot.store.clock import database_now
from triagebot.store.store import Store

log = structlog.get_logger()

TTL_S = 10.0
_BEATS = 4
"""So often within its time a lease is extended, or asked for by those who stand by."""


@dataclass(frozen=True)
class Held:
    """A lease in the term in which it is ours. ``sure_s``: wall seconds for which nobody else can have it after ``lasts``."""

    name: str
    holder: str
    term: int
    sure_s: float
    clock: Callable[[], datetime]

    def lasts(self, session: Session) -> bool:
        until = database_now(session, self.clock()) + timedelta(seconds=self.sure_s)
        return leases.lasts(session, self.name, self.holder, self.term, until)


@dataclass(frozen=True)
class Standby:
    """``holder``: this process (store.holders); ``ttl_s``: wall seconds after which a silent one has lost its lease."""

    store: Store
    holder: str
    clock: Callable[[], datetime]
    ttl_s: float = TTL_S

    async def alone(self, name: str, work: Callable[[Held], Awaitable[None]]) -> None:
        """Do ``work`` for as long as the lease ``name`` is ours, and wait for it otherwise; ends when ``work`` does.

        A process that was stopped for longer than its lease notices at its next beat, not at once: what ``work`` does
        in between must be harmless (taking messages in is: the inbox knows each by its id), or ask ``Held.lasts`` first.
        So it goes on, too, while the database cannot be asked: StoreUnavailable only comes from taking the lease and ``work``.
        """
        while True:
            term = await self.store.write(self._acquire, name)
            if term is None:
                await asyncio.sleep(self.ttl_s / _BEATS)
                continue
            log.info("lease.held", lease=name, term=term)
            working = asyncio.ensure_future(work(Held(name, self.holder, term, self.ttl_s / 2, self.clock)))
            try:
                while not working.done() and await self._still_ours(name, term):
                    await asyncio.wait([working], timeout=self.ttl_s / _BEATS)
                if working.done():
                    return working.result()
                log.warning("lease.lost", lease=name, term=term)
            finally:
                working.cancel()
                await asyncio.gather(working, return_exceptions=True)
                with contextlib.suppress(StoreUnavailable):
                    await self.store.write(leases.release, name, self.holder)

    async def _still_ours(self, name: str, term: int) -> bool:
        try:
            return await self.store.write(self._extend, name, term)
        except StoreUnavailable as error:
            log.warning("lease.not_asked", lease=name, reason=str(error))
            return True

    def _acquire(self, session: Session, name: str) -> int | None:
        return leases.acquire(session, name, self.holder, database_now(session, self.clock()), self.ttl_s)

    def _extend(self, session: Session, name: str, term: int) -> bool:
        return leases.extend(session, name, self.holder, term, database_now(session, self.clock()), self.ttl_s)
