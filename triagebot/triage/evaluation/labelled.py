"""Labelled messages as tab-separated files: the project's own columns, or any file with text and category."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from triagebot.errors import UsageError
from triagebot.triage.examples import Examples

COLUMNS = ("text", "lang", "category", "platform", "human_requested", "hard")
NEEDED = ("text", "category")


@dataclass(frozen=True, slots=True)
class Row:
    """One message labelled in full."""

    text: str
    lang: str
    category: str
    platform: str
    human_requested: bool
    hard: bool


@dataclass(frozen=True, slots=True)
class Labelled:
    """One message and its category; ``lang`` is "" where nobody said."""

    text: str
    category: str
    lang: str = ""


def read_rows(tsv: str, name: str) -> list[Row]:
    """Rows of a tab-separated file with the header ``COLUMNS``; quotes mean nothing. ``name`` is for messages.

    Raises UsageError with the line number of the first line that does not fit.
    """
    header, lines = _open(tsv)
    if header != COLUMNS:
        raise UsageError(
            f"{name}:1: the header must be {' '.join(COLUMNS)} (tab-separated), not {' '.join(header)[:80]!r}"
        )
    return [
        Row(text, lang, category, platform, human == "1", hard == "1")
        for text, lang, category, platform, human, hard in _cells(lines, header, name)
    ]


def read_labelled(tsv: str, name: str) -> list[Labelled]:
    """Rows of any tab-separated file whose header has ``text`` and ``category`` (and perhaps ``lang``), other columns
    being ignored; quotes mean nothing.

    Raises UsageError with the line number of the first line that does not fit.
    """
    header, lines = _open(tsv)
    if missing := [column for column in NEEDED if column not in header]:
        raise UsageError(
            f"{name}:1: the header must name the columns text and category (tab-separated); {missing[0]} is not in "
            f"{' '.join(header)[:80]!r}"
        )
    text, category = (header.index(column) for column in NEEDED)
    lang = header.index("lang") if "lang" in header else None
    return [
        Labelled(cells[text], cells[category], "" if lang is None else cells[lang])
        for cells in _cells(lines, header, name)
    ]


def prepared(rows: Sequence[Labelled]) -> Examples:
    """The same rows, ready for training and judging; at least one."""
    return Examples.of([(row.text, row.category, row.lang) for row in rows])


def check_trainable(rows: Sequence[Labelled], name: str) -> None:
    """Raises UsageError unless there are two categories, each with two examples: one to learn from while the other is
    held out."""
    count = Counter(row.category for row in rows)
    if lonely := [category for category, n in count.items() if n < 2]:
        raise UsageError(
            f"{name}: the category {min(lonely)!r} has a single example; give it a second one or take it out"
        )
    if len(count) < 2:
        raise UsageError(f"{name}: there is only one category in it; at least two are needed to learn to tell apart")


def _open(tsv: str) -> tuple[tuple[str, ...], Iterator[list[str]]]:
    lines = csv.reader(io.StringIO(tsv.removeprefix("\ufeff")), delimiter="\t", quoting=csv.QUOTE_NONE)
    return tuple(next(lines, [])), lines


def _cells(lines: Iterator[list[str]], header: tuple[str, ...], name: str) -> list[list[str]]:
    rows = []
    place = header.index("category")
    for number, cells in enumerate(lines, start=2):
        if not cells:
            continue
        if len(cells) != len(header):
            raise UsageError(
                f"{name}:{number}: {len(cells)} columns instead of {len(header)}; separate them by one tab each"
            )
        if not cells[place].strip():
            raise UsageError(f"{name}:{number}: the category is empty; every message needs one")
        rows.append(cells)
    if not rows:
        raise UsageError(f"{name}: there is no message in it; add rows below the header")
    return rows
