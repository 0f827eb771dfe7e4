"""Times and lengths as a person would say them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from triagebot.text import clip, one_line, span, spoken_span, spoken_time

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("hours", "zh", "en"),
    [
        (2, "今天 12:00", "today 12:00"),
        (13.999, "今天 23:59", "today 23:59"),
        (14, "明天凌晨 00:00", "tomorrow 00:00"),
        (24, "明天上午 10:00", "tomorrow 10:00"),
        (28, "明天下午 14:00", "tomorrow 14:00"),
        (33, "明天晚上 19:00", "tomorrow 19:00"),
        (-24, "昨天 10:00", "yesterday 10:00"),
        (168, "11月30日（周一）10:00", "Mon 30 Nov 10:00"),
    ],
)
def test_moments(hours: float, zh: str, en: str) -> None:
    at = NOW + timedelta(hours=hours)
    assert (spoken_time(at, NOW, SHANGHAI, "zh"), spoken_time(at, NOW, SHANGHAI, "en")) == (zh, en)


@pytest.mark.parametrize(
    ("seconds", "zh", "en"),
    [
        (0, "0 秒", "0 s"), (59, "59 秒", "59 s"), (60, "1 分钟", "1 min"), (3600, "1 小时", "1 h"),
        (4800, "1 小时 20 分钟", "1 h 20 min"), (-4800, "1 小时 20 分钟", "1 h 20 min"), (86400, "24 小时", "24 h"),
        (172800, "2 天", "2 d"), (180000, "2 天 2 小时", "2 d 2 h"),
    ],
)  # fmt: skip
def test_lengths(seconds: float, zh: str, en: str) -> None:
    assert (spoken_span(seconds, "zh"), spoken_span(seconds, "en")) == (zh, en)


def test_clipping_and_one_line() -> None:
    assert clip("abcdef", 6) == "abcdef"
    assert clip("abcdefg", 6) == "abcde…"
    assert one_line("a\n\n b\tc", 10) == "a b c"
    assert (span("30m"), span("7d")) == (timedelta(minutes=30), timedelta(days=7))
