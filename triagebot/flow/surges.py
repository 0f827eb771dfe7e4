"""The detector at work: reads the log as it grows, and what it finds becomes incidents. It is the ticking process's alone.

The detector changes as it reads, and transactions may be run twice: so the log is read, the detector is fed, and only then
what was found is written, together with what was learned. What could not be written is kept for the next tick; what a
process takes to its grave, the next one finds again in the log.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlmodel import Session

from triagebot.desk.incident import raising, reports, surging
from triagebot.desk.incident.limits import detector_of
from triagebot.desk.incident.reports import Numbered
from triagebot.desk.incident.surging import Surging
from triagebot.desk.office import Office
from triagebot.detect.detector import Detector
from triagebot.detect.series import BIN_S, Calm, Series, Surge
from triagebot.store.store import Store

log = structlog.get_logger()

_MOST = 5000
"""Reports in one tick: the sweep must not wait for a month of them."""
_BACK_IDS = 1000
"""So far back rows may still appear: on PostgreSQL ids are given out before they are committed."""
_AGAIN = timedelta(hours=1)
_LEARN_FROM = timedelta(days=28)
"""What a first start reads of a log that was there before."""


@dataclass
class _Standing:
    """What is known in one term of the lease. ``position``: the last event that was read; ``seen``: those shortly before.

    ``found``: not written yet; ``learned`` likewise. ``state``: which surges last, as last written.
    ``lost``: keys of series about which nothing can be remembered."""

    term: int
    detector: Detector
    position: int
    state: Surging
    lost: list[str]
    seen: set[int] = field(default_factory=set)
    bin: int = 0
    found: list[Surge | Calm] = field(default_factory=list)
    learned: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def feed(self, rows: Sequence[Numbered]) -> None:
        for number, report in rows:
            if number not in self.seen:
                self.go_on(report.at)
                self.found += self.detector.see(report)

    def go_on(self, at: float) -> None:
        """What the detector learned is kept when a bin closes."""
        bin_ = int(at // BIN_S)
        if bin_ > self.bin:
            self.bin = bin_
            self.found += self.detector.advance(at)
            self.learned |= dict(self.detector.learned())

    def end(self, series: Series, at: float) -> None:
        """Its incident is over: what comes now may be a surge of its own, else it would go on unseen until it is calm."""
        self.detector.end(series)
        self.found.append(Calm(series, at, at))

    def has_read(self, numbers: Sequence[int]) -> None:
        self.position = max(self.position, *numbers)
        self.seen = {number for number in (*self.seen, *numbers) if number > self.position - _BACK_IDS}


@dataclass
class Surges:
    """``look`` is called by the tick, in a term of its lease."""

    store: Store
    office: Office
    _standing: _Standing | None = field(default=None, init=False)

    async def look(self, term: int, holds: Callable[[Session], bool], now: datetime) -> None:
        """Read on, and settle what was found. ``holds``: whether the lease is still ours, asked where something is written."""
        standing = self._standing
        if standing is None or standing.term != term:
            standing = self._standing = await self.store.read(self._stand, term, now)
        if not await self._read_on(standing):
            return
        standing.go_on(now.timestamp())
        if standing.state.lasting and not standing.found:
            for series in await self.store.read(raising.ended, self.office, standing.state):
                standing.end(series, now.timestamp())
        if not (standing.found or standing.learned or standing.state.untold or standing.lost):
            return
        standing.learned |= dict(standing.detector.learned())
        state = await self.store.write(self._settle, holds, standing, now)
        if state is None:
            self._standing = None
            return
        standing.found, standing.learned, standing.state, standing.lost = [], {}, state, []

    def _stand(self, session: Session, term: int, now: datetime) -> _Standing:
        """Where the process before left off. The last hour is read again: it is not in what was kept."""
        state, detector, lost = surging.load(session), detector_of(self.office.book.incidents), []
        for key, values in surging.learned(session).items():
            try:
                detector.remember(key, values)
            except ValueError as error:
                log.warning("surges.not_remembered", series=key, reason=str(error))
                lost.append(key)
        first = reports.first_id(session, now - (_AGAIN if state.event else _LEARN_FROM))
        position = state.event if first is None else first - 1 if not state.event else min(first - 1, state.event)
        return _Standing(term, detector, position, state, lost)

    async def _read_on(self, standing: _Standing) -> bool:
        """False while there is more to read than one tick may."""
        after = max(0, standing.position - _BACK_IDS) if standing.seen else standing.position
        ids = await self.store.read(reports.ids_after, after, _MOST)
        new = [number for number in ids if number not in standing.seen]
        if new:
            rows = await self.store.read(reports.after, new[0] - 1, _MOST)
            standing.feed(rows)
            standing.has_read([*ids, *(number for number, _ in rows)])
        return len(ids) < _MOST

    def _settle(
        self, session: Session, holds: Callable[[Session], bool], standing: _Standing, now: datetime
    ) -> Surging | None:
        """None when the lease was lost: whoever has it now finds the same."""
        if not holds(session):
            return None
        surging.forget(session, standing.lost, now)
        return raising.settle(session, self.office, standing.found, standing.position, standing.learned, now)
