"""Channels that are one process's alone: all of them on SQLite, and a terminal on every database (it is one screen)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlmodel import Session

from triagebot.errors import ChannelError, StoreUnavailable
from triagebot.flow.persevere import persevering
from triagebot.store import leases
from triagebot.store.clock import database_now
from triagebot.store.store import Store

log = structlog.get_logger()

TTL_S = 30.0
_RENEW_S = 10.0


@dataclass(frozen=True)
class Ownership:
    """``owners``: the (channel, bot) pairs; ``holder``: this process (store.holders)."""

    store: Store
    owners: Collection[tuple[str, str]]
    holder: str
    clock: Callable[[], datetime]

    @contextlib.asynccontextmanager
    async def held(self, *, outlasting: bool = False) -> AsyncIterator[None]:
        """ChannelError when another process has one of them; kept for as long as the block lasts. ``outlasting``: an outage
        of the database at the beginning is waited out; else it is told."""
        other = await (persevering("lease", self._take) if outlasting else self._take())
        if other:
            raise ChannelError(
                f"another triagebot ({other}) already runs {', '.join(sorted({channel for channel, _ in self.owners}))} "
                "on this database; stop it first, or use another --user or database"
            )
        renewing = asyncio.create_task(self._renew())
        try:
            yield
        finally:
            renewing.cancel()
            with contextlib.suppress(StoreUnavailable):
                await self.store.write(self._release)

    async def _take(self) -> str:
        return await self.store.write(self._acquire)

    def _acquire(self, session: Session) -> str:
        """ "" when all are ours now, else who has one."""
        now = database_now(session, self.clock())
        for name in self._names():
            if leases.acquire(session, name, self.holder, now, TTL_S) is None:
                return leases.holder_of(session, name)
        return ""

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(_RENEW_S)
            if await persevering("lease", self._take):
                log.error("lease.lost", holder=self.holder)

    def _release(self, session: Session) -> None:
        for name in self._names():
            leases.release(session, name, self.holder)

    def _names(self) -> list[str]:
        return [f"owner:{channel}:{bot}" for channel, bot in sorted(self.owners)]
