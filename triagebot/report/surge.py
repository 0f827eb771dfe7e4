"""An incident as a chart: how many people reported it, bin by bin, against how many are usual, and what happened when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from zoneinfo import ZoneInfo

from triagebot.desk.incident.curve import Curve
from triagebot.desk.incident.telling import usual
from triagebot.report.svg import ceiling, grid, letters

_DAY_S = 86400
_STEPS_S = (900, 1800, 3600, 7200, 10800, 21600, 43200, _DAY_S, 2 * _DAY_S, 3 * _DAY_S)
"""How far labels of the axis may be apart."""
_MARK_ROOM = 24
_LEFT, _RIGHT, _BOTTOM, _PLOT = 40, 14, 26, 170


@dataclass(frozen=True)
class Form:
    """``width``: of the drawing, so that its letters are as large as those beside it; ``labels``: so many at most below it."""

    name: str
    width: int
    labels: int


WIDE, SLIM = Form("wide", 990, 10), Form("slim", 350, 5)


@dataclass(frozen=True)
class Mark:
    """A moment that something happened; marks are numbered from 1 in their order, their words stand beside the chart."""

    at: datetime
    words: str


def chart(curve: Curve, marks: Sequence[Mark], zone: ZoneInfo, form: Form, title: str, words: str) -> str:
    """Inline SVG. ``title``: what it is; ``words``: what it shows, for who cannot see it."""
    places = _places(curve, marks, form)
    top = 10 + _MARK_ROOM * (1 + max((level for _, level in places), default=-1))
    room = form.width - _LEFT - _RIGHT
    most = ceiling(max([*curve.people, *(round(mean) for mean in curve.usual)]))
    parts = grid(most, form.width - _RIGHT, _LEFT, top, _PLOT)
    parts += _bars(curve, zone, room, top, most)
    parts += _usual(curve, room, top, most)
    parts += _marks(places, top)
    parts += _axis(curve, zone, form, top)
    return _drawn(form, top + _PLOT + _BOTTOM, parts, title, words)


def _bars(curve: Curve, zone: ZoneInfo, room: float, top: float, most: int) -> Iterator[str]:
    slot = room / len(curve.people)
    for n, people in enumerate(curve.people):
        if people:
            tall = _PLOT * people / most
            mean = f" ({usual(curve.usual[n])})" if curve.usual else ""
            says = escape(f"{curve.start(n).astimezone(zone):%m-%d %H:%M}  {people}{mean}")
            yield (
                f'<rect class="opened" x="{_LEFT + slot * (n + 0.1):.1f}" y="{top + _PLOT - tall:.1f}" '
                f'width="{slot * 0.8:.1f}" height="{tall:.1f}" rx="2"><title>{says}</title></rect>'
            )


def _usual(curve: Curve, room: float, top: float, most: int) -> Iterator[str]:
    if curve.usual:
        slot = room / len(curve.usual)
        steps = [(_LEFT + slot * k, top + _PLOT * (1 - mean / most))
                 for n, mean in enumerate(curve.usual) for k in (n, n + 1)]  # fmt: skip
        yield f'<polyline class="usual" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in steps)}"/>'


def _places(curve: Curve, marks: Sequence[Mark], form: Form) -> list[tuple[float, int]]:
    """Of each mark: where it stands, and in which row its number does, so that no two lie on each other."""
    room, whole = form.width - _LEFT - _RIGHT, curve.end - curve.begin
    ends: list[float] = []
    places = []
    for mark in marks:
        x = _LEFT + room * min(1.0, max(0.0, (mark.at - curve.begin) / whole))
        level = next((n for n, end in enumerate(ends) if x - end >= _MARK_ROOM), len(ends))
        ends[level : level + 1] = [x]
        places.append((x, level))
    return places


def _marks(places: Sequence[tuple[float, int]], top: float) -> Iterator[str]:
    """The first row stands lowest."""
    heights = [top - 14 - _MARK_ROOM * level for _, level in places]
    for (x, _), y in zip(places, heights, strict=True):
        yield f'<line class="moment" x1="{x:.1f}" x2="{x:.1f}" y1="{y:.1f}" y2="{top + _PLOT:.1f}"/>'
    for number, ((x, _), y) in enumerate(zip(places, heights, strict=True), start=1):
        yield f'<circle class="moment" cx="{x:.1f}" cy="{y:.1f}" r="10"/>'
        yield letters(x, y + 4.5, str(number), "number", anchor="middle")


def _axis(curve: Curve, zone: ZoneInfo, form: Form, top: float) -> Iterator[str]:
    """Labels at whole hours and the like of ``zone``."""
    whole = curve.end - curve.begin
    step = next((s for s in _STEPS_S if whole / timedelta(seconds=s) <= form.labels), _STEPS_S[-1])
    local = curve.begin.astimezone(zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    at = midnight + timedelta(seconds=step * -(-(local - midnight).total_seconds() // step))
    while at < curve.end:
        x = _LEFT + (form.width - _LEFT - _RIGHT) * ((at - curve.begin) / whole)
        label = f"{at.month}/{at.day}" if step >= _DAY_S else f"{at:%H:%M}"
        yield letters(max(x, _LEFT), top + _PLOT + 18, label, "axis", anchor="middle")
        at += timedelta(seconds=step)


def _drawn(form: Form, height: float, parts: Sequence[str], title: str, words: str) -> str:
    ids = f"{form.name}-title", f"{form.name}-words"
    return (
        f'<svg class="{form.name}" viewBox="0 0 {form.width} {height:.0f}" role="img" aria-labelledby="{ids[0]}" '
        f'aria-describedby="{ids[1]}"><title id="{ids[0]}">{escape(title)}</title><desc id="{ids[1]}">{escape(words)}</desc>'
        f"{''.join(parts)}</svg>"
    )
