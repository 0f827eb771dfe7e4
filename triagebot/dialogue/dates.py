"""The day that a person names: 昨天, 3月12日, 上周五, 2026-03-12, 5 days ago, last Friday. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from triagebot.triage.normalise import normalise

_DIGITS_ZH = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_WEEKDAYS_ZH = {**{day: n for n, day in enumerate("一二三四五六日")}, "天": 6, **{str(n): n - 1 for n in range(1, 8)}}
_WEEKDAYS_EN = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTHS_EN = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS_IN = {"天": 1, "日": 1, "周": 7, "礼拜": 7, "星期": 7, "day": 1, "week": 7}
_BACK = {"大前天": 3, "前天": 2, "前日": 2, "昨": 1, "今": 0, "刚": 0,
         "day before yesterday": 2, "yesterday": 1, "today": 0, "just now": 0}  # fmt: skip
_YEARS_BACK = {"今年": 0, "去年": 1, "前年": 2}
_LONGEST_BACK = 3660
"""Days: whoever says more means something else."""

_C = "一二两三四五六七八九十廿"
_N = rf"(?<![{_C}\d])(\d{{1,4}}|[{_C}]{{1,3}})"
_WEEK = "(?:周|星期|礼拜)"
_MONTH = r"\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)(?:uary|ruary|ch|il|e|y|ust|t|tember|ober|ember)?\.?"
_DAY_EN = r"(\d{1,2})(?:st|nd|rd|th)?(?!\d)"
_WEEKDAY = r"(mon|tue|wed|thu|fri|sat|sun)(?:day|sday|nesday|rsday|urday)"


def read(text: str, now: datetime, zone: ZoneInfo) -> date | None:
    """The day that ``text`` names, the plainest one of several, if it is not after today in ``zone``; None where there is none.

    What leaves the year or the month out means the last such day. A day that does not exist is none.
    """
    today = now.astimezone(zone).date()
    said = normalise(text)
    taken: list[tuple[int, int]] = []
    for shape, reader in _SHAPES:
        for match in shape.finditer(said):
            if any(start < match.end() and match.start() < end for start, end in taken):
                continue
            taken.append(match.span())
            with suppress(ValueError, OverflowError):
                if (day := reader(match, today)) <= today:
                    return day
    return None


def _number(said: str) -> int:
    """Digits, or 1 to 99 in Chinese; ValueError for what is neither."""
    if said.isdecimal():
        return int(said)
    tens, ten, ones = said.replace("廿", "二十").rpartition("十")
    return (10 * (_digit(tens) if tens else 1) if ten else 0) + (_digit(ones) if ones or not ten else 0)


def _digit(said: str) -> int:
    if said not in _DIGITS_ZH:
        raise ValueError(said)
    return _DIGITS_ZH[said]


def _full(match: re.Match[str], today: date) -> date:
    year = int(match["year"])
    return date(year + 2000 if year < 100 else year, _number(match["month"]), _number(match["day"]))


def _in_a_year(month: int, day: int, year: int | None, today: date) -> date:
    """Without a year the last such day."""
    found = date(year or today.year, month, day)
    return found if year or found <= today else found.replace(year=found.year - 1)


def _chinese(match: re.Match[str], today: date) -> date:
    year = today.year - _YEARS_BACK[match[1]] if match[1] else None
    return _in_a_year(_number(match[2]), _number(match[3]), year, today)


def _english(month: str, day: str, year: str | None, today: date) -> date:
    return _in_a_year(_MONTHS_EN.index(month) + 1, int(day), int(year) if year else None, today)


def _in_a_month(back: int, day: int, today: date) -> date:
    first = today.replace(day=1)
    for _ in range(back):
        first = (first - timedelta(days=1)).replace(day=1)
    return first.replace(day=day)


def _day_of_month(match: re.Match[str], today: date) -> date:
    """12号: of this month, or of the last one while it lies ahead."""
    day = _number(match[1])
    return _in_a_month(int(day > today.day), day, today)


def _back(days: int, today: date) -> date:
    if days > _LONGEST_BACK:
        raise ValueError(days)
    return today - timedelta(days=days)


def _of_week(weeks_back: int, weekday: int, today: date) -> date:
    return today - timedelta(days=today.weekday() - weekday + 7 * weeks_back)


def _last(weekday: int, today: date) -> date:
    return today - timedelta(days=(today.weekday() - weekday) % 7)


Reader = Callable[[re.Match[str], date], date]
_SHAPES: tuple[tuple[re.Pattern[str], Reader], ...] = tuple(
    (re.compile(shape), reader)
    for shape, reader in (
        (rf"(?<!\d)(?P<year>(?:20)?\d\d) ?年 ?(?P<month>\d\d?|[{_C}]{{1,2}}) ?月 ?(?P<day>\d\d?|[{_C}]{{1,3}})", _full),
        (r"(?<!\d)(?P<year>20\d\d) ?([-/.]) ?(?P<month>\d\d?) ?\2 ?(?P<day>\d\d?)(?!\d)", _full),
        (r"(?<!\d)(?P<year>20\d\d)(?P<month>[01]\d)(?P<day>[0-3]\d)(?!\d)", _full),
        (rf"(今年|去年|前年)? ?{_N} ?月 ?{_N}(?: ?[日号]|(?![{_C}\d次条笔个家天份月年]))", _chinese),
        (rf"{_MONTH} {_DAY_EN}(?:,? (20\d\d))?", lambda m, today: _english(m[1], m[2], m[3], today)),
        (rf"(?<!\d){_DAY_EN}(?: of)? {_MONTH}(?:,? (20\d\d))?", lambda m, today: _english(m[2], m[1], m[3], today)),
        (rf"(上+)个?月的? ?{_N} ?[日号]", lambda m, today: _in_a_month(len(m[1]), _number(m[2]), today)),
        (rf"(上+)个?{_WEEK}([一二三四五六日天1-7])", lambda m, today: _of_week(len(m[1]), _WEEKDAYS_ZH[m[2]], today)),
        (rf"[这本]个?{_WEEK}([一二三四五六日天1-7])", lambda m, today: _of_week(0, _WEEKDAYS_ZH[m[1]], today)),
        (rf"last {_WEEKDAY}", lambda m, today: _last(_WEEKDAYS_EN.index(m[1]), today - timedelta(days=1))),
        (r"^(?P<month>\d\d?) ?[./-] ?(?P<day>\d\d?)$",
         lambda m, today: _in_a_year(int(m[1]), int(m[2]), None, today)),
        (rf"{_N} ?个?(天|日|周|礼拜|星期)[之以]?前", lambda m, today: _back(_number(m[1]) * _DAYS_IN[m[2]], today)),
        (r"(?<!\d)(\d{1,4}) (day|week)s? ago", lambda m, today: _back(int(m[1]) * _DAYS_IN[m[2]], today)),
        (rf"{_N} ?[号日](?![码楼线两])", _day_of_month),
        (rf"(?<![下每]){_WEEK}([一二三四五六日天])", lambda m, today: _last(_WEEKDAYS_ZH[m[1]], today)),
        (rf"(?<!next )\b{_WEEKDAY}\b", lambda m, today: _last(_WEEKDAYS_EN.index(m[1]), today)),
        ("(大前天|前[天日]|day before yesterday|yesterday|today|just now)|([昨今])(?:[天日早晚晨儿]|上午|下午)|(刚)[刚才交提]",
         lambda m, today: _back(_BACK[m[1] or m[2] or m[3]], today)),
    )
)  # fmt: skip
"""Shapes in the order in which they are tried: what says more goes before what is a part of it."""
