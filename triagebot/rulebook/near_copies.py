"""Examples that nearly repeat each other across categories, or stand in a file that the classifier is judged by.

Only ``triagebot rules check`` looks for these; they do no harm to a bot that starts.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from triagebot.errors import UsageError
from triagebot.rulebook.likeness import alike, bare, parts
from triagebot.rulebook.pack import At, Finding, Pack
from triagebot.rulebook.repeats import examples, squeeze
from triagebot.text import one_line

_COLUMN = "text"
_MOST_SHOWN = 40
_KEEP = "留一条 / keep one"
_TELL_APART = "留一条，或写得更不一样 / keep one, or tell them apart"
_TAKE_OUT = "从例句里去掉 / take it out of the examples"


@dataclass(frozen=True, slots=True)
class Message:
    """One row of an evaluation file; ``place`` is ``file:line``."""

    place: str
    text: str


def check(pack: Pack) -> Iterator[Finding]:
    """The later one of two examples that are the same but for punctuation, or nearly so in different categories."""
    stand = list(examples(pack))
    first: dict[str, tuple[str, At, str]] = {}
    for file, at, text in stand:
        earlier = first.setdefault(bare(text), (file, at, text))
        if squeeze(earlier[2]) != squeeze(text):
            yield pack.finding(file, at, _same(text, _place(pack, *earlier), _KEEP))
    texts = [bare(text) for _, _, text in stand]
    for n, other, likeness in alike([parts(text) for text in texts]):
        (file, at, text), earlier = stand[n], stand[other]
        if file != earlier[0] and texts[n] != texts[other]:
            place = _place(pack, *earlier)
            yield pack.finding(file, at, _nearly(text, place, earlier[2], likeness, _TELL_APART))


def against(pack: Pack, messages: list[Message]) -> Iterator[Finding]:
    """Examples that are, or nearly are, one of the messages that the classifier is judged by."""
    stand = list(examples(pack))
    theirs = [bare(message.text) for message in messages]
    where = {text: message.place for text, message in reversed(list(zip(theirs, messages, strict=True)))}
    texts = [bare(text) for _, _, text in stand]
    for (file, at, text), own in zip(stand, texts, strict=True):
        if own in where:
            yield pack.finding(file, at, _same(text, where[own], _TAKE_OUT))
    for n, other, likeness in alike([parts(text) for text in texts], [parts(text) for text in theirs]):
        (file, at, text), message = stand[n], messages[other]
        if texts[n] not in where:
            yield pack.finding(file, at, _nearly(text, message.place, message.text, likeness, _TAKE_OUT))


def read_messages(path: Path) -> list[Message]:
    """Messages of a tab-separated file whose header names a column ``text``; quotes mean nothing.

    Raises UsageError when the file cannot be read, has no such column, a row without it or no message.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            found = list(_rows(path, file))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}; check the name") from None
    except (UnicodeDecodeError, csv.Error):
        raise UsageError(f"{path} is not a tab-separated file in UTF-8; save it as one") from None
    if not found:
        raise UsageError(f"{path}: there is no message in it; add rows below the header")
    return found


def _rows(path: Path, file: Iterable[str]) -> Iterator[Message]:
    rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
    header = next(rows, [])
    if _COLUMN not in header:
        raise UsageError(f"{path}:1: there is no column `{_COLUMN}`; name it in the header, separated by tabs")
    column = header.index(_COLUMN)
    for row in filter(None, rows):
        if len(row) <= column:
            raise UsageError(
                f"{path}:{rows.line_num}: there is no `{_COLUMN}` in this row; separate columns by one tab"
            )
        yield Message(f"{path}:{rows.line_num}", row[column])


def _place(pack: Pack, file: str, at: At, _: str) -> str:
    return f"{file}:{pack.finding(file, at, '').line}"


def _same(text: str, place: str, do: str) -> str:
    return f"“{_shown(text)}” 和 {place} 是同一句话 / the same message stands in {place}; {do}"


def _nearly(text: str, place: str, other: str, likeness: float, do: str) -> str:
    said = f"“{_shown(text)}” 和 {place} 的 “{_shown(other)}” 几乎一样（{likeness:.0%}）"
    return f"{said} / nearly the same message stands in {place}; {do}"


def _shown(text: str) -> str:
    return one_line(text, _MOST_SHOWN)
