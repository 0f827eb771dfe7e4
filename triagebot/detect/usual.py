"""How often something is said when nothing is the matter, and how unlikely so many people are by that. Pure."""

from __future__ import annotations

from collections import deque
from math import exp

from scipy.special import betainc

LONGEST_S = 86400.0
"""What was said in so many seconds is compared with what was usual before."""
_STEP_S = 600.0
_MEMORY_S = 28 * 86400.0
"""What is so long ago counts a third."""
_PRIOR, _PRIOR_S = 0.5, 12 * 3600.0
"""What is thought of something that nobody has said yet: so often in so many seconds, and so uncertain."""
_PRIOR_SHARE = 10.0
"""It is one message among so many."""
_STEADIEST = 10.0
"""However well it is known, people come less evenly than chance would have it."""


class Usual:
    """One thing that is said. ``since``: when it would have been noticed first; ``at``: when it was said last (both seconds
    since 1970). ``before``: how often it was said more than ``LONGEST_S`` before that, the longer ago the less: only that
    says what is usual."""

    def __init__(self, since: float) -> None:
        self.at = since
        self.before = 0.0
        self.since = since
        self._lately: deque[tuple[float, int]] = deque()

    def add(self, now: float) -> None:
        """It is said once more."""
        self._go_on(now)
        step = now - now % _STEP_S
        count = self._lately.pop()[1] if self._lately and self._lately[-1][0] == step else 0
        self._lately.append((step, count + 1))

    def take_in(self, other: Usual) -> None:
        """``other`` has turned out to be the same thing."""
        self._go_on(other.at)
        other._go_on(self.at)
        self.before += other.before
        counts = dict(self._lately)
        for step, count in other._lately:
            counts[step] = counts.get(step, 0) + count
        self._lately = deque(sorted(counts.items()))

    def within(self, window_s: float) -> int:
        """How often it was said in so many seconds, at most ``LONGEST_S``, up to the last time."""
        return sum(count for step, count in self._lately if step > self.at - window_s - _STEP_S)

    def left(self, now: float) -> float:
        """How much of it there is to remember."""
        return (self.before + self.within(LONGEST_S)) * exp(min(0.0, self.at - now) / _MEMORY_S)

    def expected(self, window_s: float, everything: Usual, share: float = 0.0) -> float:
        """How often it would be said in so many seconds: by the clock, or by its share in ``everything`` that was said in them
        beside it, whichever is more. Days and weeks have their tides, and everything rises with them. ``share``: a share that
        is known otherwise, if it is more."""
        noticed = max(0.0, self.at - LONGEST_S - self.since)
        seconds = _PRIOR_S + _MEMORY_S * (1 - exp(-noticed / _MEMORY_S))
        share = max(share, (_PRIOR + self.before) / (_PRIOR_SHARE + everything.before))
        others = max(0, everything.within(window_s) - self.within(window_s))
        return max((_PRIOR + self.before) / seconds * window_s, share * others)

    def chance(self, people: int, expected: float) -> float:
        """Of so many people or more where ``expected`` would be usual: the rate is only known as well as ``before`` says, which
        makes the counts negative binomial."""
        steady = min(_PRIOR + self.before, _STEADIEST)
        return float(betainc(people, steady, expected / (steady + expected)))

    def _go_on(self, now: float) -> None:
        if now <= self.at:
            return
        self.before *= exp((self.at - now) / _MEMORY_S)
        self.at = now
        while self._lately and self._lately[0][0] <= now - LONGEST_S - _STEP_S:
            self.before += self._lately.popleft()[1]
