"""New wordings looked for in the log as it grows. What is usual is not kept: a start reads the last weeks again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlmodel import Session

from triagebot.desk.incident import new_words
from triagebot.desk.office import Office
from triagebot.detect.sayings import Rising, Saying
from triagebot.rulebook.schema import RuleBook
from triagebot.store.store import Store

if TYPE_CHECKING:
    from triagebot.detect.clusters import Groups

_READ_BACK = timedelta(days=28)
_MOST_BACK = 5000
_MOST = 1000
"""Messages in one tick."""
_BACK_IDS = 1000
"""So far back rows may still appear: on PostgreSQL ids are given out before they are committed."""
_FRESH = timedelta(hours=1)
"""What rose earlier than this before a start was found, or is over."""


@dataclass
class _Standing:
    """What is known in one term of the lease. ``position``: the last event that was read; ``seen``: those shortly before.
    ``risen``: not written yet, the last of each group. ``groups`` cost half a second: there are none before enough was said,
    and ``waiting`` is fed to them then."""

    term: int
    groups: Groups | None = None
    position: int = 0
    seen: set[int] = field(default_factory=set)
    waiting: list[Saying] = field(default_factory=list)
    risen: list[Rising] = field(default_factory=list)

    def hear(self, rows: Sequence[tuple[int, Saying]]) -> None:
        self.waiting += [saying for number, saying in rows if number not in self.seen]
        numbers = [number for number, _ in rows]
        self.position = max(self.position, *numbers, 0)
        self.seen = {number for number in (*self.seen, *numbers) if number > self.position - _BACK_IDS}

    def gather(self, book: RuleBook, since: float) -> None:
        """What waits is fed to the groups; ``since``: what rose before is over."""
        if self.groups is None:
            self.groups = new_words.groups_of(book)
        for saying in self.waiting:
            rising = self.groups.see(saying)
            if rising is not None and rising.at >= since:
                tickets = {*rising.tickets}
                self.risen = [each for each in self.risen if not tickets & {*each.tickets}] + [rising]
        self.waiting = []


@dataclass
class NewWords:
    """``look`` is called by the tick, in a term of its lease."""

    store: Store
    office: Office
    _standing: _Standing | None = field(default=None, init=False)

    async def look(self, term: int, holds: Callable[[Session], bool], now: datetime) -> None:
        """Read on, and settle what was found. ``holds``: whether the lease is still ours, asked where something is written."""
        standing = self._standing
        if standing is None or standing.term != term:
            standing = self._standing = _Standing(term)
            standing.hear(await self.store.read(new_words.heard_lately, now - _READ_BACK, _MOST_BACK))
        after = max(0, standing.position - _BACK_IDS)
        standing.hear(await self.store.read(new_words.heard, after, now - _READ_BACK, _MOST + len(standing.seen)))
        if len(standing.waiting) >= (self.office.book.incidents.least_people if standing.groups is None else 1):
            await asyncio.to_thread(standing.gather, self.office.book, (now - _FRESH).timestamp())
        if standing.risen:
            written = await self.store.write(self._settle, holds, standing.risen, now)
            standing.risen = [] if written else standing.risen

    def _settle(self, session: Session, holds: Callable[[Session], bool], risen: list[Rising], now: datetime) -> bool:
        """False when the lease was lost: whoever has it now finds the same."""
        if not holds(session):
            return False
        new_words.settle(session, self.office, risen, now)
        return True
