"""Charts as inline SVG: no script, no request, colours from the page's variables so that they follow light and dark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from triagebot.report.figures import Week

_WIDTH = 990
"""As wide as the page's text, so that letters in charts are as large as those beside them."""


@dataclass(frozen=True)
class Bar:
    """``now`` and ``before`` are shares 0..1, or None; ``label`` names the bar, ``note`` stands at its end."""

    label: str
    now: float | None
    before: float | None
    note: str


def bars(rows: Sequence[Bar], alt: str) -> str:
    """Horizontal pairs: this period thick, the one before thin below it."""
    height, width, left, right = 48, _WIDTH, 190, 170
    room = width - left - right
    parts = []
    for n, row in enumerate(rows):
        top = n * height + 8
        parts.append(letters(left - 12, top + 19, row.label, "label", anchor="end"))
        parts.append(f'<rect class="track" x="{left}" y="{top + 2}" width="{room}" height="20" rx="3"/>')
        if row.now is not None:
            parts.append(
                f'<rect class="now" x="{left}" y="{top + 2}" width="{row.now * room:.1f}" height="20" rx="3"/>'
            )
        if row.before is not None:
            parts.append(
                f'<rect class="before" x="{left}" y="{top + 26}" width="{row.before * room:.1f}" height="7" rx="2"/>'
            )
        parts.append(letters(left + room + 12, top + 18, row.note, "value"))
    return drawn(width, len(rows) * height + 8, parts, alt)


def heat(week: Week, days: Sequence[str], alt: str, colour: str, unit: str = "") -> str:
    """Seven rows of twenty-four; each cell says its number when pointed at."""
    cell, gap, left, top = 16, 2, 40, 4
    most = max((n for day in week for n in day), default=0) or 1
    parts = []
    for d, day in enumerate(week):
        y = top + d * (cell + gap)
        parts.append(letters(left - 10, y + 12.5, days[d], "axis", anchor="end"))
        for h, n in enumerate(day):
            x = left + h * (cell + gap)
            shade = 0.06 if not n else 0.18 + 0.82 * n / most
            title = escape(f"{days[d]} {h}:00 {unit}{n}")
            parts.append(
                f'<rect class="{colour}" x="{x}" y="{y}" width="{cell}" height="{cell}" rx="3" '
                f'fill-opacity="{shade:.2f}"><title>{title}</title></rect>'
            )
    bottom = top + 7 * (cell + gap) + 13
    parts += [
        letters(left + h * (cell + gap) + cell / 2, bottom, str(h), "axis", anchor="middle") for h in range(0, 24, 3)
    ]
    return drawn(left + 24 * (cell + gap), bottom + 8, parts, alt)


def columns(labels: Sequence[str], series: Sequence[tuple[str, Sequence[int]]], alt: str) -> str:
    """Grouped columns; ``series``: (class, values)."""
    width, height, left, bottom, top = _WIDTH - 46, 240, 44, 30, 12
    plot, slot = height - bottom - top, (width - left) / max(1, len(labels))
    most = ceiling(max((v for _, values in series for v in values), default=0))
    parts = grid(most, width, left, top, plot)
    thick = min(26.0, slot * 0.72 / len(series))
    for n in range(len(labels)):
        middle = left + slot * (n + 0.5)
        for k, (name, values) in enumerate(series):
            tall = plot * values[n] / most
            x = middle + (k - len(series) / 2) * thick
            parts.append(
                f'<rect class="{name}" x="{x:.1f}" y="{top + plot - tall:.1f}" width="{thick - 1.5:.1f}" '
                f'height="{tall:.1f}" rx="2"><title>{escape(labels[n])} {values[n]}</title></rect>'
            )
    return drawn(_WIDTH, height, parts + _below(labels, left, slot, height), alt)


def line(labels: Sequence[str], values: Sequence[int], alt: str) -> str:
    """One series over time, from zero, with its last value written out."""
    width, height, left, bottom, top, right = _WIDTH, 190, 44, 30, 14, 46
    plot, slot = height - bottom - top, (width - left - right) / max(1, len(labels))
    most = ceiling(max(values, default=0))
    points = [(left + slot * (n + 0.5), top + plot * (1 - v / most)) for n, v in enumerate(values)]
    parts = grid(most, width - right, left, top, plot)
    if points:
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        first, last = points[0][0], points[-1][0]
        parts.append(f'<polygon class="area" points="{first:.1f},{top + plot} {path} {last:.1f},{top + plot}"/>')
        parts.append(f'<polyline class="line" points="{path}"/>')
        parts.append(f'<circle class="dot" cx="{last:.1f}" cy="{points[-1][1]:.1f}" r="4"/>')
        parts.append(letters(last + 10, points[-1][1] + 5, str(values[-1]), "value"))
    return drawn(width, height, parts + _below(labels, left, slot, height), alt)


def grid(most: int, width: float, left: float, top: float, plot: float) -> list[str]:
    parts = []
    for value in (0, most // 2, most):
        y = top + plot * (1 - value / most)
        parts.append(f'<line class="grid" x1="{left}" x2="{width}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(letters(left - 8, y + 4, str(value), "axis", anchor="end"))
    return parts


def _below(labels: Sequence[str], left: float, slot: float, height: float) -> list[str]:
    every = max(1, -(-len(labels) // 10))
    return [
        letters(left + slot * (n + 0.5), height - 8, label, "axis", anchor="middle")
        for n, label in enumerate(labels)
        if n % every == 0
    ]


def ceiling(most: int) -> int:
    """An even number to end the axis at."""
    for size in (2, 4, 6, 8, 10, 20, 30, 40, 50, 60, 80, 100):
        if most <= size:
            return size
    step = int("5" + "0" * (len(str(most)) - 2))
    return -(-most // step) * step


def letters(x: float, y: float, words: str, name: str, anchor: str = "start") -> str:
    return f'<text class="{name}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def drawn(width: float, height: float, parts: Sequence[str], alt: str) -> str:
    inner = "".join(parts)
    return (
        f'<svg viewBox="0 0 {width:.0f} {height:.0f}" role="img" aria-label="{escape(alt, quote=True)}">{inner}</svg>'
    )
