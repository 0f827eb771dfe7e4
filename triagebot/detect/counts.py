"""Surges in a plain column of counts, of bins of any width: to try the detector on a stream that is none of ours."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from math import log10
from statistics import median

from triagebot.detect.detector import Detector
from triagebot.detect.series import BIN_S, Series
from triagebot.errors import UsageError

_COUNTED = Series("counts")
_LEARN_SHARE, _LEARN_LEAST_S, _LEARN_MOST_S = 0.15, 86400.0, 7 * 86400.0


@dataclass(frozen=True, slots=True)
class Count:
    """So many different ``people`` reported from ``at`` (seconds since 1970) to the next row."""

    at: float
    people: int


@dataclass(frozen=True, slots=True)
class Spell:
    """A surge in a column of counts: ``at``: the end of the row by which it was noticed, ``since``: when it began, as
    estimated, ``until``: when it was over, None where it was not. ``people`` since then, where ``expected`` would be usual."""

    at: float
    since: float
    until: float | None
    people: int
    expected: float


@dataclass(frozen=True, slots=True)
class Found:
    """``width_s``: of a row; ``learned_until``: nothing is noticed before. ``scores``: of each row, how unlikely the most
    unlikely of its windows is, as -log10 of the chance (0: usual; 300 at most), for who wants other thresholds than ours."""

    width_s: float
    learned_until: float
    spells: tuple[Spell, ...]
    scores: tuple[float, ...]


def run(rows: Sequence[Count], *, false_alarms: float = 1.0, calm_after_s: float = 1800.0) -> Found:
    """``rows``: in the order of their times; what is missing between them is 0. ``false_alarms``: in 30 days.

    A seventh of the time, one day at least and seven at most, is learned from only. A row that is wider than a bin of the
    detector is taken to be spread evenly, and is known at its end."""
    width = _width(rows)
    span = rows[-1].at + width - rows[0].at
    learned = rows[0].at + min(_LEARN_MOST_S, max(_LEARN_LEAST_S, _LEARN_SHARE * span))
    detector = Detector(false_alarms=false_alarms, calm_after_s=max(calm_after_s, width), learn_until=learned)
    spells: list[Spell] = []
    scores = []
    for row in rows:
        score = 0.0
        for at, people in _spread(row, width):
            for calm in detector.advance(at):
                spells[-1] = _ended(spells[-1], calm.since)
            surge = detector.see_many(_COUNTED, at, people)
            if surge:
                spells.append(Spell(row.at + width, surge.since, None, surge.people, surge.expected))
            score = max(score, -log10(max(1e-300, detector.rarity(_COUNTED))))
        scores.append(round(score, 3))
    for calm in detector.advance(rows[-1].at + width):
        spells[-1] = _ended(spells[-1], calm.since)
    return Found(width, learned, tuple(spells), tuple(scores))


def read(lines: Iterable[str]) -> tuple[Count, ...]:
    """Rows of a CSV file: time (ISO 8601, without a zone as UTC, or seconds since 1970), count; a header may come first.

    :raises UsageError: with the number of the line that is none."""
    rows: list[Count] = []
    for number, fields in enumerate(csv.reader(lines), 1):
        if not fields or (number == 1 and not _is_number(fields[-1])):
            continue
        try:
            at, people = _moment(fields[0]), float(fields[1])
            if not 0 <= people < 1e9:
                raise ValueError("a count is 0 or more")
        except (ValueError, IndexError) as wrong:
            raise UsageError(f"第 {number} 行不是“时间,人数” / line {number} is no time and count: {wrong}") from None
        if rows and at <= rows[-1].at:
            raise UsageError(f"第 {number} 行的时间不在上一行之后 / line {number} is not later than the one before")
        rows.append(Count(at, round(people)))
    if len(rows) < 2:
        raise UsageError("至少要有两行“时间,人数” / at least two lines of time and count are needed")
    return tuple(rows)


def _width(rows: Sequence[Count]) -> float:
    return float(median(later.at - row.at for row, later in pairwise(rows)))


def _spread(row: Count, width: float) -> list[tuple[float, int]]:
    """The people of a row over the bins of the detector that it covers."""
    parts = max(1, round(width / BIN_S))
    return [
        (row.at + n * width / parts, row.people * (n + 1) // parts - row.people * n // parts) for n in range(parts)
    ]  # fmt: skip


def _ended(spell: Spell, until: float) -> Spell:
    return Spell(spell.at, spell.since, until, spell.people, spell.expected)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _moment(text: str) -> float:
    if _is_number(text):
        return float(text)
    at = datetime.fromisoformat(text.strip())
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
