"""A plain column of counts, of bins of any width, through the same detector."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from triagebot.detect import counts
from triagebot.detect.counts import Count
from triagebot.errors import UsageError

BEGIN = datetime(2026, 3, 2, tzinfo=UTC).timestamp()
DAY = 86400.0


def column(width: float, days: int, per_hour: float, *, times: float, begin: float, end: float) -> tuple[Count, ...]:
    """Counts with a day in them, and ``times`` as many from ``begin`` to ``end`` (days)."""
    random = np.random.default_rng(7)
    at = BEGIN + np.arange(0, days * DAY, width)
    daily = 1 + 0.7 * np.sin((at - BEGIN) / DAY * 2 * np.pi)
    surge = np.where((at >= BEGIN + begin * DAY) & (at < BEGIN + end * DAY), times, 1.0)
    return tuple(
        Count(float(a), int(n))
        for a, n in zip(at, random.poisson(per_hour * width / 3600 * daily * surge), strict=True)
    )


@pytest.mark.parametrize("width", [60, 300, 900, 3600])
def test_a_surge_is_found_dated_and_ended_whatever_the_width_of_the_rows(width: float) -> None:
    found = counts.run(column(width, 9, 200, times=4, begin=8, end=8.25))
    assert found.width_s == width
    (spell,) = found.spells
    assert BEGIN + 8 * DAY < spell.at <= BEGIN + 8 * DAY + max(600, width)
    assert abs(spell.since - BEGIN - 8 * DAY) <= max(300, width)
    assert spell.until is not None
    assert abs(spell.until - BEGIN - 8.25 * DAY) <= 1800 + width


def test_each_row_has_a_score_that_is_highest_in_the_surge() -> None:
    rows = column(300, 9, 200, times=4, begin=8, end=8.25)
    found = counts.run(rows)
    assert len(found.scores) == len(rows)
    assert BEGIN + 8 * DAY <= rows[int(np.argmax(found.scores))].at < BEGIN + 8.25 * DAY


def test_a_surge_at_the_end_is_not_over() -> None:
    found = counts.run(column(300, 10, 100, times=5, begin=9.9, end=10))
    assert [spell.until for spell in found.spells] == [None]


def test_times_are_read_with_and_without_zone_and_as_seconds() -> None:
    header = ["timestamp,value", "2026-03-02 00:00:00,3", "2026-03-02T08:05:00+08:00,4.0"]
    assert counts.read(header) == (Count(BEGIN, 3), Count(BEGIN + 300, 4))
    assert counts.read([f"{BEGIN:.0f},1", "", f"{BEGIN + 60:.0f},2"]) == (Count(BEGIN, 1), Count(BEGIN + 60, 2))


@pytest.mark.parametrize(
    ("lines", "where"),
    [
        (["at,n", "yesterday,3"], "2"),
        (["10,3", "20,-1"], "2"),
        (["10,3", "20"], "2"),
        (["10,3", "20,nan"], "2"),
        (["10,3", "10,3"], "2"),
        (["at,n"], "两行"),
    ],
)
def test_what_is_no_column_of_counts_is_told_with_its_line(lines: list[str], where: str) -> None:
    with pytest.raises(UsageError, match=where):
        counts.read(lines)
