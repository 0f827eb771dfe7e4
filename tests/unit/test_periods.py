"""Stretches of time as people name them, in the office's zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from triagebot.desk.periods import Period, between, named
from triagebot.errors import UsageError

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 25, 2, 30, tzinfo=UTC)
"""Wednesday 25 November 2026, 10:30 in Shanghai."""


def said(period: Period) -> tuple[str, str]:
    since, until = (at.astimezone(ZONE) for at in (period.since, period.until))
    return f"{since:%m-%d %H:%M}", f"{until:%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        ("7d", "", ("11-18 10:30", "11-25 10:30")),
        ("24h", "2026-11-23", ("11-22 00:00", "11-23 00:00")),
        ("2026-11-16", "2026-11-23", ("11-16 00:00", "11-23 00:00")),
        ("2026-11-16T09:00", "2026-11-16T02:00+00:00", ("11-16 09:00", "11-16 10:00")),
        ("2026-11-24", "2027-01-01", ("11-24 00:00", "11-25 10:30")),
    ],
)
def test_from_one_moment_to_another(since: str, until: str, expected: tuple[str, str]) -> None:
    assert said(between(since, until, NOW, ZONE)) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("", ("11-18 10:30", "11-25 10:30")),
        ("today", ("11-25 00:00", "11-25 10:30")),
        ("昨天", ("11-24 00:00", "11-25 00:00")),
        ("本周", ("11-23 00:00", "11-25 10:30")),
        ("last week", ("11-16 00:00", "11-23 00:00")),
        ("上周", ("11-16 00:00", "11-23 00:00")),
        ("month", ("11-01 00:00", "11-25 10:30")),
        ("上个月", ("10-01 00:00", "11-01 00:00")),
        ("30d", ("10-26 10:30", "11-25 10:30")),
        ("2026-11-16 2026-11-18", ("11-16 00:00", "11-18 00:00")),
    ],
)
def test_names(words: str, expected: tuple[str, str]) -> None:
    assert said(named(words, NOW, ZONE)) == expected


@pytest.mark.parametrize(
    ("since", "until", "line"),
    [
        ("soon", "", "--since: 'soon' is no time; write for example 7d"),
        ("7d", "tomorrow", "--until: 'tomorrow' is no time"),
        ("2026-11-23", "2026-11-23", "the period is empty"),
        ("2026-12-01", "", "the period is empty"),
        ("0d", "", "the period is empty"),
    ],
)
def test_what_makes_no_sense_is_a_clear_line(since: str, until: str, line: str) -> None:
    with pytest.raises(UsageError, match=line):
        between(since, until, NOW, ZONE)


def test_the_period_before_has_the_same_length_and_ends_where_this_begins() -> None:
    period = named("上周", NOW, ZONE)
    assert period.before().until == period.since
    assert period.before().length == timedelta(days=7)
    assert period.holds(period.since)
    assert not period.holds(period.until)
