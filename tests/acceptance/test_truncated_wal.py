"""A copy of the database's files whose log was cut off anywhere, as after a crash or a copy that broke off: it opens, it is
whole, and it holds a beginning of what was committed, nothing half.

Where SQLite has moved a part of the log into the file already (a checkpoint), the cut lies behind that part: a log is on disk
before it is moved, so a crash cuts nothing off before that. A hand-made copy can; such a copy is no backup."""

from __future__ import annotations

import random
import shutil
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.acceptance.faults.reliability import Observe
from tests.living import Living, served, wrong_with
from tests.unit.house import office
from triagebot.app import utc_now
from triagebot.desk import books
from triagebot.store.store import Store

CUTS = 25
_HEADER, _FRAME_HEADER, _PAGE = 32, 24, 4096
_FRAME = _FRAME_HEADER + _PAGE


def cut_off(database: Path, log: bytes, at: int, folder: Path) -> list[int]:
    """The persons that are served in a copy whose log ends after ``at`` bytes; everything there is whole."""
    copy = folder / "copy.db"
    for file in folder.glob("copy.db*"):
        file.unlink()
    shutil.copy(database, copy)
    copy.with_name("copy.db-wal").write_bytes(log[:at])
    store = Store.open(f"sqlite:///{copy}")
    found = store.read_now(served)
    wrong = store.read_now(lambda s: [str(finding) for finding in books.read(s, office(), utc_now())])
    store.close()
    assert wrong == [], f"cut at {at}"
    return found


def cuts(first: int, last: int, dice: random.Random) -> Iterator[int]:
    """Anywhere between two sizes, at the ends of frames, and a byte beside them."""
    yield from (first, last)
    for number in range(CUTS if first < last else 0):  # a checkpoint may just have moved all of it
        at = dice.randrange(first, last)
        whole = _HEADER + (at - _HEADER) // _FRAME * _FRAME if at > _HEADER else 0
        yield (at, max(first, whole), max(first, whole - 1), min(last, whole + 1))[number % 4]


def frames(shared: bytes) -> tuple[int, int]:
    """How many frames of the log stand in the database file already, and how many there are; behind these is what a log that
    began anew has not written over yet (SQLite's file format, WAL-index header)."""
    return struct.unpack_from("=I", shared, 96)[0], struct.unpack_from("=I", shared, 16)[0]


@pytest.mark.fault("数据库的日志在任意处被截断", "a copy whose WAL is cut off anywhere")
@pytest.mark.parametrize("persons", [25, *(pytest.param(n, marks=pytest.mark.long) for n in (60, 90, 150, 300))])
def test_a_copy_with_a_log_cut_off_anywhere_is_a_beginning(
    sqlite_url: str, tmp_path: Path, persons: int, living: Callable[..., Living], observe: Observe
) -> None:
    writer = living(sqlite_url)
    writer.wait(persons)
    reported = writer.kill()
    database = Path(sqlite_url.removeprefix("sqlite:///"))
    log = database.with_name("bot.db-wal").read_bytes()
    kept, written = frames(database.with_name("bot.db-shm").read_bytes())
    folder = tmp_path / "copies"
    folder.mkdir()
    first = _HEADER + kept * _FRAME if kept else 0
    sizes = [*sorted(cuts(first, _HEADER + written * _FRAME, random.Random(20261123))), len(log)]
    beginnings = [cut_off(database, log, at, folder) for at in sizes]
    observe(cuts=len(sizes), frames=written - kept, not_a_beginning=sum(
        found != list(range(1, len(found) + 1)) for found in beginnings))  # fmt: skip
    assert all(found == list(range(1, len(found) + 1)) for found in beginnings)
    assert [len(found) for found in beginnings] == sorted(len(found) for found in beginnings)
    assert beginnings[-1][: len(reported)] == reported
    assert written - kept < 100 or len({len(found) for found in beginnings}) > 3, "nothing was cut off"
    assert wrong_with(f"sqlite:///{folder / 'copy.db'}") == []
