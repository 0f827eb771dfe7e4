"""How a process takes up what waits in the inbox, and lets go of it again.

Alone on its database (SQLite) it only reads, and marks nothing. On a shared one it marks conversations as its own for
``CLAIM_S``: longer than a batch takes, short enough for people to wait when the process dies on another machine.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from sqlmodel import Session

from triagebot.store import inbox
from triagebot.store.clock import database_now
from triagebot.store.inbox import Claim, Work
from triagebot.store.store import Store

CLAIM_S = 30.0
_CONVERSATIONS = 32
_T = TypeVar("_T")


@dataclass(frozen=True)
class Claims:
    """``holder``: this process (store.holders); ``owners``: the (channel, bot) pairs whose messages it handles."""

    store: Store
    owners: Collection[tuple[str, str]]
    holder: str

    @property
    def mark(self) -> str:
        """The name that is on what this process has taken up."""
        return self.holder if self.store.shared else ""

    async def take_up(self, see: Callable[[Session, Sequence[Work]], list[_T]], now: datetime) -> list[_T]:
        """What may be handled now, by conversation and in order, as ``see`` sees it (one read); [] when nothing waits."""
        if not self.store.shared:
            return await self.store.read(self._read, see, now)
        if not await self.store.read(self._any, now):
            return []
        return await self.store.read(see, await self.store.write(self._take, now))

    def _read(self, session: Session, see: Callable[[Session, Sequence[Work]], list[_T]], now: datetime) -> list[_T]:
        return see(session, inbox.claim(session, self.owners, now, _CONVERSATIONS))

    def _any(self, session: Session, now: datetime) -> bool:
        return inbox.any_free(session, self.owners, now, self.holder, database_now(session, now))

    def _take(self, session: Session, now: datetime) -> list[Work]:
        at = database_now(session, now)
        claim = Claim(self.holder, at, at + timedelta(seconds=CLAIM_S))
        return inbox.take(session, self.owners, now, _CONVERSATIONS, claim)

    def let_go(self, session: Session, works: Sequence[Work]) -> None:
        """Others may have what was taken up and cannot be handled now."""
        if self.store.shared:
            inbox.let_go(session, [work.id for work in works], self.holder)
