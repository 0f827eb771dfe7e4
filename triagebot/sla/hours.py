"""Opening hours as written ("09:00-12:00") -> spans of minutes in a local day, checked against each other."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from itertools import pairwise

from triagebot.errors import SlaError

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MIN = 24 * 60
_SPAN = re.compile(r"([0-9]{1,2}):([0-9]{2})\s*-\s*([0-9]{1,2}):([0-9]{2})")

Span = tuple[int, int]
"""Minutes since local midnight; an end beyond 1440 lies on the next day."""


def parse_span(text: object, where: str) -> Span:
    """``"22:00-06:00"`` runs over midnight and belongs to the day it starts on; ``24:00`` is the end of the day."""
    found = _SPAN.fullmatch(text.strip()) if isinstance(text, str) else None
    if found is None:
        raise SlaError(f"{where}: {text!r} is no span; write for example 09:00-18:00")
    h1, m1, h2, m2 = map(int, found.groups())
    start, end = h1 * 60 + m1, h2 * 60 + m2
    if m1 > 59 or m2 > 59 or start >= DAY_MIN or end > DAY_MIN:
        raise SlaError(f"{where}: {text!r} is not a time of day")
    return (start, end) if end > start else (start, end + DAY_MIN)


def parse_spans(value: object, where: str) -> tuple[Span, ...]:
    """The spans of one day in order; overlapping ones are refused."""
    if not isinstance(value, (list, tuple)):
        raise SlaError(f'{where}: must be a list of spans such as ["09:00-12:00", "13:00-18:00"]')
    spans = tuple(sorted(parse_span(text, f"{where}[{n}]") for n, text in enumerate(value)))
    for earlier, later in pairwise(spans):
        if later[0] < earlier[1]:
            raise SlaError(f"{where}: spans overlap")
    return spans


def parse_week(value: object, where: str) -> tuple[tuple[Span, ...], ...]:
    """Seven days from Monday; a night that runs into the next day's hours is refused."""
    if not isinstance(value, Mapping):
        raise SlaError(f"{where}: must map mon..sun to lists of spans")
    for day in value:
        if day not in WEEKDAYS:
            raise SlaError(f"{where}: {day!r} is no weekday; use {', '.join(WEEKDAYS)}")
    week = tuple(parse_spans(value.get(day) or [], f"{where}.{day}") for day in WEEKDAYS)
    for n, spans in enumerate(week):
        following = week[(n + 1) % 7]
        if spans and following and spans[-1][1] - DAY_MIN > following[0][0]:
            raise SlaError(f"{where}.{WEEKDAYS[n]}: the night span overlaps the hours of the next day")
    if not any(week):
        raise SlaError(f"{where}: this calendar never opens; give at least one weekday a span")
    return week


def parse_date(value: object, where: str) -> date:
    """A date as YAML or JSON hold it; a time of day with it is refused rather than dropped."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise SlaError(f"{where}: {value!r} is no date; write YYYY-MM-DD") from None


def parse_dates(value: object, where: str) -> frozenset[date]:
    """A list of dates; None is an empty one."""
    if value is not None and not isinstance(value, (list, tuple)):
        raise SlaError(f"{where}: must be a list of dates")
    return frozenset(parse_date(item, f"{where}[{n}]") for n, item in enumerate(value or ()))
