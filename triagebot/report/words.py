"""Figures, changes and moments as people read them, in both languages."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from triagebot.desk.periods import Period
from triagebot.locale import say
from triagebot.report.figures import Breach, Report
from triagebot.report.headline import Kind, Row, by_key
from triagebot.text import spoken_span

NONE = "–"
_DAYS = {"zh": "一二三四五六日", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}


def value(kind: Kind, number: float | None, lang: str) -> str:
    if number is None:
        return NONE
    if kind == "share":
        return f"{number:.1%}"
    if kind == "seconds":
        return spoken_span(number, lang)
    return f"{number:.2f}" if kind == "stars" else f"{number:,.0f}"


def change(row: Row, lang: str) -> str:
    """With its sign; "" where there is nothing to compare with, a word where nothing changed."""
    return moved(row.item.kind, row.change, lang)


def moved(kind: Kind, by: float | None, lang: str) -> str:
    if by is None:
        return ""
    size = {"share": f"{abs(by) * 100:.1f}", "stars": f"{abs(by):.2f}"}.get(kind, value(kind, abs(by), lang))
    if not any(digit in size for digit in "123456789"):
        return say(lang, "report.same")
    sign = "+" if by > 0 else "−"
    return sign + (say(lang, "report.points", points=size) if kind == "share" else size)


def fraction(row: Row, report: Report) -> str:
    """What a share was taken of: 75/78; "" for what is no share."""
    if row.item.of is None:
        return ""
    share = row.item.of(report.now)
    return f"{share.part}/{share.whole}"


def weekday(number: int, lang: str) -> str:
    """Monday is 0."""
    return f"周{_DAYS['zh'][number]}" if lang != "en" else _DAYS["en"][number]


def moment(at: datetime, zone: str, lang: str) -> str:
    local = at.astimezone(ZoneInfo(zone))
    day = f"{local.month}月{local.day}日" if lang != "en" else f"{local:%d %b}"
    return f"{day} {local:%H:%M}"


def span(report: Report, lang: str) -> str:
    return days(report.now.period, ZoneInfo(report.zone), lang)


def days(period: Period, zone: ZoneInfo, lang: str) -> str:
    """The period: whole days as days, the last one included, as people speak of them."""
    since, until = (at.astimezone(zone) for at in (period.since, period.until))
    if (since.hour, since.minute, until.hour, until.minute) == (0, 0, 0, 0):
        last = until - timedelta(days=1)
        one, other = _day(since, lang), _day(last, lang)
        return one if since.date() == last.date() else f"{one} – {other}"
    if since.date() == until.date():
        return f"{_day(since, lang)} {since:%H:%M} – {until:%H:%M}"
    return f"{_day(since, lang)} {since:%H:%M} – {_day(until, lang)} {until:%H:%M}"


def _day(at: datetime, lang: str) -> str:
    if lang == "en":
        return f"{at:%a} {at.day} {at:%b %Y}"
    return f"{at.year}年{at.month}月{at.day}日（周{_DAYS['zh'][at.weekday()]}）"


def length(report: Report, lang: str) -> str:
    return spoken_span(report.now.period.length.total_seconds(), lang)


def scope(report: Report, lang: str) -> str:
    """What the report is limited to, in words."""
    chosen = report.filters.chosen()
    return " · ".join(report.title(lang, name) for name in chosen.values()) or say(lang, "report.everything")


def times(report: Report, lang: str) -> list[str]:
    """How long first answers and resolutions took, a line each; none where there were none."""
    found, lines = by_key(report), []
    for metric in ("first", "resolution"):
        values = {name: value("seconds", found[f"{metric}_{name}"].now, lang)
                  for name in ("median", "p90", "wall_median", "wall_p90")}  # fmt: skip
        if found[f"{metric}_median"].now is not None:
            lines.append(say(lang, f"report.{metric}_times", **values))
    return lines


def breach(found: Breach, report: Report, lang: str) -> str:
    """One broken promise on one line, with the ticket's number."""
    key = "report.breach_open" if found.open else "report.breach_line"
    return say(lang, key, number=found.ticket, priority=found.priority, queue=report.title(lang, found.queue),
               metric=say(lang, f"metric.{found.metric}"), late=spoken_span(found.late_s, lang))  # fmt: skip
