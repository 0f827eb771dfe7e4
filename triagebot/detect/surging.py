"""A surge while it lasts: whether it goes on, when it was over, and when it has become what is usual."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from triagebot.detect.onset import still

STILL_BINS = 6
"""Bins that say whether a surge goes on."""
LEAST_USUAL = 1e-6
_ADOPT_LEAST_H, _ADOPT_MOST_H = 6, 48
"""A surge becomes the new level after two days, or after as long as the series was known before."""
_FADE = 0.9


@dataclass(slots=True)
class Surging:
    """``since``: the first bin; ``high``: the last bin by which it went on; ``ratio``: people to usual at its highest;
    ``hours`` gone since; ``people`` and ``usual`` of these hours, fading."""

    since: int
    high: int
    ratio: float
    hours: int = 0
    people: float = 0.0
    usual: float = 0.0

    def goes_on(self, bin_: int, counts: Sequence[int], means: Sequence[float]) -> None:
        """Notes whether it goes on in ``bin_``, by the counts and usual means of the last STILL_BINS."""
        people, usual = sum(counts), sum(means)
        self.ratio = max(self.ratio, people / max(usual, LEAST_USUAL))
        if still(people, usual, self.ratio):
            self.high = bin_

    def quiet_since(self) -> int:
        """The bin from which on it was over, in the future while it goes on. When the bins that said that it goes on say so
        for the last time, half of them are already quiet."""
        return max(self.since + 1, self.high + 1 - STILL_BINS // 2)

    def endure(self, people: int, usual: float, known_h: int) -> float | None:
        """It has lasted for one more hour; ``known_h``: hours that were learned before. Returns by how much more has become
        usual, None as long as it is a surge."""
        self.hours += 1
        self.people = self.people * _FADE + people
        self.usual = self.usual * _FADE + usual
        if self.hours < min(_ADOPT_MOST_H, max(_ADOPT_LEAST_H, known_h)):
            return None
        times = self.people / max(self.usual, LEAST_USUAL)
        self.hours, self.people, self.usual = 0, 0.0, 0.0
        return times
