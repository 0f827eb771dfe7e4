"""What adding to business time costs, near and far: the promise is 5 microseconds a call, whatever the distance."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import perf_counter

import yaml

from triagebot.resources import bundled
from triagebot.sla.calendar import Calendar

_CALLS, _ROUNDS = 5_000, 9
_WORKDAY_S = 8 * 3600
DISTANCES = {"1_hour": 3600, "1_year": 250 * _WORKDAY_S, "20_years": 20 * 250 * _WORKDAY_S}
MOST_US = 5.0


def run() -> dict[str, float | bool]:
    """Microseconds a call, the median of several rounds over starts spread through a year; ratios to one hour."""
    file = bundled("rules") / "calendars" / "cn-business.yaml"
    calendar = Calendar.from_spec(yaml.safe_load(file.read_text(encoding="utf-8")))
    first = datetime(2026, 1, 1, tzinfo=UTC)
    starts = [first + timedelta(seconds=n * 6173) for n in range(_CALLS)]
    cold = perf_counter()
    calendar.add(first, DISTANCES["20_years"])
    cold = perf_counter() - cold
    add = {name: _typical(lambda at, s=s: calendar.add(at, s), starts) for name, s in DISTANCES.items()}
    ends = {name: calendar.add(first, s) for name, s in DISTANCES.items()}
    between = {name: _typical(lambda at, end=end: calendar.between(first, end), starts) for name, end in ends.items()}
    return {
        "add_20_years_to_1_hour": round(add["20_years"] / add["1_hour"], 2),
        "add_1_year_to_1_hour": round(add["1_year"] / add["1_hour"], 2),
        "between_20_years_to_1_hour": round(between["20_years"] / between["1_hour"], 2),
        **{f"add_{name}_us": round(us, 2) for name, us in add.items()},
        **{f"between_{name}_us": round(us, 2) for name, us in between.items()},
        "first_use_20_years_ms": round(cold * 1e3, 1),
        "within_5_us": max(add.values()) <= MOST_US,
    }


def _typical(call: Callable[[datetime], object], starts: list[datetime]) -> float:
    """Median of the rounds, without what the loop and the function around the call cost."""

    def once(function: Callable[[datetime], object]) -> float:
        begin = perf_counter()
        for at in starts:
            function(at)
        return (perf_counter() - begin) / len(starts) * 1e6

    empty = statistics.median(once(lambda at: None) for _ in range(_ROUNDS))
    return statistics.median(once(call) for _ in range(_ROUNDS)) - empty
