"""A year's list of public holidays and make-up workdays -> dates: as the State Council publishes it, or one item a line.

The published text: ``四、劳动节：5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班。`` One item a line:
``2027-01-01..2027-01-03 元旦``, ``2027-02-07 春节 上班``; a comma or a tab may stand for the space, ``#`` begins a comment.
Weekdays and numbers of days that the text gives are held against the year, so that another year's list is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from triagebot.errors import SlaError

_LINE = re.compile(r"(\d{4}-\d{2}-\d{2})(?:\s*(?:\.\.|~|至)\s*(\d{4}-\d{2}-\d{2}))?(?:[\s,，]+(.*))?")
_WORK = re.compile(r"调休上班|上班|(?i:\bwork(?:ing )?day\b|\bmake-up\b)")
_ITEM = re.compile(r"(?:[一二三四五六七八九十]+、)?\s*([^：:。，（]{1,20})[：:]\s*(.+)")
_DAY = re.compile(r"(?:(\d{4})年)?(?:(\d{1,2})月)?(\d{1,2})日(?:（([^）]*)）)?")
_RANGE = re.compile(rf"({_DAY.pattern})(?:\s*至\s*({_DAY.pattern}))?")
_COUNT = re.compile(r"(?:共|放假)\s*(\d{1,2})\s*天")
_WEEKDAYS = "一二三四五六日"
_LONGEST = 31


@dataclass(frozen=True)
class Holidays:
    """Dates with the name of their holiday; in order."""

    off: dict[date, str]
    work: dict[date, str]


def parse_list(text: str, year: int) -> Holidays:
    """The list of ``year``. SlaError names the line that cannot be read or contradicts itself or the year."""
    off: dict[date, str] = {}
    work: dict[date, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        where = f"line {number}"
        for day, name, works in _items(line.partition("#")[0].strip(), year, where):
            if abs(day.year - year) > 1:
                raise SlaError(f"{where}: {day} is not in {year}; give the year that the list is for")
            into, other = (work, off) if works else (off, work)
            if day in other:
                raise SlaError(f"{where}: {day} is both a holiday and a workday; correct the list")
            into.setdefault(day, name)
    if not any(day.year == year for day in off):
        raise SlaError(f"there is no holiday of {year} in the list; is it the right file, and the right year?")
    for day in work:
        if day.weekday() < 5:
            raise SlaError(f"{day} is a make-up workday, but a weekday anyway; check the year and the list")
    return Holidays(dict(sorted(off.items())), dict(sorted(work.items())))


def _items(line: str, year: int, where: str) -> Iterator[tuple[date, str, bool]]:
    """(day, name, whether people work) of one line; lines that speak of no day are passed over."""
    simple = _LINE.fullmatch(line)
    if simple:
        first, last = _iso(simple[1], where), _iso(simple[2] or simple[1], where)
        words = simple[3] or ""
        works = bool(_WORK.search(words))
        name = _WORK.sub("", words).strip(" ,，\t") or ("调休" if works else "")
        yield from ((day, name, works) for day in _days(first, last, where))
        return
    item = _ITEM.fullmatch(line)
    if item and _DAY.search(item[2]):
        yield from _sentences(item[1].strip(), item[2], year, where)
    elif re.match(r"\d{4}\D?\d", line):
        raise SlaError(f"{where}: {line[:40]!r} cannot be read; write for example 2027-01-01..2027-01-03 元旦")


def _sentences(name: str, text: str, year: int, where: str) -> Iterator[tuple[date, str, bool]]:
    for sentence in text.split("。"):
        works = sentence.rstrip().endswith("上班")
        if not works and "放假" not in sentence:
            continue
        found, at = [], (year, 0)
        for match in _RANGE.finditer(sentence):
            first = _spoken(match.groups()[1:5], at, where)
            last = _spoken(match.groups()[6:10], (first.year, first.month), where) if match[6] else first
            at = (last.year if match[2] is None else year, last.month)
            found += _days(first, last, where)
        count = _COUNT.search(sentence)
        if count and int(count[1]) != len(found):
            raise SlaError(f"{where}: {name} says {count[1]} days but names {len(found)}; correct the list")
        yield from ((day, name, works) for day in found)


def _spoken(parts: tuple[str | None, ...], at: tuple[int, int], where: str) -> date:
    """``2月15日（农历腊月二十八、周日）``; a year or month that is left out is the one before."""
    year, month, day, notes = parts
    try:
        found = date(int(year or at[0]), int(month or at[1]), int(day or 0))
    except ValueError:
        raise SlaError(f"{where}: {month or at[1]}月{day}日 is no day of {year or at[0]}; correct the list") from None
    said = re.search(r"(?:周|星期)([一二三四五六日天])", notes or "")
    if said and _WEEKDAYS.index(said[1].replace("天", "日")) != found.weekday():
        raise SlaError(
            f"{where}: {found} is a 周{_WEEKDAYS[found.weekday()]}, not {said[0]}; is it another year's list?"
        )
    return found


def _iso(text: str, where: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise SlaError(f"{where}: {text} is no date; write YYYY-MM-DD") from None


def _days(first: date, last: date, where: str) -> list[date]:
    if not first <= last <= first + timedelta(days=_LONGEST):
        raise SlaError(f"{where}: {first} to {last} is no stretch of holidays; correct the list")
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
