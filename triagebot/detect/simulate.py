"""A simulated year: what the detector notices of planted incidents, how soon, and how often it is wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from triagebot.detect.detector import Detector
from triagebot.detect.series import Surge
from triagebot.detect.world import DAY_S, START, Planted, World, reports, world

_AFTER_S = 2 * 3600
"""A surge so soon after a planted incident is its echo, not a false alarm."""
_TICK_S = 300


@dataclass(frozen=True, slots=True)
class Row:
    """Of the planted incidents of one sort: how many were noticed before they ended, and the median delay in minutes (None
    where none was noticed)."""

    sort: str
    planted: int
    noticed: int
    delay_min: float | None


@dataclass(frozen=True, slots=True)
class Figures:
    """``false_alarms``: surges that no planted incident explains, ``false_alarms_in_30_days``: the same for 30 days;
    ``echoes``: further surges of an incident; ``since_off_min``: the median error of the estimated beginning."""

    seed: int
    days: int
    messages: int
    rows: tuple[Row, ...]
    false_alarms: int
    false_alarms_in_30_days: float
    echoes: int
    since_off_min: float | None


SORTS: dict[str, Callable[[Planted], bool]] = {
    "x4 or more, usually 30 an hour or more": lambda one: one.factor >= 4 and one.usual >= 30,
    "x4 or more, 30 an hour or more in the incident": lambda one: one.factor >= 4 and one.usual * one.factor >= 30,
    "below x4, usually 30 an hour or more": lambda one: one.factor < 4 and one.usual >= 30,
    "fewer than 30 an hour in the incident": lambda one: one.usual * one.factor < 30,
    "all": lambda one: True,
}


def run(
    seed: int, days: int = 365, *, incidents: int | None = None, false_alarms: float = 1.0, learn_days: int = 1
) -> Figures:
    """``incidents``: so many are planted after two weeks, 60 a year unless told; ``learn_days``: at the beginning nothing is
    noticed, only learned (a log that is read from its beginning)."""
    made = world(seed, days, incidents)
    detector = Detector(false_alarms=false_alarms, learn_until=START + learn_days * DAY_S)
    surges: list[Surge] = []
    messages, tick = 0, float(START)
    for report in reports(made):
        while tick <= report.at:
            detector.advance(tick)
            tick += _TICK_S
        messages += 1
        surges += detector.see(report)
    return judge(made, surges, messages)


def judge(made: World, surges: Sequence[Surge], messages: int) -> Figures:
    """Which surges are planted incidents, which are false."""
    first: dict[Planted, Surge] = {}
    false = echoes = 0
    for surge in surges:
        own = [
            one for one in made.planted if one.series == surge.series and one.begin <= surge.at <= one.end + _AFTER_S
        ]
        if not own:
            false += 1
        elif own[0] in first or surge.at > own[0].end:
            echoes += 1
        else:
            first[own[0]] = surge
    return Figures(
        seed=made.seed,
        days=made.days,
        messages=messages,
        rows=tuple(_row(sort, [one for one in made.planted if fits(one)], first) for sort, fits in SORTS.items()),
        false_alarms=false,
        false_alarms_in_30_days=round(false * 30 / made.days, 2),
        echoes=echoes,
        since_off_min=_median([(surge.since - one.begin) / 60 for one, surge in first.items()]),
    )


def _row(sort: str, planted: Sequence[Planted], first: dict[Planted, Surge]) -> Row:
    delays = [(first[one].at - one.begin) / 60 for one in planted if one in first]
    return Row(sort, len(planted), len(delays), _median(delays))


def _median(values: Sequence[float]) -> float | None:
    return round(median(values), 1) if values else None
