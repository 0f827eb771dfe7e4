"""When reports go out, and which period is due: lines that people write, and what follows from them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from triagebot.desk.schedules import due, parse
from triagebot.errors import SettingsError

ZONE = ZoneInfo("Asia/Shanghai")
QUEUES = ("customer_service", "hotline")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)


def period(line: str, now: str, zone: ZoneInfo = ZONE) -> tuple[str, str]:
    found = due(*parse(line, QUEUES), now=at(now), zone=zone)
    assert found is not None
    return tuple(f"{moment.astimezone(zone):%m-%d %H:%M}" for moment in (found.since, found.until))  # type: ignore[return-value]


# 2026-11-23 is a Monday.
@pytest.mark.parametrize(
    ("line", "now", "expected"),
    [
        ("daily 09:00", "2026-11-23 09:00", ("11-22 00:00", "11-23 00:00")),
        ("daily 09:00", "2026-11-23 08:59:59", ("11-21 00:00", "11-22 00:00")),
        ("daily 9:05", "2026-11-23 23:59", ("11-22 00:00", "11-23 00:00")),
        ("weekly mon 09:00", "2026-11-23 09:00", ("11-16 00:00", "11-23 00:00")),
        ("weekly Monday 09:00", "2026-11-29 12:00", ("11-16 00:00", "11-23 00:00")),
        ("monthly 1 08:30", "2026-11-23 10:00", ("10-01 00:00", "11-01 00:00")),
        ("0 9 * * *", "2026-11-23 10:00", ("11-22 00:00", "11-23 00:00")),
        ("0 9 * * mon-fri", "2026-11-23 10:00", ("11-20 00:00", "11-23 00:00")),
        ("0 9,18 * * *", "2026-11-23 18:00", ("11-23 09:00", "11-23 18:00")),
        ("*/15 * * * *", "2026-11-23 10:44", ("11-23 10:15", "11-23 10:30")),
        ("0 9 * * 7", "2026-11-23 10:00", ("11-15 00:00", "11-22 00:00")),
        ("0 9 1 * mon", "2026-11-24 10:00", ("11-16 00:00", "11-23 00:00")),
    ],
)
def test_the_newest_period_that_is_over_is_due(line: str, now: str, expected: tuple[str, str]) -> None:
    assert period(line, now) == expected


def test_a_leap_day_comes_every_four_years() -> None:
    found = due(*parse("0 9 29 2 *", QUEUES), now=at("2026-11-23 10:00"), zone=ZONE)
    assert found is not None
    assert (found.since, found.until) == (at("2020-02-29"), at("2024-02-29"))


def test_a_day_on_which_the_clock_is_turned_back_has_twenty_five_hours() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    found = due(*parse("daily 09:00", QUEUES), now=datetime(2026, 10, 26, 9, tzinfo=berlin), zone=berlin)
    assert found is not None
    assert found.length.total_seconds() == 25 * 3600


def test_lines_are_told_apart_and_carry_their_options() -> None:
    one, other = parse(" daily   09:00 ; weekly mon 09:00 queue=hotline to=李静,boss\n", QUEUES)
    assert (one.line, one.queue, one.to) == ("daily 09:00", "", ())
    assert (other.line, other.queue, other.to) == (
        "weekly mon 09:00 queue=hotline to=李静,boss", "hotline", ("李静", "boss"),
    )  # fmt: skip
    assert parse("", QUEUES) == ()


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("hourly", "write for example: daily 09:00"),
        ("daily 25:00", "'25' is out of range"),
        ("weekly 09:00", "write for example"),
        ("daily mon 09:00", "write for example"),
        ("weekly someday 09:00", "'someday' is no number"),
        ("0 9 30 2 *", "there is no such day"),
        ("0 9 * *", "write for example"),
        ("*/0 9 * * *", "is out of range"),
        ("5-1 9 * * *", "is out of range"),
        ("daily 09:00 queue=sales", "there is no queue 'sales'; known: customer_service, hotline"),
        ("daily 09:00 cc=me", "cc= is not known"),
    ],
)
def test_what_makes_no_sense_is_a_clear_line(line: str, why: str) -> None:
    with pytest.raises(SettingsError, match=rf"^TRIAGEBOT_REPORTS: '.*': .*{why}"):
        parse(line, QUEUES)
