"""Random cases of ``sla simulate`` for Hypothesis: few days, coarse seconds, so that ties and exact hits are common."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

ZONES = ("UTC", "Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
STARTS = tuple(
    datetime.fromisoformat(text)
    for text in (
        "2026-03-07T12:00:00+00:00",  # America/New_York springs forward
        "2026-03-28T12:00:00+00:00",  # Europe/Berlin
        "2026-04-04T06:00:00+00:00",  # Australia/Lord_Howe goes back by half an hour
        "2026-09-18T23:00:00+00:00",  # before a make-up Sunday in China
        "2026-09-30T08:00:00+00:00",  # the national holiday; Lord_Howe springs forward on October 3
        "2026-10-24T12:00:00+00:00",  # Berlin falls back
        "2026-10-31T20:00:00+00:00",  # New York falls back
        "2026-12-30T12:00:00+00:00",  # the end of the year
    )
)
_QUARTER = 15
_WEEK = 7 * 96
TYPES = (
    *["agent_replied"] * 6, *["user_replied"] * 8, "note", "bot_replied", "opened", *["escalated"] * 2,
    *["pending_user"] * 5, *["on_hold"] * 5, *["resumed"] * 4, *["priority_changed"] * 3, *["queue_changed"] * 2,
    "policy_changed", *["resolved"] * 3, "closed", *["reopened"] * 5, "merged",
)  # fmt: skip
TARGETS = ("15m", "30m", "1h", "90m", "2h", "4h", "1d")


def _text(quarters: int) -> str:
    return f"{quarters * _QUARTER // 60:02d}:{quarters * _QUARTER % 60:02d}"


@st.composite
def weeks(draw: st.DrawFn) -> dict[str, list[str]]:
    """Spans between pairs of marks on the circle of a week: they never overlap, and some run over midnight."""
    marks = sorted(draw(st.sets(st.integers(0, _WEEK - 1), min_size=4, max_size=24)))
    if draw(st.booleans()):
        marks = [*marks[1:], marks[0] + _WEEK]
    week: dict[str, list[str]] = {}
    for begin, end in zip(marks[0::2], marks[1::2], strict=False):
        day, first = divmod(begin, 96)
        last = min(end - day * 96, first + 96)
        last = last if last <= 96 else last - 96
        week.setdefault(WEEKDAYS[day], []).append(f"{_text(first)}-{_text(last)}")
    return week


def days_near(start: datetime) -> st.SearchStrategy[list[str]]:
    days = st.dates(start.date() - timedelta(days=2), start.date() + timedelta(days=6))
    return st.lists(days.map(date.isoformat), max_size=3, unique=True)


@st.composite
def calendars(draw: st.DrawFn, start: datetime) -> dict[str, Any] | str:
    """Open at least half an hour a week, so that every target is used up within a year."""
    if draw(st.integers(0, 2)) == 0:
        return "24x7"
    spec: dict[str, Any] = {
        "timezone": draw(st.sampled_from(ZONES)),
        "week": draw(weeks()),
        "holidays": draw(days_near(start)),
        "workdays": draw(days_near(start)),
        "day_hours": draw(st.sampled_from((8, 1, 0.5, 2.5))),
    }
    if draw(st.booleans()):
        spec["workday_hours"] = draw(st.sampled_from((["10:00-16:00"], ["22:00-06:00"], ["00:00-24:00"], [])))
    return spec


_targets = st.sampled_from((*TARGETS, *TARGETS, 0, "0", None, None, 5400, "45s"))
policies = st.fixed_dictionaries(
    {"resolution": _targets, "first_response": _targets, "next_response": _targets}, optional={"update": _targets}
)


_GAPS = (0, 0, 900, 900, 1800, 1800, 3600, 3600, 5400, 7200, 14400, 1, 45, 32_400, 86_400, -1800, -86_400)
"""Seconds between two events: ties, the targets themselves, odd ones, a night, a day; now and then out of order."""


@st.composite
def cases(draw: st.DrawFn) -> dict[str, Any]:
    """A case with whole seconds: a ticket that is nearly always handed over, and up to 16 more events."""
    at = draw(st.sampled_from(STARTS))
    near, first = at, draw(st.sampled_from(("escalated",) * 6 + ("opened",)))
    events: list[dict[str, Any]] = [{"at": at.isoformat(), "type": first}]
    for kind in draw(st.lists(st.sampled_from(TYPES), min_size=draw(st.integers(0, 14)), max_size=16)):
        at += timedelta(seconds=draw(st.sampled_from(_GAPS)))
        event: dict[str, Any] = {"at": at.isoformat(), "type": kind}
        if kind.endswith("_changed"):
            event["policy"] = draw(policies)
            if draw(st.booleans()):
                event["calendar"] = draw(calendars(near))
        events.append(event)
    now = max(datetime.fromisoformat(e["at"]) for e in events) + timedelta(seconds=draw(st.sampled_from(_GAPS)))
    return {"policy": draw(policies), "calendar": draw(calendars(near)), "events": events, "now": now.isoformat()}
