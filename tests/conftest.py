"""Real databases for tests: a fresh SQLite file, and PostgreSQL from a wheel (or TEST_DATABASE_URL)."""

from __future__ import annotations

import fcntl
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests import compiled_once
from tests.acceptance.service import rules_folder
from tests.databases import Databases
from tests.postgres import Server
from triagebot.rulebook import load
from triagebot.rulebook.schema import RuleBook
from triagebot.store import migrate
from triagebot.store.store import Store
from triagebot.triage.brain import Brain
from triagebot.triage.model import load_or_train
from triagebot.vision.ocr import Reader

compiled_once.share()
# A run starts hundreds of processes; without bytecode each compiles the product anew, a third of its start.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


@dataclass
class FakeClock:
    """Time that only moves when a test says so; called, it tells the time, as the product's clocks do."""

    at: datetime = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def now(self) -> datetime:
        return self.at

    def advance(self, seconds: float = 0.0, **more: float) -> datetime:
        self.at += timedelta(seconds=seconds, **more)
        return self.at


@pytest.fixture
def clock() -> FakeClock:
    """10:00 on a Monday in Shanghai."""
    return FakeClock()


@pytest.fixture(scope="session")
def book() -> RuleBook:
    """The rules under test."""
    return load(rules_folder())


@pytest.fixture(scope="session")
def models(book: RuleBook, request: pytest.FixtureRequest) -> Path:
    """The cache folder of the product's model of these rules and this code. It stays empty where the one that travels with the
    package is of these; else one process of a parallel run trains for a minute, and the others wait."""
    folder = Path(request.config.cache.mkdir("triage"))
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        load_or_train(book, folder)
    return folder


@pytest.fixture(scope="session")
def brain(book: RuleBook, models: Path) -> Brain:
    return Brain(book, load_or_train(book, models))


@pytest.fixture(scope="session")
def screen_reader() -> Reader:
    """The reader of screens: its models take a second to load. Nobody hears of it (vision.process)."""
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    return Reader()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """An administrator's URL of a running PostgreSQL; each process of a parallel run has a server of its own."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given
        return
    try:
        server = Server()
    except Exception as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"PostgreSQL cannot be started here: {error!r}")
    yield server.url
    server.stop()


@pytest.fixture(scope="session")
def databases(postgres_server: str) -> Iterator[Databases]:
    made = Databases(postgres_server)
    yield made
    made.close()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("template") / "template.db"
    migrate.upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A migrated, empty SQLite database."""
    shutil.copy(sqlite_template, tmp_path / "bot.db")
    return f"sqlite:///{tmp_path / 'bot.db'}"


@pytest.fixture
def postgres_empty_url(databases: Databases) -> Iterator[str]:
    """A PostgreSQL database without any tables."""
    name = databases.new()
    yield databases.url(name)
    databases.drop(name)


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of each kind without any tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    url: str = request.getfixturevalue("postgres_empty_url")
    return url


@pytest.fixture
def postgres_url(databases: Databases) -> Iterator[str]:
    """A migrated, empty PostgreSQL database."""
    name = databases.take()
    yield databases.url(name)
    databases.give_back(name)


@pytest.fixture(scope="module")
def postgres_of_module(databases: Databases) -> Iterator[str]:
    """A PostgreSQL database without any tables, for all tests of a file."""
    name = databases.new()
    yield databases.url(name)
    databases.drop(name)


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A migrated, empty database of each kind. What is about SQL, locks, races or what is kept is tested on both; pages, words
    and refusals that no database could tell apart are marked ``on_sqlite``."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what asks no database anything of its own."""


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    opened = Store.open(database_url)
    yield opened
    opened.close()
