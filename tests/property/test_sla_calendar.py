"""Business time on random calendars: algebra, and equality with an oracle that knows nothing but opening hours.

The calendars have night spans, holidays, make-up days, and zones whose clocks change in the days looked at.
"""

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import sla_oracle
from tests.sla_cases import STARTS, calendars
from triagebot.sla.calendar import Calendar

DAYS = 5


@st.composite
def places(draw: st.DrawFn) -> tuple[dict[str, Any] | str, datetime]:
    """A calendar, and a moment within days of which its holidays lie and some clocks change."""
    start = draw(st.sampled_from(STARTS))
    return draw(calendars(start)), start + timedelta(seconds=draw(st.integers(0, 2 * 86400)))


@given(places(), st.integers(0, 400 * 3600))
@settings(max_examples=100, deadline=None)
def test_adding_and_then_measuring_gives_the_same_back(place: tuple[Any, datetime], seconds: int) -> None:
    calendar, start = Calendar.from_spec(place[0]), place[1]
    assert calendar.between(start, calendar.add(start, seconds)) == seconds


@given(places(), st.integers(0, DAYS * 86400))
@settings(max_examples=100, deadline=None)
def test_measuring_and_then_adding_comes_back_to_the_same_moment_while_open(
    place: tuple[Any, datetime], later: int
) -> None:
    calendar, start = Calendar.from_spec(place[0]), place[1]
    end = start + timedelta(seconds=later)
    back = calendar.add(start, calendar.between(start, end))
    assert back <= end
    assert calendar.between(back, end) == 0
    if calendar.is_open(end - timedelta(microseconds=1)):
        assert back == end


@given(places(), st.integers(1, 10**6), st.integers(1, 10**6))
@settings(max_examples=100, deadline=None)
def test_adding_is_additive_and_monotone(place: tuple[Any, datetime], a: int, b: int) -> None:
    calendar, start = Calendar.from_spec(place[0]), place[1]
    assert calendar.add(calendar.add(start, a), b) == calendar.add(start, a + b)
    assert calendar.add(start, a) < calendar.add(start, a + b)
    assert calendar.add(start, a) <= calendar.add(start + timedelta(seconds=b), a)


@given(places(), st.lists(st.integers(0, DAYS * 86400), min_size=3, max_size=3).map(sorted))
@settings(max_examples=100, deadline=None)
def test_measuring_is_additive(place: tuple[Any, datetime], at: list[int]) -> None:
    calendar = Calendar.from_spec(place[0])
    a, b, c = (place[1] + timedelta(seconds=n) for n in at)
    assert calendar.between(a, b) + calendar.between(b, c) == calendar.between(a, c)
    assert calendar.between(c, a) == 0


@given(places(), st.integers(0, DAYS * 86400), st.integers(1, 8 * 3600))
@settings(max_examples=150, deadline=None)
def test_measuring_and_adding_equal_counting_every_second(
    place: tuple[Any, datetime], later: int, business_s: int
) -> None:
    calendar, start = Calendar.from_spec(place[0]), place[1]
    is_open = sla_oracle.opened(place[0], round(start.timestamp()), DAYS * 86400)
    assert calendar.between(start, start + timedelta(seconds=later)) == np.count_nonzero(is_open[:later])
    used = np.flatnonzero(is_open)
    if len(used) >= business_s:
        assert calendar.add(start, business_s) == start + timedelta(seconds=int(used[business_s - 1]) + 1)


@given(places(), st.integers(0, DAYS * 24 * 60))
@settings(max_examples=60, deadline=None)
def test_measuring_equals_looking_at_the_wall_clock_minute_by_minute(place: tuple[Any, datetime], minutes: int) -> None:
    """Where no clock is put forward or back: then a span is simply what the wall shows."""
    spec = place[0] if place[0] == "24x7" else {**place[0], "timezone": "Asia/Shanghai"}
    calendar, begin = Calendar.from_spec(spec), place[1].replace(second=0)
    counted = sum(_open_by_the_clock(calendar, begin + timedelta(minutes=n)) for n in range(minutes))
    assert calendar.between(begin, begin + timedelta(minutes=minutes)) == counted * 60


def _open_by_the_clock(calendar: Calendar, at: datetime) -> bool:
    local = at.astimezone(calendar.zone)
    minute, yesterday = local.hour * 60 + local.minute, local.date() - timedelta(days=1)
    today = any(a <= minute < b for a, b in calendar.hours_of(local.date()))
    return today or any(a <= minute + 1440 < b for a, b in calendar.hours_of(yesterday))


NIGHTS = st.lists(st.integers(0, 16), min_size=4, max_size=8, unique=True).map(sorted)


@given(NIGHTS, st.sampled_from([("Europe/Berlin", 3, 29), ("Europe/Berlin", 10, 25), ("America/New_York", 3, 8),
                                ("America/New_York", 11, 1), ("Australia/Lord_Howe", 4, 5), ("Australia/Lord_Howe", 10, 4),
                                ("America/Santiago", 9, 6)]))  # fmt: skip
@settings(max_examples=150, deadline=None)
def test_spans_in_the_very_hours_in_which_the_clocks_change(marks: list[int], where: tuple[str, int, int]) -> None:
    zone, month, day = where
    times = [f"{n // 4:02d}:{n % 4 * 15:02d}" for n in marks]
    spans = [f"{a}-{b}" for a, b in zip(times[0::2], times[1::2], strict=False)]
    spec = {"timezone": zone, "week": dict.fromkeys(("sat", "sun", "mon"), spans)}
    start = datetime.fromisoformat(f"2026-{month:02d}-{day:02d}T00:00:00+00:00") - timedelta(days=1)
    is_open = sla_oracle.opened(spec, round(start.timestamp()), 3 * 86400)
    calendar = Calendar.from_spec(spec)
    for hours in range(0, 72, 3):
        assert calendar.between(start, start + timedelta(hours=hours)) == np.count_nonzero(is_open[: hours * 3600])


@pytest.mark.parametrize(
    ("zone", "day", "spans", "hours"),
    [
        ("Europe/Berlin", "2026-03-29", ["02:15-02:45", "03:00-04:00"], 1.0),  # 02:15 is 03:15 there: inside the second
        ("Europe/Berlin", "2026-03-29", ["02:30-03:15"], 0.0),  # it would end before it begins
        ("Europe/Berlin", "2026-10-25", ["02:00-03:00"], 2.0),  # the hour exists twice
        ("Pacific/Apia", "2011-12-30", ["09:00-17:00"], 8.0),  # the whole day was skipped: it falls on the next one
    ],
)
def test_hours_that_do_not_exist_or_exist_twice(zone: str, day: str, spans: list[str], hours: float) -> None:
    week = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), spans)
    days = [(datetime.fromisoformat(day) + timedelta(days=n)).date().isoformat() for n in (-2, -1, 1, 2)]
    calendar = Calendar.from_spec({"timezone": zone, "week": week, "holidays": days})
    noon = datetime.fromisoformat(f"{day}T12:00:00+00:00")
    assert calendar.between(noon - timedelta(days=1), noon + timedelta(days=1)) == hours * 3600
