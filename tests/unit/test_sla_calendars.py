"""The calendar data that ships with the rules, held against two independent sources."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import chinese_calendar
import holidays
import pytest
import yaml

from triagebot.cli import doctor
from triagebot.errors import SlaError
from triagebot.resources import bundled
from triagebot.settings import Settings
from triagebot.sla.calendar import Calendar, always


@pytest.fixture(scope="module")
def business() -> Calendar:
    file: Path = bundled("rules") / "calendars" / "cn-business.yaml"
    return Calendar.from_spec(yaml.safe_load(file.read_text(encoding="utf-8")))


@pytest.mark.parametrize("year", [2025, 2026])
def test_every_day_is_open_exactly_when_people_in_china_work(business: Calendar, year: int) -> None:
    day = date(year, 1, 1)
    while day.year == year:
        assert bool(business.hours_of(day)) == chinese_calendar.is_workday(day), day
        day += timedelta(days=1)


def test_holidays_of_2026_agree_with_a_second_source(business: Calendar) -> None:
    known = {d for d in holidays.country_holidays("CN", years=2026) if d.weekday() < 5}
    assert known <= business.holidays


def test_make_up_days_of_2026(business: Calendar) -> None:
    assert sorted(d for d in business.workdays if d.year == 2026) == [
        date(2026, 1, 4), date(2026, 2, 14), date(2026, 2, 28), date(2026, 5, 9), date(2026, 9, 20), date(2026, 10, 10),
    ]  # fmt: skip


def test_a_calendar_knows_where_its_knowledge_ends(business: Calendar) -> None:
    assert business.covers(datetime(2026, 12, 31, 15, 59, tzinfo=UTC))
    assert not business.covers(datetime(2026, 12, 31, 16, 0, tzinfo=UTC))


def test_two_business_hours_from_noon_cross_the_lunch_break(business: Calendar) -> None:
    noon = datetime(2026, 11, 23, 3, 30, tzinfo=UTC)  # 11:30 in Shanghai
    assert business.add(noon, 2 * 3600) == datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
    assert business.between(noon, datetime(2026, 11, 23, 6, 30, tzinfo=UTC)) == 2 * 3600


def test_far_away_is_as_exact_as_near(business: Calendar) -> None:
    start = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
    seconds = 20 * 250 * 8 * 3600
    assert business.between(start, business.add(start, seconds)) == seconds


def test_round_the_clock_is_wall_time() -> None:
    start = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
    assert always().add(start, 90 * 60) == start + timedelta(minutes=90)


@pytest.mark.parametrize(
    ("spec", "place"),
    [
        ({"week": {}}, "never opens"),
        ({"week": {"mon": ["09:00-12:00", "11:00-13:00"]}}, "week.mon"),
        ({"week": {"mon": ["22:00-06:00"], "tue": ["05:00-09:00"]}}, "week.mon"),
        ({"week": {"mon": ["9 to 5"]}}, "week.mon[0]"),
        ({"week": {"moon": ["09:00-12:00"]}}, "moon"),
        ({"timezone": "Mars/Base", "week": {"mon": ["09:00-12:00"]}}, "timezone"),
        ({"week": {"mon": ["09:00-12:00"]}, "holidays": ["2026-13-01"]}, "holidays[0]"),
        ("cn-unknown", "cn-unknown"),
    ],
)
def test_a_broken_calendar_is_refused_by_name(spec: object, place: str) -> None:
    with pytest.raises(SlaError) as refused:
        Calendar.from_spec(spec)  # type: ignore[arg-type]
    assert place in str(refused.value)


@pytest.mark.parametrize(
    ("spec", "state", "words"),
    [
        ({"covers_until": "2026-11-01"}, "error", "triagebot sla calendar import"),
        ({"covers_until": "2026-12-31"}, "warning", "triagebot sla calendar import"),
        ({"covers_until": "2027-12-31"}, "ok", "covers until 2027-12-31"),
        ({"holidays": ["2026-10-01"]}, "warning", "covers_until: YYYY-12-31"),
    ],
)
def test_doctor_says_when_a_calendar_ends_and_what_to_do(
    monkeypatch: pytest.MonkeyPatch, spec: dict[str, object], state: str, words: str
) -> None:
    book = SimpleNamespace(calendars={"x": spec, "24x7": {"id": "24x7"}})
    monkeypatch.setattr(doctor.rulebook, "load", lambda folder: book)
    monkeypatch.setattr(doctor, "utc_now", lambda: datetime(2026, 11, 23, tzinfo=UTC))
    (found,) = doctor._calendars(Settings())
    assert found.state == state
    assert words in found.detail
