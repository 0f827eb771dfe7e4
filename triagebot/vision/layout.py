"""Lines on a picture -> the text of the screen: what was wrapped is joined again, what stands side by side is one row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from triagebot.vision.ocr import Line

BESIDE = "  "
"""Between two things that stand in one row, such as a label and its value, or two buttons."""
_GAP, _HEIGHTS = 0.5, 1.35
"""A paragraph goes on at most so many heights of a line below, in letters at most so much larger or smaller."""
_LEAST_WRAPPED = 6
"""Shorter lines are not broken by a screen: they end where they end."""


@dataclass(frozen=True, slots=True)
class Page:
    """``text``: one paragraph or row a line. ``owners``: for each of its characters the index of the line it was read in, -1
    for what was put between."""

    text: str
    owners: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Place:
    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def middle(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2


def page(lines: Sequence[Line]) -> Page:
    """The text of ``lines`` in the order in which a person reads them."""
    places = [_place(line) for line in lines]
    text, owners = "", []
    for row in _rows(_paragraphs(lines, places), places):
        for nth, paragraph in enumerate(row):
            joint = BESIDE if nth else "\n" if text else ""
            for index in paragraph:
                joint = joint or (" " if _is_latin(text[-1:]) and _is_latin(lines[index].text[:1]) else "")
                text += joint + lines[index].text
                owners += [-1] * len(joint) + [index] * len(lines[index].text)
                joint = ""
    return Page(text, tuple(owners))


def _place(line: Line) -> _Place:
    """The middle of each side, which stays in place when the picture is askew."""
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = line.box
    return _Place((ax + dx) / 2, (ay + by) / 2, (bx + cx) / 2, (cy + dy) / 2)


def _paragraphs(lines: Sequence[Line], places: Sequence[_Place]) -> list[list[int]]:
    """Indexes of lines, those that go on in the next line together."""
    left = sorted(range(len(lines)), key=lambda i: places[i].top)
    found = []
    while left:
        chain = [left.pop(0)]
        while following := next((i for i in left if _goes_on(lines[chain[-1]], places[chain[-1]], places[i])), None):
            left.remove(following)
            chain.append(following)
        found.append(chain)
    return found


def _goes_on(line: Line, here: _Place, below: _Place) -> bool:
    height = min(here.height, below.height)
    near = -0.5 * height < below.top - here.bottom < _GAP * height
    alike = max(here.height, below.height) < _HEIGHTS * height
    aligned = abs(below.left - here.left) < height or abs(below.middle[0] - here.middle[0]) < height
    full = below.right - below.left < here.right - here.left + height
    return near and alike and aligned and full and len(line.text) >= _LEAST_WRAPPED


def _rows(paragraphs: Sequence[list[int]], places: Sequence[_Place]) -> list[list[list[int]]]:
    """Single lines at one height are one row, from left to right; a paragraph is a row of its own."""
    rows: list[list[list[int]]] = []
    for paragraph in sorted(paragraphs, key=lambda p: places[p[0]].middle[1]):
        last = rows[-1][-1] if rows else paragraph
        if rows and len(last) == len(paragraph) == 1 and _beside(places[last[0]], places[paragraph[0]]):
            rows[-1].append(paragraph)
        else:
            rows.append([paragraph])
    return [sorted(row, key=lambda p: places[p[0]].left) for row in rows]


def _beside(one: _Place, other: _Place) -> bool:
    apart = one.right <= other.left or other.right <= one.left
    return apart and abs(one.middle[1] - other.middle[1]) < 0.5 * min(one.height, other.height)


def _is_latin(character: str) -> bool:
    return character.isascii() and character.isalnum()
