"""The date of an inquiry, as far as people know it: ``2026-03-12``, ``2026-03`` or ``2026``. Pure.

Days are read by dialogue.dates; here are months, years, and which date of a story is the inquiry's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from triagebot.dialogue import dates
from triagebot.triage.normalise import normalise

ZONE = ZoneInfo("Asia/Shanghai")
"""A report's dates are Beijing's, wherever its person reads it."""
_OLDEST_YEARS = 10
"""An inquiry before that is a slip of the pen; our own figure."""
_MONTHS_EN = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMED = r"(?P<name>jan|feb|mar|apr|jun|jul|aug|sep|oct|nov|dec)(?:uary|ruary|ch|il|e|y|ust|t|tember|ober|ember)?\.?"
_MONTHS_ZH = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")
_YEARS_BACK = {"今年": 0, "去年": 1, "前年": 2}
_N = r"\d一二三四五六七八九十"
_YEAR = r"20\d\d|今年|去年|前年"
_MONTH = r"1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九]"
_MONTH_SHAPES = tuple(
    re.compile(shape)
    for shape in (
        rf"(?:(?P<year>{_YEAR}) ?年?的? ?|(?<![个年{_N}]))(?P<month>{_MONTH}) ?月(?!付|租|供| ?[{_N}])",
        rf"(?<!\d)(?P<year>20\d\d) ?[-./] ?(?P<month>{_MONTH})(?![\d./-])",
        rf"\b{_NAMED}(?: (?P<year>20\d\d)|\b(?!\w))",
        r"(?:^|\b(?:in|of|since|last) )(?P<name>may)\b(?: (?P<year>20\d\d)|$|(?=[^a-z]))",
    )
)
_BACK = ((re.compile("上上个?月"), 2), (re.compile("上个?月|last month"), 1), (re.compile("这个月|本月|this month"), 0))
_WHOLE_YEAR = re.compile(rf"(?<!\d)(20\d\d)(?: ?年(?! ?[{_N}])|$)|(今年|去年|前年)(?! ?[{_N}])|\b(last year)\b")
_WRITTEN_OUT = re.compile(r"(?<!\d)20\d\d ?[-./年] ?\d{1,2} ?[-./月] ?\d{1,2}(?!\d)")
_BESIDE = re.compile(r"[^,。;!?]{0,14}(?:查|审批|审核|审查|贷后)[^,。;!?]{0,12}")
_SEEN_THEN = re.compile(r".*(?:打出来|打了|打印|打报告|拉了|拉报告|拉出来|发现|看到)")
"""When the report was read is not when it was queried."""
_BESIDE_EN = re.compile(r"[^,.;!?]{0,30}\b(?:quer|check|pull|inquir)[^,.;!?]{0,40}")


def read(text: str, now: datetime) -> str:
    """The date in ``text``, "" for none. Without a year it is the last such day or month; what is still to come is none."""
    day = dates.read(text, now, ZONE)
    today = now.astimezone(ZONE).date()
    if day is not None:
        return day.isoformat() if day.year > today.year - _OLDEST_YEARS else ""
    said = normalise(text)
    return _month(said, today) or _year(said, today)


def days_ago(days: int, now: datetime) -> str:
    return (now.astimezone(ZONE).date() - timedelta(days=days)).isoformat()


def beside(said: Iterable[str], now: datetime) -> str:
    """The date that a story (normalised) gives to the inquiry itself: written out in full, or beside the words for it. Of
    several dates none."""
    texts = list(said)
    for shape in (_WRITTEN_OUT, _BESIDE, _BESIDE_EN):
        pieces = (_SEEN_THEN.sub("", found.group()) for text in texts for found in shape.finditer(text))
        if named := {known for piece in pieces if (known := read(piece, now))}:
            return named.pop() if len(named) == 1 else ""
    return ""


def spoken(known: str, lang: str) -> str:
    """2026年3月12日, 2026年3月, 2026年; in English 12 Mar 2026, Mar 2026, 2026."""
    parts = [int(part) for part in known.split("-")]
    if lang != "en":
        return "".join(f"{part}{unit}" for part, unit in zip(parts, "年月日", strict=False))
    named = [_MONTHS_EN[parts[1] - 1].title()] if len(parts) > 1 else []
    return " ".join(map(str, (*parts[2:], *named, parts[0])))


def _month(said: str, today: date) -> str:
    for shape in _MONTH_SHAPES:
        for found in shape.finditer(said):
            named = found.groupdict()
            month = _MONTHS_EN.index(named["name"]) + 1 if named.get("name") else _number(named["month"])
            year = _of_year(named["year"], today) or today.year - (month > today.month)
            if today.year - _OLDEST_YEARS < year and (year, month) <= (today.year, today.month):
                return f"{year}-{month:02}"
    back = next((months for shape, months in _BACK if shape.search(said)), None)
    if back is None:
        return ""
    year, month = divmod(12 * today.year + today.month - 1 - back, 12)
    return f"{year}-{month + 1:02}"


def _year(said: str, today: date) -> str:
    found = _WHOLE_YEAR.search(said)
    year = _of_year(found[1] or found[2] or "去年", today) if found else 0
    return str(year) if today.year - _OLDEST_YEARS < year <= today.year else ""


def _of_year(said: str | None, today: date) -> int:
    if not said:
        return 0
    return today.year - _YEARS_BACK[said] if said in _YEARS_BACK else int(said)


def _number(said: str) -> int:
    return int(said) if said.isdecimal() else _MONTHS_ZH.index(said) + 1
