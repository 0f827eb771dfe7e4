"""The tick: sweep of due clocks, calls, assignment, follow-ups, reports, incidents, housekeeping. All state is in our tables;
a lost or doubled tick is nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlmodel import Session

from triagebot.desk import erase, promises, reports, snooze
from triagebot.desk.afterwards import followups
from triagebot.desk.incident import alerts, gathering
from triagebot.desk.office import Office
from triagebot.desk.schedules import Schedule
from triagebot.desk.team import assignment, on_call
from triagebot.desk.watching import due
from triagebot.errors import TriagebotError
from triagebot.flow.bell import Bell
from triagebot.flow.clock_watch import ClockWatch
from triagebot.flow.new_words import NewWords
from triagebot.flow.surges import Surges
from triagebot.store import leases
from triagebot.store.clock import database_now
from triagebot.store.store import Store

log = structlog.get_logger()

LEASE = "tick"
_BATCH = 200
_TERM_TICKS = 6
_SHORTEST_TERM_S = 10.0


@dataclass
class Tick:
    """``holder`` names this process in the lease; ``keep`` is how long words are kept; ``bells`` are rung afterwards.

    ``watch``: whether the clock can be believed; nothing is done while it cannot.
    ``schedules``: when reports are sent. ``surges``, ``words``: who looks for incidents, None for nobody.
    """

    store: Store
    office: Office
    holder: str
    clock: Callable[[], datetime]
    seconds: float
    keep: timedelta
    bells: Sequence[Bell] = ()
    watch: ClockWatch | None = None
    schedules: Sequence[Schedule] = ()
    surges: Surges | None = None
    words: NewWords | None = None

    def scheduler(self) -> AsyncIOScheduler:
        """Started by the caller. ``misfire_grace_time=None``: a late tick still runs; ``coalesce``: once."""
        scheduler = AsyncIOScheduler()
        scheduler.add_job(self.once, "interval", seconds=self.seconds, misfire_grace_time=None, coalesce=True,
                          max_instances=1, next_run_time=datetime.now().astimezone())  # fmt: skip
        return scheduler

    async def once(self) -> int:
        """One tick, if this process may; returns how many tickets, follow-ups and idle tickets were looked at."""
        try:
            done = await self._once()
        except TriagebotError as error:
            log.error("tick.failed", reason=str(error))
            done = 0
        except asyncio.CancelledError:
            done = 0  # the process is stopping; whatever was not done is still in the tables
        for bell in self.bells:
            bell.ring()
        return done

    async def _once(self) -> int:
        if self.watch is not None and not self.watch.believes(self.clock()):
            return 0
        term = await self.store.write(self._acquire)
        if term is None:
            return 0
        total = 0
        while True:
            found = await self.store.write(self._batch, term)
            total += sum(found)
            if not found or max(found) < _BATCH:
                break
        for looking in (self.surges, self.words):
            if found and looking is not None:
                await looking.look(term, partial(self._holds, term), self.clock())
        return total

    @property
    def _ttl_s(self) -> float:
        return max(_SHORTEST_TERM_S, self.seconds * _TERM_TICKS)

    def _acquire(self, session: Session) -> int | None:
        return leases.acquire(session, LEASE, self.holder, database_now(session, self.clock()), self._ttl_s)

    def _batch(self, session: Session, term: int) -> tuple[int, ...]:
        """() when another process ticks by now: this one was stopped, or too slow, and must not write."""
        if not self._holds(term, session):
            return ()
        now = self.clock()
        return (
            promises.sweep(session, self.office, now, _BATCH),
            on_call.run_due(session, self.office, now, _BATCH),
            assignment.catch_up(session, self.office, now, _BATCH),
            followups.run_due(session, self.office, now, _BATCH),
            due.run_due(session, self.office, now, _BATCH),
            snooze.wake_due(session, self.office, now, _BATCH),
            followups.close_idle(session, self.office, now, _BATCH),
            erase.purge(session, self.office, now, self.keep, _BATCH),
            reports.send_due(session, self.office, self.schedules, now),
            gathering.catch_up(session, self.office, now, _BATCH),
            alerts.run_due(session, self.office, now, _BATCH),
        )

    def _holds(self, term: int, session: Session) -> bool:
        if leases.extend(session, LEASE, self.holder, term, database_now(session, self.clock()), self._ttl_s):
            return True
        log.warning("lease.lost", lease=LEASE, term=term)
        return False
