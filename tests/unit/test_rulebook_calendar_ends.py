"""A calendar that will run out of holidays is named in time."""

from __future__ import annotations

from datetime import date

import pytest

from tests.unit.house import book
from triagebot.rulebook.calendar_ends import CalendarEnd, calendar_ends

END = date(2026, 12, 31)


@pytest.mark.parametrize(
    ("today", "state"),
    [(date(2026, 11, 1), "ok"), (date(2026, 11, 2), "warning"), (END, "warning"), (date(2027, 1, 1), "error")],
)
def test_it_is_warned_of_sixty_days_before_the_end(today: date, state: str) -> None:
    rules = book().model_copy(update={"calendars": {"cn": {"covers_until": str(END)}, "24x7": {}}})
    assert list(calendar_ends(rules, today)) == [CalendarEnd("cn", END, state)]  # type: ignore[arg-type]


def test_holidays_without_an_end_are_warned_of() -> None:
    rules = book().model_copy(update={"calendars": {"cn": {"holidays": ["2026-10-01"]}}})
    assert list(calendar_ends(rules, END)) == [CalendarEnd("cn", None, "warning")]
