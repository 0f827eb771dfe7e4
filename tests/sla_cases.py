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
    *["agent_replied"] * 3, *["user_replied"] * 4, "note", "bot_replied", "opened", "escalated",
    *["pending_user"] * 3, *["on_hold"] * 2, *["resumed"] * 3, *["priority_changed"] * 2, *["queue_changed"] * 2,
    *["resolved"] * 3, "closed", *["reopened"] * 4,
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


def near(start: datetime) -> st.SearchStrategy[list[str]]:
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
        "holidays": draw(near(start)),
        "workdays": draw(near(start)),
        "day_hours": draw(st.sampled_from((8, 1, 0.5, 2.5))),
    }
    if draw(st.booleans()):
        spec["workday_hours"] = draw(st.sampled_from((["10:00-16:00"], ["22:00-06:00"], ["00:00-24:00"], [])))
    return spec


_targets = st.sampled_from((*TARGETS, *TARGETS, *TARGETS, 0, "0", None, 5400, "45s"))
policies = st.fixed_dictionaries(
    {"resolution": _targets, "first_response": _targets, "next_response": _targets}, optional={"update": _targets}
)


@st.composite
def moments(draw: st.DrawFn, start: datetime, earlier: list[str]) -> str:
    """A quarter of an hour or an odd second within three days; or an earlier moment again, or one target later."""
    kind = draw(st.integers(0, 7))
    if kind <= 3:
        return (start + timedelta(minutes=_QUARTER * draw(st.integers(0, 3 * 96)))).isoformat()
    at = datetime.fromisoformat(draw(st.sampled_from(earlier)))
    if kind <= 5:
        at += timedelta(minutes=draw(st.sampled_from((0, 15, 30, 60, 90, 120, 240))))
    else:
        at += timedelta(seconds=draw(st.integers(-1, 6000)))
    return at.isoformat()


@st.composite
def cases(draw: st.DrawFn) -> dict[str, Any]:
    """A case with whole seconds, a ticket that is nearly always handed over, and up to 14 more events in any order."""
    start = draw(st.sampled_from(STARTS))
    events: list[dict[str, Any]] = [{"at": start.isoformat(), "type": draw(st.sampled_from(("escalated",) * 6 + ("opened",)))}]
    times = [start.isoformat()]
    for _ in range(draw(st.integers(0, 14))):
        times.append(draw(moments(start, times)))
        merged = draw(st.integers(0, 60)) == 60
        event: dict[str, Any] = {"at": times[-1], "type": "merged" if merged else draw(st.sampled_from(TYPES))}
        if event["type"].endswith("_changed"):
            event["policy"] = draw(policies)
            if draw(st.booleans()):
                event["calendar"] = draw(calendars(start))
        events.append(event)
    now = draw(moments(start, times))
    return {"policy": draw(policies), "calendar": draw(calendars(start)), "events": events, "now": max(now, times[-1])}
