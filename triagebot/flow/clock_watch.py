"""Whether the system's clock can be believed: it is held against one that only ever counts up.

A wall clock that jumps a day ahead would break every promise at once. The tick then waits until the jump is taken back,
or has stood for ten minutes: a clock that was wrong and was put right stays where it is. A jump back harms nobody.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import structlog

log = structlog.get_logger()

_TOLERANCE_S = 60.0
"""Slewing, a slow machine and a late tick stay far below it; no promise is shorter than a minute or two."""
_PATIENCE_S = 600.0


def steady() -> float:
    """Seconds that go on while the machine sleeps, where the system has such a clock, and that nobody can set."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


@dataclass
class ClockWatch:
    """``steady``: seconds, from any beginning."""

    steady: Callable[[], float] = steady
    _offset: float | None = field(default=None, init=False)
    _new: tuple[float, float] | None = field(default=None, init=False)
    """An offset that differs, and since when."""

    def believes(self, now: datetime) -> bool:
        """False while the clock is ahead of where it should be, and has not been there for long."""
        at = self.steady()
        offset = now.timestamp() - at
        if self._offset is None or abs(offset - self._offset) <= _TOLERANCE_S:
            self._offset, self._new = offset, None
            return True
        if self._new is None or abs(offset - self._new[0]) > _TOLERANCE_S:
            self._new = (offset, at)
            log.warning("clock.jumped", seconds=round(offset - self._offset))
        if at - self._new[1] >= _PATIENCE_S:
            self._offset, self._new = offset, None
            log.warning("clock.accepted")
            return True
        return offset < self._offset
