"""One person counts once in a series within an hour, however often they say it and however often the log is read."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

ONCE_IN_S = 3600.0
"""Wall seconds in which a person counts once, and by which a report may come late and still be counted."""


@dataclass(slots=True)
class Recent:
    """Who was counted of late. ``counted``: person -> when (seconds since 1970); ``order``: the same, oldest first."""

    counted: dict[int, float] = field(default_factory=dict)
    order: deque[tuple[float, int]] = field(default_factory=deque)

    def is_new(self, person: int, at: float, now: float) -> bool:
        """Whether ``person`` counts ``at`` that time, and remembers that they did. ``now``: the latest time known."""
        if at <= now - ONCE_IN_S:
            return False
        # Twice as long as a person counts once: what was not counted then must not be when it is read again.
        while self.order and self.order[0][0] <= now - 2 * ONCE_IN_S:
            before, who = self.order.popleft()
            if self.counted.get(who) == before:
                del self.counted[who]
        before_ = self.counted.get(person)
        if before_ is not None and abs(at - before_) < ONCE_IN_S:
            return False
        self.counted[person] = at
        self.order.append((at, person))
        return True
