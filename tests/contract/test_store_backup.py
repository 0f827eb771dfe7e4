"""Backups of the embedded database, and putting one back: nothing is overwritten, nothing unsound is put in place."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.conftest import FakeClock
from tests.storing import arrived, take_in
from triagebot.errors import StoreError, UsageError
from triagebot.store import backup, integrity, migrate
from triagebot.store.store import Store

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def test_a_backup_is_made_while_the_database_is_written_to(sqlite_url: str, tmp_path: Path, clock: FakeClock) -> None:
    store, enough, stop = Store.open(sqlite_url), threading.Event(), threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += take_in(store, clock, arrived(number))
            if number >= 20:
                enough.set()

    writer = threading.Thread(target=write)
    writer.start()
    assert enough.wait(60)
    copy = tmp_path / "copy.db"
    backup.backup(sqlite_url, copy)
    stop.set()
    writer.join()
    store.close()
    assert integrity.check(f"sqlite:///{copy}") == []
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT count(*) FROM inbox").fetchone()[0] >= 20
    assert sorted(file.name for file in tmp_path.glob("copy*")) == ["copy.db"]


def test_a_backup_never_overwrites_and_never_invents(sqlite_url: str, tmp_path: Path) -> None:
    there = tmp_path / "there.db"
    there.write_text("mine")
    with pytest.raises(UsageError, match="exists already"):
        backup.backup(sqlite_url, there)
    with pytest.raises(UsageError, match="does not exist"):
        backup.backup(sqlite_url, tmp_path / "missing" / "copy.db")
    with pytest.raises(StoreError, match="there is no database"):
        backup.backup(f"sqlite:///{tmp_path / 'missing.db'}", tmp_path / "copy.db")
    with pytest.raises(StoreError, match="no SQLite database"):
        backup.backup(f"sqlite:///{there}", tmp_path / "copy.db")
    assert there.read_text() == "mine"
    assert not list(tmp_path.glob("copy*"))
    assert not (tmp_path / "missing.db").exists()


def test_a_server_has_better_tools_for_backups(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="pg_dump"):
        backup.backup("postgresql://localhost/x", tmp_path / "copy.sql")
    with pytest.raises(UsageError, match="pg_restore"):
        backup.fetch("postgresql://localhost/x", tmp_path / "copy.sql", aside=False)


def messages(file: Path) -> int:
    with closing(sqlite3.connect(file)) as connection:
        count: int = connection.execute("SELECT count(*) FROM inbox").fetchone()[0]
        return count


@pytest.fixture
def place(sqlite_url: str) -> Path:
    """Where the database lives."""
    return Path(sqlite_url.removeprefix("sqlite:///"))


@pytest.fixture
def kept(sqlite_url: str, tmp_path: Path, clock: FakeClock) -> Path:
    """A backup with three messages; the database has had a fourth since."""
    store, file = Store.open(sqlite_url), tmp_path / "kept.db"
    take_in(store, clock, *(arrived(number) for number in range(3)))
    backup.backup(sqlite_url, file)
    take_in(store, clock, arrived(3))
    store.close()
    return file


def test_a_lost_database_is_put_back(sqlite_url: str, place: Path, kept: Path) -> None:
    place.unlink()
    assert integrity.check(backup.fetch(sqlite_url, kept, aside=False)) == []
    assert backup.put_back(sqlite_url, False, NOW) is None
    assert messages(place) == messages(kept) == 3
    assert sorted(file.name for file in place.parent.glob("bot.db*")) == ["bot.db"]


def test_the_log_of_a_lost_database_is_not_read_into_the_one_that_is_put_back(
    sqlite_url: str, place: Path, kept: Path, clock: FakeClock
) -> None:
    store = Store.open(sqlite_url)
    take_in(store, clock, *(arrived(number) for number in range(10, 30)))
    log = place.with_name("bot.db-wal")
    shutil.copy(log, place.with_name("saved"))
    store.close()
    place.unlink()
    place.with_name("saved").rename(log)
    backup.fetch(sqlite_url, kept, aside=False)
    moved = backup.put_back(sqlite_url, False, NOW)
    assert moved is not None
    assert moved.with_name(moved.name + "-wal").stat().st_size > 0
    assert messages(place) == 3
    assert integrity.check(sqlite_url) == []


def test_data_is_only_replaced_when_asked_and_kept_under_another_name(sqlite_url: str, place: Path, kept: Path) -> None:
    with pytest.raises(UsageError, match=r"holds data; nothing was changed.*--aside"):
        backup.fetch(sqlite_url, kept, aside=False)
    assert messages(place) == 4
    backup.fetch(sqlite_url, kept, aside=True)
    moved = backup.put_back(sqlite_url, True, NOW)
    assert moved == place.with_name("bot.db.before-20261123T020000")
    assert (messages(place), messages(moved)) == (3, 4)


def test_an_empty_database_gives_way(sqlite_url: str, sqlite_template: Path, place: Path, kept: Path) -> None:
    shutil.copy(sqlite_template, place)
    backup.fetch(sqlite_url, kept, aside=False)
    backup.put_back(sqlite_url, False, NOW)
    assert messages(place) == 3


def test_a_database_in_use_is_left_alone_whatever_is_asked(
    sqlite_url: str, place: Path, kept: Path, clock: FakeClock
) -> None:
    store = Store.open(sqlite_url)
    assert take_in(store, clock, arrived(4)) == 1
    with pytest.raises(UsageError, match="is in use; stop triagebot"):
        backup.fetch(sqlite_url, kept, aside=True)
    assert take_in(store, clock, arrived(5)) == 1
    store.close()
    assert messages(place) == 6


def test_one_that_came_into_use_meanwhile_is_left_alone_too(
    sqlite_url: str, place: Path, kept: Path, clock: FakeClock
) -> None:
    backup.fetch(sqlite_url, kept, aside=True)
    store = Store.open(sqlite_url)
    take_in(store, clock, arrived(4))
    with pytest.raises(UsageError, match="is in use"):
        backup.put_back(sqlite_url, True, NOW)
    store.close()
    backup.discard(sqlite_url)
    assert messages(place) == 5
    assert not list(place.parent.glob("*.restoring*"))


def test_what_is_no_backup_of_ours_is_refused(sqlite_url: str, place: Path, tmp_path: Path) -> None:
    place.unlink()
    other, words = tmp_path / "other.db", tmp_path / "words.db"
    with closing(sqlite3.connect(other)) as connection, connection:
        connection.execute("CREATE TABLE x (y INTEGER)")
    words.write_text("no database at all, however long the text may be" * 100)
    with pytest.raises(UsageError, match="holds no triagebot database"):
        backup.fetch(sqlite_url, other, aside=False)
    with pytest.raises(StoreError, match="no SQLite database"):
        backup.fetch(sqlite_url, words, aside=False)
    with pytest.raises(UsageError, match="there is no backup"):
        backup.fetch(sqlite_url, tmp_path / "missing.db", aside=False)
    assert not list(place.parent.glob("bot.db*"))


def test_a_backup_of_a_newer_program_is_refused(sqlite_url: str, place: Path, kept: Path) -> None:
    place.unlink()
    with closing(sqlite3.connect(kept)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match="newer triagebot"):
        backup.fetch(sqlite_url, kept, aside=False)
    assert not list(place.parent.glob("bot.db*"))


def test_an_older_backup_is_upgraded_and_itself_stays_as_it_is(sqlite_url: str, place: Path, kept: Path) -> None:
    from alembic.config import Config

    from alembic import command

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).resolve().parents[2] / "alembic"))
    config.attributes["url"] = f"sqlite:///{kept}"
    command.downgrade(config, "0001")
    before = kept.read_bytes()
    place.unlink()
    assert integrity.check(backup.fetch(sqlite_url, kept, aside=False)) == []
    backup.put_back(sqlite_url, False, NOW)
    assert migrate.current(sqlite_url) == migrate.head()
    assert messages(place) == 3
    assert kept.read_bytes() == before
