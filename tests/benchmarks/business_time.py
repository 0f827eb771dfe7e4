"""What adding to business time costs, near and far: the promise is 5 microseconds a call, whatever the distance."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from time import process_time

import yaml

from triagebot.resources import bundled
from triagebot.sla.calendar import Calendar

_CALLS, _ROUNDS = 5_000, 15
_WORKDAY_S = 8 * 3600
DISTANCES = {"1_hour": 3600, "1_year": 250 * _WORKDAY_S, "20_years": 20 * 250 * _WORKDAY_S}
MOST_US = 5.0


def run() -> dict[str, float | bool]:
    """Microseconds of processor time a call, over starts spread through a year; ratios to one hour."""
    file = bundled("rules") / "calendars" / "cn-business.yaml"
    calendar = Calendar.from_spec(yaml.safe_load(file.read_text(encoding="utf-8")))
    first = datetime(2026, 1, 1, tzinfo=UTC)
    starts = [first + timedelta(seconds=n * 6173) for n in range(_CALLS)]
    begin = process_time()
    calendar.add(first, DISTANCES["20_years"])
    cold = process_time() - begin
    ends = {name: calendar.add(first, s) for name, s in DISTANCES.items()}
    sides: dict[str, Callable[[datetime], object]] = {
        "nothing": lambda at: None,
        "bare": lambda at: at + timedelta(seconds=3600),
        **{f"add_{name}": lambda at, s=s: calendar.add(at, s) for name, s in DISTANCES.items()},  # type: ignore[misc]
        **{f"between_{name}": lambda at, end=end: calendar.between(first, end) for name, end in ends.items()},  # type: ignore[misc]
    }
    us = _least(sides, starts)
    return {
        "add_20_years_to_1_hour": round(us["add_20_years"] / us["add_1_hour"], 2),
        "add_1_year_to_1_hour": round(us["add_1_year"] / us["add_1_hour"], 2),
        "between_20_years_to_1_hour": round(us["between_20_years"] / us["between_1_hour"], 2),
        "add_20_years_to_bare_datetime_addition": round(us["add_20_years"] / us["bare"], 1),
        **{f"{name}_us": round(value, 2) for name, value in us.items() if name.startswith(("add", "between"))},
        "first_use_20_years_ms": round(cold * 1e3, 1),
        "within_5_us": max(us[f"add_{name}"] for name in DISTANCES) <= MOST_US,
    }


def _least(sides: Mapping[str, Callable[[datetime], object]], starts: list[datetime]) -> dict[str, float]:
    """The least disturbed of alternating rounds, without what the loop and the function around the call cost."""
    rounds: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(_ROUNDS):
        for name, call in sides.items():
            begin = process_time()
            for at in starts:
                call(at)
            rounds[name].append((process_time() - begin) / len(starts) * 1e6)
    empty = min(rounds["nothing"])
    return {name: min(values) - empty for name, values in rounds.items() if name != "nothing"}
