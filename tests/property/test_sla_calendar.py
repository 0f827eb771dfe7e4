"""Business time on random calendars: algebra, and equality with a stepper that knows nothing but opening hours."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from triagebot.sla.calendar import Calendar
from triagebot.sla.hours import WEEKDAYS

ZONES = ("UTC", "Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe")
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)).map(
    lambda m: m.replace(microsecond=0)
)


def _text(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


@st.composite
def specs(draw: st.DrawFn) -> dict[str, Any]:
    week = {}
    for day in draw(st.sets(st.sampled_from(WEEKDAYS), min_size=1)):
        marks = sorted(draw(st.sets(st.integers(0, 1440 // 15), min_size=2, max_size=4)))
        pairs = zip(marks[0::2], marks[1::2], strict=False)
        week[day] = [f"{_text(a * 15)}-{_text(b * 15)}" for a, b in pairs]
    dates = st.lists(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=8, unique=True)
    return {
        "timezone": draw(st.sampled_from(ZONES)),
        "week": week,
        "holidays": [d.isoformat() for d in draw(dates)],
        "workdays": [d.isoformat() for d in draw(dates)],
        "workday_hours": ["10:00-16:00"],
    }


@given(specs(), moments, st.integers(0, 400 * 3600))
@settings(max_examples=60, deadline=None)
def test_adding_and_then_measuring_gives_the_same_back(spec: dict[str, Any], start: datetime, seconds: int) -> None:
    calendar = Calendar.from_spec(spec)
    assert calendar.between(start, calendar.add(start, seconds)) == seconds


@given(specs(), moments, st.integers(1, 10**6), st.integers(1, 10**6))
@settings(max_examples=60, deadline=None)
def test_adding_is_additive_and_monotone(spec: dict[str, Any], start: datetime, a: int, b: int) -> None:
    calendar = Calendar.from_spec(spec)
    assert calendar.add(calendar.add(start, a), b) == calendar.add(start, a + b)
    assert calendar.add(start, a) < calendar.add(start, a + b)


@given(specs(), moments, st.integers(0, 4 * 24 * 60))
@settings(max_examples=60, deadline=None)
def test_measuring_equals_counting_minutes_one_by_one(spec: dict[str, Any], start: datetime, minutes: int) -> None:
    calendar = Calendar.from_spec(spec)
    begin = start.replace(second=0)
    counted = sum(_open_by_the_clock(calendar, begin + timedelta(minutes=n)) for n in range(minutes))
    assert calendar.between(begin, begin + timedelta(minutes=minutes)) == counted * 60


def _open_by_the_clock(calendar: Calendar, at: datetime) -> bool:
    """Looks at the wall clock only; quarter-hour spans make whole minutes exact, also across DST in these zones."""
    local = at.astimezone(calendar.zone)
    minute = local.hour * 60 + local.minute
    return any(a <= minute < b for a, b in calendar.hours_of(local.date()))
