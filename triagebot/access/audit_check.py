"""Whether the audit log is what was written: every row in its place, no other between, and none gone at the end.

Who can write to the database could write all of it anew, with hashes that fit. A head that was kept somewhere else shows that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from sqlalchemy import Row, bindparam, select
from sqlmodel import Session

from triagebot.access.audit import FIRST, HEAD, hash_of
from triagebot.errors import UsageError
from triagebot.store.statements import table_of
from triagebot.store.tables import Audit, AuditHead

Fault = Literal["missing", "changed", "unreadable", "inserted", "cut", "headless", "rewritten"]


class Words(NamedTuple):
    zh: str
    en: str


WORDS: Mapping[Fault, Words] = {
    "missing": Words("缺了这一行", "it is missing"),
    "changed": Words("不是当初写下的样子", "it is not as it was written"),
    "unreadable": Words("读不出来", "it cannot be read"),
    "inserted": Words("是后来插进去的", "it was put in from outside"),
    "cut": Words("从这一行起，结尾被删掉了", "from here on the end of the log was cut off"),
    "headless": Words("记录末行的 audit_head 没有了，或者对不上", "the row of audit_head, which says where the log ends, "
                                                        "is gone or says something else"),
    "rewritten": Words("和另存的哈希对不上，日志被整个重写过", "it is not what the kept hash says: the log was written anew"),
}  # fmt: skip

_AUDIT, _HEAD = table_of(Audit), table_of(AuditHead)
_BATCH = 1000
_LEAST = -(1 << 62)
_AFTER = _AUDIT.c.id > bindparam("after")
_ROWS = select(_AUDIT).where(_AFTER).order_by(_AUDIT.c.id).limit(bindparam("most"))
_NUMBERS = select(_AUDIT.c.id).where(_AFTER).order_by(_AUDIT.c.id).limit(bindparam("most"))
_UNREADABLE = (ValueError, TypeError, AttributeError, LookupError, OverflowError)
"""SQLite keeps whatever it is given in any column, and reading that as what the column is for fails."""


@dataclass(frozen=True)
class Head:
    """Where the log ended when somebody looked. ``number``: of its last row, None when only the hash was kept."""

    number: int | None
    hash: str

    def __str__(self) -> str:
        return self.hash if self.number is None else f"{self.number}:{self.hash}"


@dataclass(frozen=True)
class Broken:
    """The first place at which the log is not what was written."""

    row: int
    fault: Fault

    def __str__(self) -> str:
        return f"audit log, row {self.row}: {WORDS[self.fault].en}"


@dataclass(frozen=True)
class Verified:
    """``rows``: how many are sound, from the first on; ``hash``: of the last of them; ``broken``: the first that is not."""

    rows: int
    hash: str
    broken: Broken | None = None


def parse_head(text: str) -> Head:
    """``12:<hash>`` as ``audit head`` prints it, or the hash alone. UsageError for anything else."""
    found = re.fullmatch(r"(?:(\d{1,18}):)?([0-9a-fA-F]{64})", text.strip())
    if found is None:
        raise UsageError(
            f"{text!r} is no head of an audit log; take what triagebot audit head printed, e.g. 12:9f86d0…"
        )
    return Head(int(found[1]) if found[1] else None, found[2].lower())


def head(session: Session) -> Head:
    """Where the log ends now, to be kept somewhere else."""
    found = session.connection().execute(select(_HEAD.c.last, _HEAD.c.hash).where(_HEAD.c.id == HEAD)).first()
    return Head(found.last, found.hash) if found is not None else Head(0, FIRST)


def verify(session: Session, kept: Head | None = None) -> Verified:
    """Read all of it; ``kept``: what ``head`` said earlier, when the log may have grown since. ``session``: one snapshot."""
    rows, last = 0, FIRST
    known = kept is None or (kept.hash == FIRST and not kept.number)
    for number, row in _read(session):
        fault = _fault(number, row, rows, last)
        if fault is not None:
            return Verified(rows, last, Broken(rows + 1 if fault == "missing" else number, fault))
        if kept is not None and kept.number == number and kept.hash != row.hash:
            return Verified(rows, last, Broken(number, "rewritten"))
        rows, last = number, row.hash
        known = known or (kept is not None and kept.hash == last)
    end = _end(session, rows, last)
    if end is None and not known and kept is not None:
        end = Broken(rows + 1, "cut") if kept.number is not None else Broken(1, "rewritten")
    return Verified(rows, last, end)


def _fault(number: int, row: Any, before: int, last: str) -> Fault | None:
    if number <= before:
        return "inserted"
    if number > before + 1:
        return "missing"
    if row is None:
        return "unreadable"
    try:
        sound = row.previous == last and row.hash == hash_of(row)
    except _UNREADABLE:
        return "unreadable"
    return None if sound else "changed"


def _end(session: Session, rows: int, last: str) -> Broken | None:
    """The log ends where its head says."""
    try:
        said = head(session)
    except _UNREADABLE:
        return Broken(rows, "headless")
    number = said.number if isinstance(said.number, int) else None
    if number is not None and number > rows:
        return Broken(rows + 1, "cut")
    if number is not None and 0 < number < rows:
        return Broken(number + 1, "inserted")
    return None if (number, said.hash) == (rows, last) else Broken(rows, "headless")


def _read(session: Session) -> Iterator[tuple[int, Any]]:
    """All rows in the order of their numbers, each with its number; None for one that cannot be read."""
    after = _LEAST
    while numbers := session.connection().execute(_NUMBERS, {"after": after, "most": _BATCH}).scalars().all():
        try:
            found = {row.id: row for row in session.connection().execute(_ROWS, {"after": after, "most": _BATCH})}
        except _UNREADABLE:
            found = {number: row for number in numbers if (row := _one(session, number)) is not None}
        for number in numbers:
            yield number, found.get(number)
        after = numbers[-1]


def _one(session: Session, number: int) -> Row[Any] | None:
    try:
        return session.connection().execute(select(_AUDIT).where(_AUDIT.c.id == number)).one()
    except _UNREADABLE:
        return None
