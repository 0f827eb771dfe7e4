"""Until when each calendar knows its holidays: beyond that day promises would be counted as if there were none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from triagebot.rulebook.schema import RuleBook

_NOTICE = timedelta(days=60)
"""So long before its end a calendar should be given its next year."""


@dataclass(frozen=True)
class CalendarEnd:
    """``until``: the last day that it knows, None when it does not say. ``state``: warning when that is soon, or unsaid; error
    when it is past."""

    name: str
    until: date | None
    state: Literal["ok", "warning", "error"]


def calendar_ends(book: RuleBook, today: date) -> Iterator[CalendarEnd]:
    """Of those that list holidays or say an end."""
    for name, spec in book.calendars.items():
        end = spec.get("covers_until")
        if end is not None:
            until = date.fromisoformat(str(end))
            left = until - today
            yield CalendarEnd(name, until, "error" if left < timedelta(0) else "warning" if left < _NOTICE else "ok")
        elif spec.get("holidays"):
            yield CalendarEnd(name, None, "warning")
