"""A published list of holidays becomes dates and a calendar file; a wrong list, or one of another year, is refused."""

from datetime import date
from pathlib import Path

import chinese_calendar
import pytest
import yaml

from triagebot.errors import SlaError
from triagebot.resources import bundled
from triagebot.rulebook.calendar_file import differences, extended
from triagebot.sla.calendar import Calendar
from triagebot.sla.holidays import Holidays, parse_list

SHIPPED = (bundled("rules") / "calendars" / "cn-business.yaml").read_text(encoding="utf-8")
DATA = Path(__file__).parent / "data"
NEXT = """\
# 2027，样例 / an example
2027-01-01..2027-01-03 元旦
2027-02-05, 春节
2027-02-06 至 2027-02-08\t春节
2027-02-14 春节 上班
2027-02-20,workday
"""


@pytest.mark.parametrize("year", [2025, 2026])
def test_the_notice_says_what_the_shipped_calendar_says(year: int) -> None:
    notice = parse_list((DATA / f"holidays_{year}.txt").read_text(encoding="utf-8"), year)
    assert differences(yaml.safe_load(SHIPPED), year, notice) == []
    assert all(chinese_calendar.is_holiday(day) for day in notice.off)
    assert all(chinese_calendar.is_workday(day) and day.weekday() >= 5 for day in notice.work)


def test_one_item_a_line() -> None:
    found = parse_list(NEXT, 2027)
    assert list(found.off.items()) == [
        *((date(2027, 1, n), "元旦") for n in (1, 2, 3)),
        *((date(2027, 2, n), "春节") for n in (5, 6, 7, 8)),
    ]
    assert found.work == {date(2027, 2, 14): "春节", date(2027, 2, 20): "调休"}


def test_a_holiday_may_begin_in_the_year_before() -> None:
    notice = "一、元旦：2022年12月31日至2023年1月2日放假调休，共3天。"
    assert list(parse_list(notice, 2023).off) == [date(2022, 12, 31), date(2023, 1, 1), date(2023, 1, 2)]


@pytest.mark.parametrize(
    ("text", "year", "place"),
    [
        ("一、元旦：1月1日（周三）放假1天，不调休。", 2026, "line 1: 2026-01-01 is a 周四"),
        ("元旦：1月1日（周四）至3日（周六）放假，共4天。", 2026, "says 4 days but names 3"),
        ("元旦：2月30日放假。", 2026, "2月30日 is no day of 2026"),
        ("2026-01-01..2026-01-03 元旦", 2027, "no holiday of 2027"),
        ("2025-01-01 元旦", 2027, "2025-01-01 is not in 2027"),
        ("", 2027, "no holiday"),
        ("2027-01-01 元旦\n2027-01-01 上班", 2027, "line 2: 2027-01-01 is both"),
        ("2027-01-01 元旦\n2027-01-04 上班", 2027, "2027-01-04 is a make-up workday, but a weekday anyway"),
        ("2027-01-03..2027-01-01 元旦", 2027, "no stretch"),
        ("2027-01-01..2027-12-31 元旦", 2027, "no stretch"),
        ("2027-13-01 元旦", 2027, "2027-13-01 is no date"),
        ("2027/01/01 元旦", 2027, "cannot be read"),
    ],
)
def test_a_list_that_cannot_be_right_is_refused(text: str, year: int, place: str) -> None:
    with pytest.raises(SlaError) as refused:
        parse_list(text, year)
    assert place in str(refused.value)


def test_a_year_is_put_into_the_file_and_everything_else_stays() -> None:
    done = extended(SHIPPED, 2027, parse_list(NEXT, 2027))
    before, after = SHIPPED.splitlines(), done.splitlines()
    assert [line for line in after if "2027" not in line] == [line for line in before if "covers_until" not in line]
    assert "covers_until: 2027-12-31" in after
    assert "  - 2027-02-14  # 春节" in after
    spec = yaml.safe_load(done)
    assert differences(spec, 2027, parse_list(NEXT, 2027)) == []
    assert Calendar.from_spec(spec).hours_of(date(2027, 2, 14)) != ()
    assert extended(done, 2027, parse_list(NEXT, 2027)) == done


def test_importing_a_corrected_list_replaces_the_year() -> None:
    first = extended(SHIPPED, 2027, parse_list(NEXT, 2027))
    corrected = parse_list("2027-01-01 元旦", 2027)
    spec = yaml.safe_load(extended(first, 2027, corrected))
    assert [d for d in spec["holidays"] if d.year == 2027] == [date(2027, 1, 1)]
    assert not [d for d in spec["workdays"] if d.year == 2027]


def test_a_file_without_any_dates_gets_its_lists() -> None:
    bare = 'id: x\nweek: {mon: ["09:00-18:00"]}\nholidays: []\nday_hours: 8\n'
    spec = yaml.safe_load(extended(bare, 2027, parse_list(NEXT, 2027)))
    assert len(spec["holidays"]) == 7
    assert len(spec["workdays"]) == 2
    assert spec["covers_until"] == date(2027, 12, 31)
    assert spec["day_hours"] == 8


@pytest.mark.parametrize(
    ("text", "year", "place"),
    [
        ("holidays: [2027-05-01]\n", 2027, "one `- date` a line"),
        ("holidays:\n  - {day: 2027-05-01}\n", 2027, "cannot be kept"),
        ("covers_until: 2026-12-31\nholidays:\n  - 2026-01-01\n", 2028, "import 2027 first"),
    ],
)
def test_a_file_that_cannot_be_edited_is_left_alone(text: str, year: int, place: str) -> None:
    with pytest.raises(SlaError) as refused:
        extended(text, year, Holidays({date(year, 1, 1): "元旦"}, {}))
    assert place in str(refused.value)


def test_differences_name_each_date_and_the_side_that_knows_it() -> None:
    spec = {"holidays": [date(2027, 1, 1)], "workdays": ["2027-02-14"], "covers_until": "2026-12-31"}
    wanted = Holidays({date(2027, 1, 2): "元旦"}, {date(2027, 2, 14): ""})
    assert differences(spec, 2027, wanted) == [
        "holidays: 2027-01-01 is in the calendar, but not in the list",
        "holidays: 2027-01-02 元旦 is missing in the calendar",
        "covers_until: 2026-12-31, although the list reaches 2027-12-31",
    ]
