"""A calendar file and a year's published holidays: what differs, and the file's text with the year put in.

The text is edited, not written anew, so that comments and everything else in the file stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date

import yaml

from triagebot.errors import SlaError
from triagebot.sla.holidays import Holidays
from triagebot.sla.hours import parse_dates

_KEYS = {"holidays": "off", "workdays": "work"}
_DATE = re.compile(r"\s*-\s*[\"']?(\d{4}-\d{2}-\d{2})[\"']?\s*(?:#.*)?")


def differences(spec: Mapping[str, object], year: int, published: Holidays) -> list[str]:
    """One line for each date of ``year`` that only one side knows; empty: the calendar is as published."""
    found = []
    for key, name in _KEYS.items():
        wanted: dict[date, str] = getattr(published, name)
        there = {day for day in parse_dates(spec.get(key), f"calendar.{key}") if day.year == year}
        for day in sorted(there ^ {d for d in wanted if d.year == year}):
            side = "is in the calendar, but not in the list" if day in there else "is missing in the calendar"
            found.append(f"{key}: {day} {wanted.get(day, '')} {side}".replace("  ", " "))
    until = spec.get("covers_until")
    if until is None or date.fromisoformat(str(until)) < date(year, 12, 31):
        found.append(f"covers_until: {until or 'missing'}, although the list reaches {year}-12-31")
    return found


def extended(text: str, year: int, published: Holidays) -> str:
    """``text`` of a calendar file with the dates of ``year`` as published; other years stay.

    SlaError when a year in between is missing, or the file is written in a way that this cannot edit.
    """
    known = re.search(r"^covers_until\s*:\s*[\"']?(\d{4})", text, re.MULTILINE)
    if known and year > int(known[1]) + 1:
        raise SlaError(
            f"the calendar covers only {known[1]}; import {int(known[1]) + 1} first, or a year would be a gap"
        )
    lines = text.splitlines()
    for key, name in _KEYS.items():
        lines = _with_dates(lines, key, year, getattr(published, name))
    lines = _covering(lines, date(year, 12, 31))
    done = "\n".join(lines) + "\n"
    if left := differences(yaml.safe_load(done), year, published):
        raise SlaError(f"the calendar file cannot be edited by itself ({left[0]}); put the dates in by hand")
    return done


def _with_dates(lines: list[str], key: str, year: int, wanted: Mapping[date, str]) -> list[str]:
    begin = next((n for n, line in enumerate(lines) if re.match(rf"{key}\s*:", line)), None)
    if begin is None:
        begin = len(lines)
        lines = [*lines, f"{key}:"]
    elif not re.fullmatch(rf"{key}\s*:\s*(?:\[\s*\]\s*)?(?:#.*)?", lines[begin]):
        raise SlaError(f"{key}: write the dates as a list with one `- date` a line, then import again")
    end = next((n for n in range(begin + 1, len(lines)) if re.match(r"\S", lines[n])), len(lines))
    rows = [(day, line) for line in lines[begin + 1 : end] if (day := _date_of(line)) and day.year != year]
    known = {day for day, _ in rows}
    rows += [(day, f"  - {day}{f'  # {name}' if name else ''}") for day, name in wanted.items() if day not in known]
    if not rows:
        return lines
    head = re.sub(r"\[\s*\]\s*", "", lines[begin]).rstrip()
    return [*lines[:begin], head, *(line for _, line in sorted(rows)), *lines[end:]]


def _date_of(line: str) -> date | None:
    found = _DATE.fullmatch(line)
    if found:
        return date.fromisoformat(found[1])
    if line.strip():
        raise SlaError(f"{line.strip()!r} in a list of dates cannot be kept; write one `- date  # name` a line")
    return None


def _covering(lines: list[str], until: date) -> list[str]:
    """``covers_until`` at least ``until``; where the file has none, before the lists of dates."""

    def edited() -> Iterator[str]:
        for line in lines:
            found = re.match(r"covers_until\s*:\s*[\"']?(\d{4}-\d{2}-\d{2})", line)
            yield line.replace(found[1], max(found[1], until.isoformat())) if found else line

    if any(line.startswith("covers_until") for line in lines):
        return list(edited())
    place = next(n for n, line in enumerate(lines) if line.startswith(tuple(_KEYS)))
    return [*lines[:place], f"covers_until: {until}", *lines[place:]]
