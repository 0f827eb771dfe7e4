"""A database that cannot be used: one line that says what, where and what to do, and never a password."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from tests.storing import agent_names
from triagebot.errors import SettingsError, StoreError
from triagebot.store import engines, integrity, migrate
from triagebot.store.passages import PASSAGE
from triagebot.store.statements import run
from triagebot.store.store import Store

ROOT = Path(__file__).resolve().parents[2]
_AS_NOBODY = """
import os, sys
from datetime import UTC, datetime
from triagebot.errors import StoreError
from triagebot.messages import Address, Incoming
from triagebot.store import inbox, migrate
from triagebot.store.store import Store
import alembic.command
migrate.upgrade(f"sqlite:///{sys.argv[2]}/loads-everything.db")
if os.geteuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
try:
    migrate.prepare(sys.argv[1])
    store = Store.open(sys.argv[1])
    print(len(store.read_now(inbox.claim, [("t", "1")], datetime.now(UTC), 1)), "waiting")
    message = Incoming(Address("t", "1", "7"), "1", "7", datetime.now(UTC))
    store.write_now(inbox.commit, [message], [], datetime.now(UTC))
except StoreError as error:
    print(error.exit_code, error)
"""


@pytest.mark.parametrize(
    "url",
    [
        "", "nonsense", "sqlite://", "sqlite:///:memory:", "mysql://bot:geheim@host/name",
        "postgresql://bot:geheim@host:port/name", "postgresql://bot:geheim@[::1/name",
    ],
)  # fmt: skip
def test_a_malformed_url_is_a_matter_of_settings(url: str) -> None:
    for use in (Store.open, migrate.prepare, migrate.upgrade, integrity.check):
        with pytest.raises(SettingsError, match=r"^TRIAGEBOT_DATABASE_URL") as caught:
            use(url)
        assert caught.value.exit_code == 2
        assert "geheim" not in str(caught.value)


@pytest.mark.parametrize("given", ["postgres://bot@host/name", "postgresql+psycopg2://bot@host/name"])
def test_every_way_to_write_postgresql_means_the_driver_that_we_have(given: str) -> None:
    assert str(engines.parse(given)) == "postgresql+psycopg://bot@host/name"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql://bot:geheim@127.0.0.1:1/name", "postgresql://bot:***@127.0.0.1:1/name: the database server does not"),
        ("postgresql://bot@127.0.0.1:1/name?password=geheim", "postgresql://bot@127.0.0.1:1/name: the database server"),
        ("postgresql://bot:geheim@no-such-host.invalid/name", "name is unknown"),
        ("postgresql://bot:geheim@127.0.0.1:1/name?nonsense=1", "invalid connection option"),
    ],
)  # fmt: skip
def test_a_server_that_is_out_of_reach(url: str, words: str) -> None:
    store = Store.open(url)
    for use in (lambda: migrate.prepare(url), lambda: migrate.upgrade(url), lambda: store.read_now(agent_names),
                lambda: store.write_now(agent_names)):  # fmt: skip
        with pytest.raises(StoreError) as caught:
            use()
        assert words in str(caught.value)
        assert "geheim" not in str(caught.value)
        assert "\n" not in str(caught.value)
        assert caught.value.exit_code == 3
    store.close()


def test_a_folder_that_is_missing_and_a_folder_that_is_no_file(tmp_path: Path) -> None:
    for use in (Store.open, migrate.prepare, migrate.upgrade):
        with pytest.raises(StoreError, match=r"folder .*missing does not exist; make it"):
            use(f"sqlite:///{tmp_path}/missing/bot.db")
        with pytest.raises(StoreError, match="is a folder; set TRIAGEBOT_DATABASE_URL to a file"):
            use(f"sqlite:///{tmp_path}")


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("买菜\n" * 500)
    url = f"sqlite:///{file}"
    store = Store.open(url)
    for use in (
        lambda: migrate.prepare(url),
        lambda: store.write_now(agent_names),
        lambda: store.read_now(agent_names),
    ):
        with pytest.raises(StoreError, match="no SQLite database; set TRIAGEBOT_DATABASE_URL to another file"):
            use()
    store.close()
    assert file.read_text() == "买菜\n" * 500


def test_a_database_that_was_never_set_up(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'bot.db'}")
    with pytest.raises(StoreError, match="not set up; run: triagebot db upgrade"):
        store.write_now(agent_names)
    store.close()


def test_an_index_that_this_python_cannot_read(sqlite_url: str) -> None:
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as connection, connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_master SET sql = replace(sql, 'fts5', 'fts9') WHERE name = 'passage_index'")
    store = Store.open(sqlite_url)
    with pytest.raises(StoreError, match=r"no full text search .FTS5., which the database uses; use another Python"):
        store.write_now(lambda s: run(s, PASSAGE.insert(), {"id": 1, "ticket_id": 1, "grams": ""}).rowcount)
    store.close()


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user of the machine may enter, and its own scratch folder."""
    folder = Path(tempfile.mkdtemp(prefix="triagebot-test-"))
    folder.chmod(0o755)
    (folder / "scratch").mkdir()
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


def as_nobody(url: str, scratch: Path) -> list[str]:
    """The lines that a user without rights is told."""
    call = [sys.executable, "-c", _AS_NOBODY, url, str(scratch)]
    done = subprocess.run(
        call, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_a_file_that_may_only_be_read(sqlite_template: Path, open_folder: Path) -> None:
    file = open_folder / "bot.db"
    shutil.copy(sqlite_template, file)
    file.chmod(0o444)
    open_folder.chmod(0o777)
    advice = "the database cannot be written; check the rights of the file and its folder"
    assert as_nobody(f"sqlite:///{file}", open_folder / "scratch")[-1] == f"3 sqlite:///{file}: {advice}"


def test_a_folder_that_may_only_be_read(sqlite_template: Path, open_folder: Path) -> None:
    file = open_folder / "bot.db"
    open_folder.chmod(0o555)
    told = as_nobody(f"sqlite:///{file}", open_folder / "scratch")
    assert told == [
        f"3 sqlite:///{file}: the database cannot be opened; check that the folder exists and may be written to"
    ]
    open_folder.chmod(0o755)
    shutil.copy(sqlite_template, file)
    open_folder.chmod(0o555)
    told = as_nobody(f"sqlite:///{file}", open_folder / "scratch")
    assert told[-1].startswith(f"3 sqlite:///{file}: the database cannot be ")


def test_an_error_without_words_is_named_by_its_kind() -> None:
    error = DBAPIError("SELECT 1", {}, Exception(""))
    error.orig = None
    url = engines.parse("sqlite:///bot.db")
    assert str(engines.in_words(ValueError(""), url)) == "sqlite:///bot.db: ValueError"
    assert "\n" not in str(engines.in_words(error, url))


def test_what_a_person_wrote_is_not_in_the_errors_of_the_database(sqlite_url: str) -> None:
    """They end in logs."""
    from sqlalchemy import text

    store = Store.open(sqlite_url)
    with pytest.raises(StoreError) as caught:
        store.write_now(lambda s: s.execute(text("INSERT INTO nowhere VALUES (:words)"), {"words": "秘密的话"}))
    assert caught.value.__cause__ is not None
    assert "秘密的话" not in str(caught.value.__cause__)
    store.close()
