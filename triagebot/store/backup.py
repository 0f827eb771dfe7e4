"""Copies of the embedded database's file: made while it is in use, and put back in its place. Servers have better tools."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from sqlalchemy.engine import URL

from triagebot.errors import StoreError, UsageError
from triagebot.store import engines, migrate, passages

_BESIDE = ("", "-wal", "-shm", "-journal")
"""One database is up to four files; an old one's log beside a new file would be read as the new one's."""
_NOT_DATA = ("alembic_version", "lease")
"""Beside these, the search index has rows of its own also when it knows nothing."""


def backup(url: str, file: Path) -> None:
    """Copy the database as it is at one moment; ``file`` appears when the copy is whole and on disk.

    UsageError for servers, which have better tools, and for a place that cannot be used.
    """
    parsed = engines.parse(url)
    if parsed.get_backend_name() != "sqlite":
        raise UsageError(f"db backup copies the embedded database; for PostgreSQL: pg_dump -Fc -f {file} DATABASE")
    source = Path(parsed.database or "")
    if not source.is_file():
        raise StoreError(f"there is no database {source} to back up; check TRIAGEBOT_DATABASE_URL")
    if file.exists():
        raise UsageError(f"{file} exists already; choose another name")
    if not file.parent.is_dir():
        raise UsageError(f"the folder {file.parent} does not exist")
    unfinished = file.with_name(f"{file.name}.part")
    try:
        _copy(source, unfinished, parsed)
        _move(unfinished, file)
    finally:
        _remove(unfinished)


def fetch(url: str, file: Path, aside: bool) -> str:
    """The first half of a restore: the backup as a new file beside the database of ``url``, brought to this program's version.
    Returns that file's URL; nothing else has changed. The caller checks it and calls ``put_back`` or ``discard``.

    ``aside``: whether a database that is there may be moved away. UsageError for servers, for a place that must stay as it is,
    and for a file that is none of our databases; StoreError for one of a newer program.
    """
    parsed = engines.parse(url)
    if parsed.get_backend_name() != "sqlite":
        raise UsageError(f"db restore is for the embedded database; for PostgreSQL: pg_restore -d DATABASE {file}")
    engines.check_folder(parsed)
    if not file.is_file():
        raise UsageError(f"there is no backup {file}")
    if Path(parsed.database or "").resolve() == file.resolve():
        raise UsageError(f"{file} is the database itself; name a backup of it")
    _refuse_what_is_needed(Path(parsed.database or ""), aside)
    fetched = _fetched(parsed)
    _remove(fetched)
    found = parsed.set(database=str(fetched))
    try:
        _copy(file, fetched, parsed.set(database=str(file)))
        if migrate.current(str(found)) is None:
            raise UsageError(f"{file} holds no triagebot database")
        migrate.upgrade(str(found))
    except BaseException:
        _remove(fetched)
        raise
    return str(found)


def put_back(url: str, aside: bool, now: datetime) -> Path | None:
    """The second half: the fetched file takes the database's place. Returns where the one before was moved to, None when there
    was none.

    UsageError as with ``fetch``: somebody may have begun to use it meanwhile.
    """
    parsed = engines.parse(url)
    place = Path(parsed.database or "")
    moved = place.with_name(f"{place.name}.before-{now:%Y%m%dT%H%M%S}")
    there = [place.with_name(place.name + end) for end in _BESIDE]
    there = [file for file in there if file.exists()]
    _refuse_what_is_needed(place, aside)
    fetched = _fetched(parsed)
    with closing(sqlite3.connect(fetched)) as whole:
        whole.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for file in there:
        if file.exists():  # the log goes by itself when the database is closed by the look at it
            _move(file, moved.with_name(moved.name + file.name.removeprefix(place.name)))
    _move(fetched, place)
    return moved if there else None


def discard(url: str) -> None:
    """Instead of ``put_back``: the fetched file is removed."""
    _remove(_fetched(engines.parse(url)))


def _fetched(parsed: URL) -> Path:
    place = Path(parsed.database or "")
    return place.with_name(f"{place.name}.restoring")


def _copy(source: Path, target: Path, named: URL) -> None:
    """With SQLite's own means: one moment of the source, whatever is written to it meanwhile. One file comes out, on disk."""
    _remove(target)
    try:
        with closing(_opened(source)) as found, closing(sqlite3.connect(target)) as copy:
            found.backup(copy)
    except sqlite3.Error as error:
        raise engines.in_words(error, named) from None


def _opened(source: Path) -> sqlite3.Connection:
    """A backup on read-only storage is read as it is: opening it as usual would want to make files beside it."""
    connection = sqlite3.connect(source, timeout=engines.BUSY_MS / 1000)
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError:
        if source.with_name(f"{source.name}-wal").exists():
            connection.close()
            raise
        connection.close()
        return sqlite3.connect(f"{source.resolve().as_uri()}?immutable=1", uri=True)
    return connection


def _refuse_what_is_needed(place: Path, aside: bool) -> None:
    if not place.exists():
        return
    _refuse_in_use(place)
    if not aside and _holds_anything(place):
        raise UsageError(
            f"{place} holds data; nothing was changed. To keep it under another name and restore: "
            "triagebot db restore FILE --aside"
        )


def _refuse_in_use(place: Path) -> None:
    """Every process that works on a database in WAL mode has it open, and that shows: nobody else can take it alone."""
    with closing(sqlite3.connect(place, timeout=0, isolation_level=None)) as connection:
        try:
            connection.execute("PRAGMA locking_mode=EXCLUSIVE")
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise UsageError(
                    f"{place} is in use; stop triagebot (run, chat, queue) and try again, nothing was changed"
                ) from None
        except sqlite3.DatabaseError:
            return  # what is damaged is nobody's


def _holds_anything(place: Path) -> bool:
    """Also what cannot be read may be worth keeping."""
    with closing(sqlite3.connect(place)) as connection:
        try:
            names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            return any(
                connection.execute(f'SELECT 1 FROM "{name}" LIMIT 1').fetchone()  # noqa: S608 (the file's own names)
                for (name,) in names if name not in _NOT_DATA and not passages.is_ours(name)
            )  # fmt: skip
        except sqlite3.DatabaseError:
            return True


def _move(file: Path, to: Path) -> None:
    """On disk when this returns: its content, and that it has this name."""
    _flush(file)
    file.replace(to)
    _flush(to.parent)


def _flush(path: Path) -> None:
    with contextlib.suppress(PermissionError):  # Windows has no folders that can be opened
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _remove(file: Path) -> None:
    for end in _BESIDE:
        file.with_name(file.name + end).unlink(missing_ok=True)
