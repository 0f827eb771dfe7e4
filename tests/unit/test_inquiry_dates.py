"""The date of an inquiry, as exactly as people know it, and which date of a story is the inquiry's."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from triagebot.dialogue import inquiry_dates
from triagebot.triage.normalise import normalise

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "known"),
    [
        ("今天", "2026-11-23"), ("昨天", "2026-11-22"), ("3月12日", "2026-03-12"), ("12月1号", "2025-12-01"),
        ("2026-03-12", "2026-03-12"), ("2026年3月12日", "2026-03-12"), ("12 March", "2026-03-12"), ("上个月", "2026-10"),
        ("这个月吧", "2026-11"), ("3月份", "2026-03"), ("十二月", "2025-12"), ("去年3月", "2025-03"), ("去年", "2025"),
        ("2024年", "2024"), ("2025.8", "2025-08"), ("last month", "2026-10"), ("in March", "2026-03"),
        ("March 2025", "2025-03"), ("last year", "2025"), ("十一月", "2026-11"),
    ],
)  # fmt: skip
def test_a_day_a_month_or_a_year(said: str, known: str) -> None:
    assert inquiry_dates.read(said, NOW) == known


@pytest.mark.parametrize(
    "said", ["2027-01-01", "2026年12月3日", "明天", "没看到", "3个月", "1999年3月", "13月", "2月30日", "", "抖音月付"]
)
def test_what_is_still_to_come_or_no_date_is_none(said: str) -> None:
    assert inquiry_dates.read(said, NOW) == ""


@pytest.mark.parametrize(
    ("story", "known"),
    [
        ("某消费金融公司三月份查了我征信 我没申请过", "2026-03"),
        ("有家叫什么融担的在6月12号查我，听都没听过", "2026-06-12"),
        ("“2026.10.08 XX消费金融有限公司 贷款审批”，那天我在高原上徒步", "2026-10-08"),
        ("a bank I never heard of pulled my report on 12 March", "2026-03-12"),
        ("你好我昨天打了那个报告嘛然后后面机构查询那一页有个小贷查了我", ""),
        ("昨天打出来看到他们合作的那家查过我", ""),
        ("三日两头来查我", ""),
        ("2026.03.12 某某银行 贷后管理 2026.02.01 某消费金融 贷款审批", ""),
        ("how often I may query", ""),
        ("the lines marked 本人查询", ""),
        ("who checked my credit in May", "2026-05"),
        ("这张卡四月就销了，银行怎么还来查我", ""),
        ("抖音月付我只是打开看了看没开通，怎么给我查了", ""),
    ],
)
def test_of_a_story_only_the_date_of_the_inquiry_counts(story: str, known: str) -> None:
    assert inquiry_dates.beside([normalise(story)], NOW) == known


def test_a_date_is_said_as_exactly_as_it_is_known() -> None:
    assert [inquiry_dates.spoken(known, "zh") for known in ("2026-03-12", "2026-03", "2026")] == [
        "2026年3月12日", "2026年3月", "2026年",
    ]  # fmt: skip
    assert [inquiry_dates.spoken(known, "en") for known in ("2026-03-12", "2026-03", "2026")] == [
        "12 Mar 2026", "Mar 2026", "2026",
    ]  # fmt: skip
