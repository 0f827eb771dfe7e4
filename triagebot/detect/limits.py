"""What a supervisor sets for a series."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What holds for a series. ``least_people``: so many different people at least; ``factor``: by which the series may alarm
    more often (above 1) or less often than its share of ``Detector.false_alarms``; ``off``: never."""

    least_people: int = 5
    factor: float = 1.0
    off: bool = False
