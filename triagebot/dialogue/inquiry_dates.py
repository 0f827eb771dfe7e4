"""The day of an inquiry as people write it: 3月12日, 2026.3.12, 昨天, 上个月, 12 March. Pure.

A date is kept as far as it is known: ``2026-03-12``, ``2026-03`` or ``2026``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from triagebot.triage.normalise import normalise

ZONE = ZoneInfo("Asia/Shanghai")
"""A report's dates are Beijing's, wherever its person reads it."""
_OLDEST_YEARS = 10
"""An inquiry before that is a slip of the pen; our own figure."""
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")}
_NUMBER = r"[0-9]{1,2}|[一二三四五六七八九十]{1,3}"
_YEAR = r"(?P<y>20[0-9]{2}|今年|去年|前年)"
_NAME = rf"(?P<name>{'|'.join(_MONTHS)})[a-z]*\.?"
_SHAPES = tuple(
    re.compile(shape)
    for shape in (
        r"(?<![0-9.])(?P<y>20[0-9]{2})\s?[-./年]\s?(?P<m>[0-9]{1,2})\s?[-./月]\s?(?P<d>[0-9]{1,2})(?![0-9])",
        rf"(?:{_YEAR}\s?年?的?\s?)?(?P<m>{_NUMBER})\s?月\s?(?:份\s?)?(?P<d>{_NUMBER})(?:\s?[日号]|(?![0-9一二三四五六七八九十家条次笔个]))",
        rf"(?:{_YEAR}\s?年?的?\s?)?(?<![个0-9一二三四五六七八九十])(?P<m>{_NUMBER})\s?月(?!付)(?:份|底|初|中)?",
        rf"\b(?P<d>[0-9]{{1,2}})(?:st|nd|rd|th)?(?: of)? {_NAME}(?:,? (?P<y>20[0-9]{{2}}))?\b",
        rf"\b{_NAME} (?P<d>[0-9]{{1,2}})(?:st|nd|rd|th)?(?:,? (?P<y>20[0-9]{{2}}))?\b",
        r"(?<![0-9.])(?P<y>20[0-9]{2})\s?[-./年]\s?(?P<m>[0-9]{1,2})(?![0-9])",
        r"(?<![0-9])(?P<m>[0-9]{1,2})[-./](?P<d>[0-9]{1,2})(?![0-9.])",
    )
)
_RELATIVE = (
    (re.compile(r"大前天"), 3), (re.compile(r"前天|day before yesterday"), 2), (re.compile(r"昨[天日晚夜]|yesterday"), 1),
    (re.compile(r"今[天日早晚]|刚刚|刚才|today"), 0),
)  # fmt: skip
_LAST_MONTH = re.compile(r"上个?月|last month")
_THIS_MONTH = re.compile(r"这个月|本月|this month")
_LAST_YEAR = re.compile(r"去年|last year")

_INQUIRY = r"查|审批|审核|审查|贷后|quer|check|pull|inquir"
_BESIDE = re.compile(rf"[^,。;!?]{{0,24}}(?:{_INQUIRY})[^,。;!?]{{0,12}}")
_JUST_BEFORE = re.compile(rf"[^,。;!?]{{0,8}}(?:{_INQUIRY})")


def today(now: datetime) -> date:
    return now.astimezone(ZONE).date()


def read(text: str, on: date) -> str:
    """The date that ``text`` names, "" for none. ``on``: today. Without a year it is the last such day that has passed; a date
    that is still to come, or impossible, is none."""
    said = normalise(text)
    return _absolute(said, on) or _relative(said, on)


def beside(said: Iterable[str], on: date) -> str:
    """The date that the story ``said`` (normalised) gives to the inquiry itself: beside its words, yesterday right before them."""
    for text in said:
        for shape, reading in ((_BESIDE, _absolute), (_JUST_BEFORE, _relative)):
            for found in shape.finditer(text):
                if known := reading(found.group(), on):
                    return known
    return ""


def _absolute(said: str, on: date) -> str:
    hits = (hit for shape in _SHAPES for hit in shape.finditer(said))
    return next((known for hit in hits if (known := _made(hit.groupdict(), on))), "")


def _relative(said: str, on: date) -> str:
    for shape, days in _RELATIVE:
        if shape.search(said):
            return (on - timedelta(days=days)).isoformat()
    if _LAST_MONTH.search(said):
        return f"{on.replace(day=1) - timedelta(days=1):%Y-%m}"
    if _THIS_MONTH.search(said):
        return f"{on:%Y-%m}"
    return f"{on.year - 1}" if _LAST_YEAR.search(said) else ""


def to_come(text: str, on: date) -> bool:
    """Whether ``text`` names a day after ``on``: a slip that is worth a word."""
    return not read(text, on) and bool(read(text, on.replace(year=on.year + 1, day=min(on.day, 28))))


def spoken(known: str, lang: str) -> str:
    """2026年3月12日, 2026年3月, 2026年; in English 12 Mar 2026, Mar 2026, 2026."""
    parts = [int(part) for part in known.split("-")]
    if lang == "en":
        month = _MONTHS[parts[1] - 1].title() if len(parts) > 1 else ""
        return " ".join(str(part) for part in (parts[2] if len(parts) > 2 else "", month, parts[0]) if part)
    return "".join(f"{part}{unit}" for part, unit in zip(parts, "年月日", strict=False))


def day(known: str) -> date | None:
    """The day itself; None where only the month or the year is known."""
    return date.fromisoformat(known) if len(known) == len("2026-03-12") else None


def _made(found: dict[str, str | None], on: date) -> str:
    month = _MONTHS.index(name) + 1 if (name := found.get("name")) else _number(found.get("m"))
    day_of_month = _number(found.get("d"))
    year = {"今年": on.year, "去年": on.year - 1, "前年": on.year - 2}.get(found.get("y") or "", 0) or int(
        found.get("y") or 0
    )
    if not 1 <= month <= 12:
        return ""
    for candidate in (year,) if year else (on.year, on.year - 1):
        try:
            at = date(candidate, month, day_of_month or 1)
        except ValueError:
            continue
        if at <= on and candidate > on.year - _OLDEST_YEARS:
            return at.isoformat() if day_of_month else f"{at:%Y-%m}"
    return ""


def _number(text: str | None) -> int:
    """十二 -> 12, 3 -> 3, nothing -> 0; what is no number of a day is 99."""
    if not text:
        return 0
    if text.isdecimal():
        return int(text)
    tens, ten, ones = text.partition("十")
    if not ten:
        return _DIGITS[text] if len(text) == 1 else 99
    if len(tens) > 1 or len(ones) > 1:
        return 99
    return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)
