"""The chart of an incident: bars of people, the line of what is usual, numbered moments, labels at whole hours."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest

from triagebot.desk.incident.curve import Curve
from triagebot.report.surge import SLIM, WIDE, Form, Mark, chart

ZONE = ZoneInfo("Asia/Shanghai")
BEGIN = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
"""13:00 in Shanghai."""


def curve(people: list[int], usual: list[float] | None = None, minutes: int = 5) -> Curve:
    return Curve(begin=BEGIN, width=timedelta(minutes=minutes), people=tuple(people), usual=tuple(usual or ()), since=BEGIN,
                 so_far=sum(people), usual_so_far=sum(usual) if usual else None)  # fmt: skip


def drawn(found: Curve, marks: list[Mark], form: Form = WIDE) -> ElementTree.Element:
    return ElementTree.fromstring(chart(found, marks, ZONE, form, "多少人", "自 13:00 起 <9> 人"))


def texts(svg: ElementTree.Element, name: str) -> list[str]:
    return [each.text or "" for each in svg.iter("text") if each.get("class") == name]


@pytest.mark.parametrize("form", [WIDE, SLIM], ids=lambda form: form.name)
def test_each_bin_with_people_is_a_bar_that_says_its_numbers(form: Form) -> None:
    svg = drawn(curve([0, 2, 8] + [0] * 9, [0.25] * 12), [], form)
    bars = list(svg.iter("rect"))
    assert [(bar[0].text, float(bar.get("height") or 0)) for bar in bars] == [
        ("11-23 13:05  2 (0.2)", 42.5), ("11-23 13:10  8 (0.2)", 170.0),
    ]  # fmt: skip
    (line,) = svg.iter("polyline")
    assert len((line.get("points") or "").split()) == 24, "a step for each bin"
    assert svg[1].text == "自 13:00 起 <9> 人", "said to who cannot see it"


def test_without_knowledge_of_what_is_usual_there_is_no_line() -> None:
    assert list(drawn(curve([1, 2]), []).iter("polyline")) == []


def test_moments_close_together_do_not_lie_on_each_other() -> None:
    times = [BEGIN + timedelta(minutes=m) for m in (60, 61, 62, 150)]
    circles = list(drawn(curve([1] * 48), [Mark(at, "x") for at in times], SLIM).iter("circle"))
    places = [(float(c.get("cx") or 0), float(c.get("cy") or 0)) for c in circles]
    apart = [abs(a[0] - b[0]) + abs(a[1] - b[1]) for n, a in enumerate(places) for b in places[:n]]
    assert len(places) == 4
    assert min(apart) >= 20


def test_a_moment_outside_of_the_chart_stands_at_its_edge() -> None:
    svg = drawn(curve([1] * 12), [Mark(BEGIN - timedelta(days=3), "x"), Mark(BEGIN + timedelta(days=3), "y")])
    assert [float(c.get("cx") or 0) for c in svg.iter("circle")] == [40.0, 976.0]


@pytest.mark.parametrize(
    ("bins", "minutes", "first", "pattern"),
    [(12, 5, "13:00", r"\d\d:\d\d"), (48, 15, "14:00", r"\d\d:00"), (28, 720, "11/25", r"\d+/\d+")],
)
def test_the_axis_is_labelled_at_whole_hours_or_days(bins: int, minutes: int, first: str, pattern: str) -> None:
    for form in (WIDE, SLIM):
        labels = [
            label for label in texts(drawn(curve([1] * bins, minutes=minutes), [], form), "axis") if not label.isdigit()
        ]
        assert 2 <= len(labels) <= form.labels + 1
        assert all(re.fullmatch(pattern, label) for label in labels), labels
        if form is WIDE:
            assert labels[0] == first
