"""The day that a person names when they are asked when it was."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from triagebot.dialogue import dates

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
"""10:00 on a Wednesday in Shanghai."""


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("今天", "2026-11-25"), ("今天上午交的", "2026-11-25"), ("刚刚提交", "2026-11-25"), ("昨天", "2026-11-24"),
        ("昨晚弄的", "2026-11-24"), ("前天", "2026-11-23"), ("大前天", "2026-11-22"), ("三天前", "2026-11-22"),
        ("20天以前", "2026-11-05"), ("两周前", "2026-11-11"), ("一个礼拜前", "2026-11-18"), ("上周五", "2026-11-20"),
        ("上个星期天", "2026-11-22"), ("上上周一", "2026-11-09"), ("周一", "2026-11-23"), ("星期五交的", "2026-11-20"),
        ("这周二", "2026-11-24"), ("3月12日", "2026-03-12"), ("三月十二号", "2026-03-12"), ("3 月 12", "2026-03-12"),
        ("12月3日", "2025-12-03"), ("去年11月30日", "2025-11-30"), ("十一月二十一日", "2026-11-21"), ("12号", "2026-11-12"),
        ("廿八号", "2026-10-28"), ("30日", "2026-10-30"), ("上个月5号", "2026-10-05"), ("上上月31日", None),
        ("2026-03-12", "2026-03-12"), ("2026/3/12", "2026-03-12"), ("2026.3.2", "2026-03-02"), ("20260312", "2026-03-12"),
        ("2026年3月12日", "2026-03-12"), ("25年12月1日", "2025-12-01"), ("3.12", "2026-03-12"), ("１１月２日", "2026-11-02"),
        ("today", "2026-11-25"), ("I filed it yesterday", "2026-11-24"), ("the day before yesterday", "2026-11-23"),
        ("5 days ago", "2026-11-20"), ("March 12", "2026-03-12"), ("12th of March 2025", "2025-03-12"),
        ("Mar 2nd, 2026", "2026-03-02"), ("last Friday", "2026-11-20"), ("last Wednesday", "2026-11-18"),
        ("on Monday", "2026-11-23"), ("Dec. 3", "2025-12-03"), ("2024年2月29日", "2024-02-29"),
    ],
)  # fmt: skip
def test_a_day_is_read_as_people_say_it(text: str, day: str | None) -> None:
    assert dates.read(text, NOW, SHANGHAI) == (date.fromisoformat(day) if day else None)


@pytest.mark.parametrize("text", ["明天", "2027年3月12日", "2026-12-01", "这周五", "下周五", "下周三", "next friday"])
def test_what_is_still_to_come_is_no_day_of_the_past(text: str) -> None:
    assert dates.read(text, NOW, SHANGHAI) is None


@pytest.mark.parametrize(
    "text",
    ["不记得了", "2月30日", "13月1日", "2026-13-01", "6月3次", "三月十二次查询", "9999天前", "今年", "2月29日", "尾号1234",
     "", "money", "maybe 3 times", "the sun", "8:30", "1号线", "0号", "99999999999999999999天前", "一一一号"],
)  # fmt: skip
def test_what_names_no_day_is_not_guessed(text: str) -> None:
    assert dates.read(text, NOW, SHANGHAI) is None


def test_the_day_of_the_thing_goes_before_the_day_on_which_it_was_seen() -> None:
    assert dates.read("我今天看报告才发现，3月12日有一条查询", NOW, SHANGHAI) == date(2026, 3, 12)


def test_today_is_the_persons_today() -> None:
    """23:30 in London is the next morning in Shanghai."""
    late = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
    assert dates.read("今天", late, SHANGHAI) == date(2026, 11, 25)
    assert dates.read("今天", late, ZoneInfo("Europe/London")) == date(2026, 11, 24)
