"""Moments as agents say them when they put a ticket aside; it is 10:00 on Monday, 23 November 2026, in Shanghai."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tests.unit.house import NOW
from triagebot.desk.wake_times import parse

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("words", "at", "rest"),
    [
        ("2h", "2026-11-23 12:00", ""),
        ("30m 等用户", "2026-11-23 10:30", "等用户"),
        ("1d", "2026-11-24 10:00", ""),
        ("1h30m x", "2026-11-23 11:30", "x"),
        ("2H", "2026-11-23 12:00", ""),
        ("明早", "2026-11-24 09:00", ""),
        ("明早 等银行回话", "2026-11-24 09:00", "等银行回话"),
        ("tomorrow", "2026-11-24 09:00", ""),
        ("Tomorrow 14:30 call back", "2026-11-24 14:30", "call back"),
        ("明天 14:30", "2026-11-24 14:30", ""),
        ("10:30", "2026-11-23 10:30", ""),
        ("09:30", "2026-11-24 09:30", ""),
        ("9:30 再看", "2026-11-24 09:30", "再看"),
        ("10:00", "2026-11-24 10:00", ""),
        ("2026-12-01 09:15", "2026-12-01 09:15", ""),
        ("2026-12-01", "2026-12-01 09:00", ""),
        ("2026-12-01 等月初 更新", "2026-12-01 09:00", "等月初 更新"),
        ("2026-11-01 09:00", "2026-11-01 09:00", ""),
        ("0m", "2026-11-23 10:00", ""),
    ],
)
def test_a_moment_is_what_people_mean_by_it(words: str, at: str, rest: str) -> None:
    assert parse(words, NOW, SHANGHAI) == (datetime.fromisoformat(at).replace(tzinfo=SHANGHAI), rest)


@pytest.mark.parametrize(
    "words", ["", "later", "2", "h", "25:00", "9:75", "2026-13-01", "2026-02-30 09:00", "一会儿", "-2h", "2h30", "1d2d"]
)
def test_what_is_no_moment_is_not_guessed(words: str) -> None:
    assert parse(words, NOW, SHANGHAI) is None


def test_a_clock_time_is_the_agents_not_the_machines() -> None:
    found = parse("09:30", NOW, ZoneInfo("Europe/Paris"))
    assert found is not None
    assert found[0].isoformat() == "2026-11-23T08:30:00+00:00"
