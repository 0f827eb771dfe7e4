"""The report as one picture, 1600 x 2000 points: what a director sees first. The only module here that needs matplotlib."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, get_font
from matplotlib.patches import FancyBboxPatch
from matplotlib.text import Text

from triagebot.locale import say
from triagebot.report import charts, fonts, tables, words
from triagebot.report.figures import Report, Week

_DPI = 100
_SIZE = (16.0, 20.0)
_INK, _SOFT, _RULE, _GROUND = "#1b2430", "#5d6978", "#e2e6eb", "#f4f5f7"
_BLUE, _PALE, _TEAL, _RED, _GREEN, _TRACK = "#2362a2", "#a9c3df", "#3f8f83", "#b93a2b", "#24754a", "#edf0f4"
_TONES = {1: _GREEN, -1: _RED, 0: _SOFT}
_LEFT, _RIGHT = 0.045, 0.955
_MOST_BREACHES = 5
_MOST_QUEUES = 3
"""The product has three; more would run into the lines below."""


def render(report: Report, lang: str) -> bytes:
    figure = Figure(figsize=_SIZE, dpi=_DPI, facecolor=_GROUND)
    FigureCanvasAgg(figure)
    page = _Page(figure, report, lang)
    page.head()
    page.cards()
    page.attainment(_box(page, 0.655, 0.150, say(lang, "report.attainment")))
    page.flow(*_boxes(page, 0.455, 0.185, say(lang, "report.in_and_resolved"), say(lang, "report.backlog")))
    page.heats(*_boxes(page, 0.245, 0.195, say(lang, "report.arrivals"), say(lang, "report.breach_hours")))
    page.queues(_box(page, 0.045, 0.185, say(lang, "report.by_queue"), width=0.54))
    page.breaches(_box(page, 0.045, 0.185, say(lang, "report.breaches"), left=_LEFT + 0.555, width=0.355))
    page.text(_LEFT, 0.022, say(lang, "report.foot"), 12, _SOFT)
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=_DPI)
    return out.getvalue()


def legible(text: str) -> str:
    """What our font has no sign for becomes a box that is meant, not a warning in the log."""
    return "".join(c if ord(c) in _signs() else fonts.MISSING for c in text)


@cache
def _signs() -> frozenset[int]:
    return frozenset(get_font(str(fonts.FILE)).get_charmap()) | {ord("\n")}


def _box(page: _Page, bottom: float, height: float, title: str, *, left: float = _LEFT, width: float = 0.91) -> Any:
    """A white card with a title; returns (left, bottom, width, height) of what is free in it, in shares of the page."""
    page.card(left, bottom, width, height)
    page.text(left + 0.018, bottom + height - 0.019, title, 17, _INK)
    return left + 0.018, bottom + 0.012, width - 0.036, height - 0.048


def _boxes(page: _Page, bottom: float, height: float, one: str, other: str) -> tuple[Any, Any]:
    wide = 0.4475
    return (_box(page, bottom, height, one, width=wide),
            _box(page, bottom, height, other, left=_LEFT + wide + 0.015, width=wide))  # fmt: skip


class _Page:
    """Everything is placed in shares of the page, from its lower left corner."""

    def __init__(self, figure: Figure, report: Report, lang: str) -> None:
        self.figure, self.report, self.lang = figure, report, lang
        self.font = FontProperties(fname=str(fonts.FILE))

    def text(self, x: float, y: float, words: str, size: float, colour: str, **more: Any) -> Text:
        return self.figure.text(x, y, legible(words), fontproperties=self.font, fontsize=size, color=colour,
                         **{"va": "center", **more})  # fmt: skip

    def card(self, left: float, bottom: float, width: float, height: float) -> None:
        self.figure.add_artist(FancyBboxPatch(
            (left, bottom), width, height, boxstyle="round,pad=0,rounding_size=0.006", mutation_aspect=_SIZE[0] / _SIZE[1],
            facecolor="white", edgecolor=_RULE, linewidth=1, transform=self.figure.transFigure, zorder=0,
        ))  # fmt: skip

    def axes(self, place: Sequence[float]) -> Axes:
        axes: Axes = self.figure.add_axes((place[0], place[1], place[2], place[3]), facecolor="none")
        for side in axes.spines.values():
            side.set_visible(False)
        axes.tick_params(length=0, labelcolor=_SOFT, labelsize=12.5)
        return axes

    def labels(self, axes: Axes) -> None:
        for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
            label.set_text(legible(label.get_text()))
            label.set(fontproperties=self.font, fontsize=12.5, color=_SOFT)

    def head(self) -> None:
        report, lang = self.report, self.lang
        self.text(_LEFT, 0.974, say(lang, "report.title"), 34, _INK)
        self.text(_LEFT, 0.947, words.span(report, lang), 19, _INK)
        compared = say(lang, "report.compared", length=words.length(report, lang))
        made = say(lang, "report.made", at=words.moment(report.made_at, report.zone, lang))
        self.text(_RIGHT, 0.974, words.scope(report, lang), 19, _INK, ha="right")
        self.text(_RIGHT, 0.947, f"{compared} · {made}", 14, _SOFT, ha="right")

    def cards(self) -> None:
        width, gap, height = 0.17, 0.015, 0.052
        for n, card in enumerate(charts.cards(self.report, self.lang)):
            left, bottom = _LEFT + (n % 5) * (width + gap), 0.876 - (n // 5) * (height + 0.010)
            self.card(left, bottom, width, height)
            self.text(left + 0.012, bottom + height - 0.013, card["label"], 13, _SOFT)
            self.text(left + 0.012, bottom + 0.019, card["value"], 29, _INK)
            self.text(left + width - 0.012, bottom + 0.016, card["note"], 13, _TONES[card["verdict"]], ha="right")

    def attainment(self, place: Sequence[float]) -> None:
        rows = charts.attainment(self.report, self.lang)
        if not rows:
            self.text(place[0], place[1] + place[3] / 2, words.NONE, 15, _SOFT)
            return
        axes = self.axes((place[0] + 0.165, place[1], place[2] - 0.325, place[3]))
        for n, row in enumerate(rows):
            axes.barh(n, 1, height=0.42, color=_TRACK)
            axes.barh(n, row.now or 0, height=0.42, color=_BLUE)
            axes.barh(n + 0.36, row.before or 0, height=0.16, color=_PALE)
            for x, word, side in ((-0.02, row.label, "right"), (1.02, row.note, "left")):
                axes.text(x, n, legible(word), fontproperties=self.font, fontsize=16, color=_INK, ha=side, va="center")
        axes.set(xlim=(0, 1), ylim=(len(rows) - 0.35, -0.5), xticks=[], yticks=[])
        self._key(place, [(_BLUE, "report.legend_now"), (_PALE, "report.legend_before")])

    def _key(self, place: Sequence[float], entries: Sequence[tuple[str, str]]) -> None:
        """What the colours mean, to the right of the box's title."""
        right, y = place[0] + place[2], place[1] + place[3] + 0.017
        for colour, key in reversed(entries):
            word = self.text(right, y, say(self.lang, key), 12.5, _SOFT, ha="right")
            begin = word.get_window_extent().x0 / (_SIZE[0] * _DPI) - 0.004
            self.text(begin, y, "■", 13, colour, ha="right")
            right = begin - 0.026

    def flow(self, left: Sequence[float], right: Sequence[float]) -> None:
        course, names = self.report.now.course, charts.step_labels(self.report, self.lang)
        places = range(len(course))
        axes = self.axes((left[0] + 0.022, left[1] + 0.014, left[2] - 0.022, left[3] - 0.018))
        axes.bar([p - 0.2 for p in places], [p.opened for p in course], width=0.38, color=_BLUE)
        axes.bar([p + 0.2 for p in places], [p.resolved for p in course], width=0.38, color=_TEAL)
        self._scale(axes, names, max((max(p.opened, p.resolved) for p in course), default=0))
        self._key(left, [(_BLUE, "report.opened"), (_TEAL, "report.resolved")])
        axes = self.axes((right[0] + 0.022, right[1] + 0.014, right[2] - 0.047, right[3] - 0.018))
        backlog = [p.backlog for p in course]
        axes.fill_between(places, backlog, color=_BLUE, alpha=0.12, linewidth=0)
        axes.plot(places, backlog, color=_BLUE, linewidth=2.5)
        if backlog:
            axes.plot(places[-1], backlog[-1], "o", color=_BLUE, markersize=8)
            axes.annotate(str(backlog[-1]), (places[-1], backlog[-1]), (10, 0), textcoords="offset points", va="center",
                          fontproperties=self.font, fontsize=16, color=_INK, annotation_clip=False)  # fmt: skip
        self._scale(axes, names, max(backlog, default=0))

    def _scale(self, axes: Axes, names: Sequence[str], most: int) -> None:
        every = max(1, -(-len(names) // 8))
        short = [name.replace(" ", "\n") for name in names]
        axes.set_xticks(range(0, len(names), every), short[::every])
        axes.set_ylim(0, max(4, most * 1.12))
        axes.locator_params(axis="y", nbins=4, integer=True)
        axes.set_yticks(axes.get_yticks()[axes.get_yticks() <= max(4, most * 1.12)])
        axes.grid(axis="y", color=_RULE, linewidth=1)
        axes.set_axisbelow(True)
        self.labels(axes)

    def heats(self, left: Sequence[float], right: Sequence[float]) -> None:
        now = self.report.now
        self._heat(left, now.arrivals, "Blues", charts.busiest(self.report, self.lang))
        self._heat(right, now.breach_hours, "Reds", say(self.lang, "report.no_breaches") if not now.breaches else "")

    def _heat(self, place: Sequence[float], week: Week, colours: str, note: str) -> None:
        axes = self.axes((place[0] + 0.026, place[1] + 0.016, place[2] - 0.026, place[3] - 0.016))
        most = max((n for day in week for n in day), default=0) or 1
        axes.pcolormesh(week, cmap=colours, vmin=-0.08 * most, vmax=most * 1.05, edgecolors="white", linewidth=2)
        axes.set(ylim=(7, 0), xlim=(0, 24))
        axes.set_xticks([h + 0.5 for h in range(0, 24, 3)], [str(h) for h in range(0, 24, 3)])
        axes.set_yticks([d + 0.5 for d in range(7)], [words.weekday(d, self.lang) for d in range(7)])
        self.labels(axes)
        self.text(place[0] + place[2], place[1] + place[3] + 0.017, note, 12.5, _SOFT, ha="right")

    def queues(self, place: Sequence[float]) -> None:
        table = tables.queues(self.report, self.lang)
        starts = (0.0, 0.27, 0.37, 0.53, 0.69, 0.855, 0.935, 1.0)
        for column, end in zip(table.columns, starts, strict=True):
            self.text(place[0] + place[2] * end, place[1] + place[3] - 0.006, column.title, 11.5, _SOFT,
                      ha="left" if not end else "right")  # fmt: skip
        for n, row in enumerate(table.rows[:_MOST_QUEUES]):
            y = place[1] + place[3] - 0.031 - n * 0.0235
            for cell, column, end in zip(row, table.columns, starts, strict=True):
                said = tables.shown(cell, column.kind, self.report, self.lang)
                self.text(place[0] + place[2] * end, y, said, 15, _INK, ha="left" if not end else "right")
        if not table.rows:
            self.text(place[0], place[1] + place[3] - 0.035, words.NONE, 15, _SOFT)
        for n, told in enumerate(reversed(words.times(self.report, self.lang))):
            self.text(place[0], place[1] + 0.004 + n * 0.019, told, 12, _SOFT)

    def breaches(self, place: Sequence[float]) -> None:
        """The gravest ones: which ticket, which promise, how late."""
        table = tables.breaches(self.report, self.lang)
        if not table.rows:
            self.text(place[0], place[1] + place[3] - 0.010, say(self.lang, "report.no_breaches"), 15, _GREEN)
        for n, row in enumerate(table.rows[:_MOST_BREACHES]):
            said = [
                tables.shown(cell, c.kind, self.report, self.lang) for cell, c in zip(row, table.columns, strict=True)
            ]
            y = place[1] + place[3] - 0.006 - n * 0.0235
            self.text(place[0], y, f"{said[0]}  {said[1]}", 14.5, _INK)
            self.text(place[0] + 0.105, y, said[2], 14.5, _SOFT)
            self.text(place[0] + place[2], y, said[7], 14.5, _RED, ha="right")
        if len(table.rows) > _MOST_BREACHES:
            more = say(self.lang, "report.first_more", count=_MOST_BREACHES, all=len(table.rows))
            self.text(place[0], place[1] + 0.004, more, 12, _SOFT)
