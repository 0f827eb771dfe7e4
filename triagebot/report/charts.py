"""What page and picture show alike: the cards on top, the pairs of bars, labels and lines below charts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from triagebot.locale import say
from triagebot.report import words
from triagebot.report.figures import Report
from triagebot.report.headline import by_key
from triagebot.report.svg import Bar

_CARDS = ("opened", "escalated", "resolved", "by_bot", "backlog", "first_response", "next_response", "resolution",
          "breaches", "rating")  # fmt: skip
_PROMISES = ("first_response", "next_response", "resolution", "update")


def cards(report: Report, lang: str) -> list[dict[str, Any]]:
    """``label``, ``value``, ``note`` (the change), ``verdict`` (1 better, -1 worse)."""
    found = by_key(report)
    return [
        {
            "label": say(lang, f"report.{key}"),
            "value": words.value(found[key].item.kind, found[key].now, lang),
            "note": words.change(found[key], lang) or words.NONE,
            "verdict": found[key].verdict,
        }
        for key in _CARDS
    ]


def attainment(report: Report, lang: str) -> list[Bar]:
    """Metrics that anything was promised for, in this period or the one before."""
    found = by_key(report)
    return [
        Bar(say(lang, f"report.{key}"), row.now, row.before,
            f"{words.value('share', row.now, lang)}  {words.fraction(row, report)}" if row.now is not None else words.NONE)
        for key in _PROMISES
        if (row := found.get(key)) is not None and (row.now is not None or row.before is not None)
    ]  # fmt: skip


def step_labels(report: Report, lang: str) -> list[str]:
    """One a step: hours for short periods, days otherwise."""
    course, zone = report.now.course, ZoneInfo(report.zone)
    hourly = len(course) > 1 and course[1].at - course[0].at <= timedelta(hours=1)
    short = report.now.period.length <= timedelta(days=8)
    labels = []
    for point in course:
        local = point.at.astimezone(zone)
        if hourly:
            labels.append(f"{local:%H:%M}")
        elif short:
            labels.append(f"{words.weekday(local.weekday(), lang)} {local.month}/{local.day}")
        else:
            labels.append(f"{local.month}/{local.day}")
    return labels


def busiest(report: Report, lang: str) -> str:
    """The hour of the week in which most tickets came in; "" when none did."""
    count, day, hour = max(
        ((n, -d, -h) for d, row in enumerate(report.now.arrivals) for h, n in enumerate(row)), default=(0, 0, 0)
    )
    return say(lang, "report.busiest", day=words.weekday(-day, lang), hour=-hour, count=count) if count else ""


def ages(report: Report, lang: str) -> str:
    """How old the open tickets are, group by group, on one line."""
    if not report.now.backlog.open:
        return ""
    groups = (f"{say(lang, f'report.age_{n}')} {count}" for n, count in enumerate(report.now.backlog.ages))
    return say(lang, "report.ages", groups=" · ".join(groups))
