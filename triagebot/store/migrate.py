"""The database's version: looked up without Alembic (which takes 0.3 s to import), moved on with it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Engine, create_engine, inspect, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from triagebot.errors import StoreError, UsageError
from triagebot.resources import bundled
from triagebot.store import engines


def revisions() -> list[str]:
    """The versions that this program knows, oldest first: migration files are named ``0001_what.py``."""
    return sorted(file.stem.partition("_")[0] for file in (bundled("alembic") / "versions").glob("[0-9]*_*.py"))


def head() -> str:
    return revisions()[-1]


def current(url: str) -> str | None:
    """The version of the database, None when it is empty or not there yet. StoreError when it cannot be read."""
    parsed = engines.parse(url)
    if parsed.get_backend_name() == "sqlite":
        engines.check_folder(parsed)
        if not Path(parsed.database or "").exists():
            return None
    engine = _plain_engine(parsed)
    try:
        with engine.connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
            return str(found) if found is not None else None
    except DBAPIError as error:
        raise engines.in_words(error, parsed) from None
    finally:
        engine.dispose()


def _plain_engine(parsed: URL) -> Engine:
    """For looking only: on SQLite without the pragmas, which would change a file that may not be ours."""
    if parsed.get_backend_name() == "sqlite":
        return create_engine(parsed, connect_args={"timeout": engines.BUSY_MS / 1000})
    return engines.postgres_engine(parsed, 1)


def upgrade(url: str) -> None:
    """Bring the database to ``head()`` in one transaction: killed midway, it is as it was. Of several processes that
    do this at once, one does the work and the others wait for it."""
    _refuse_newer(url, current(url))
    from alembic.config import Config

    from alembic import command

    config = Config()
    config.set_main_option("script_location", str(bundled("alembic")))
    config.attributes["url"] = url
    try:
        command.upgrade(config, "head")
    except DBAPIError as error:
        raise engines.in_words(error, engines.parse(url)) from None


def prepare(url: str) -> None:
    """Before use: the embedded database is upgraded by itself, a server's only by ``triagebot db upgrade``."""
    found = current(url)
    _refuse_newer(url, found)
    if found == head():
        return
    if engines.parse(url).get_backend_name() == "sqlite":
        upgrade(url)
        return
    state = "is empty" if found is None else f"is at version {found}, this program needs {head()}"
    raise StoreError(f"{engines.shown(engines.parse(url))} {state}; run: triagebot db upgrade")


def _refuse_newer(url: str, found: str | None) -> None:
    if found is not None and found not in revisions():
        raise StoreError(
            f"{engines.shown(engines.parse(url))} was written by a newer triagebot (version {found}, this one knows "
            f"{head()}); update triagebot, nothing was changed"
        )


def check(url: str) -> list[str]:
    """What is wrong with the database; empty when nothing is: integrity, foreign keys, schema as the code expects."""
    found = current(url)
    if found != head():
        return [f"the database is at version {found or 'none'}, this program needs {head()}: run triagebot db upgrade"]
    parsed = engines.parse(url)
    problems: list[str] = []
    engine = _plain_engine(parsed)
    try:
        with engine.connect() as connection:
            if parsed.get_backend_name() == "sqlite":
                rows = connection.execute(text("PRAGMA integrity_check")).scalars()
                problems += [f"integrity: {row}" for row in rows if row != "ok"]
                keys = connection.execute(text("PRAGMA foreign_key_check")).all()
                problems += [f"foreign key: {row[0]} row {row[1]} points to a missing {row[2]}" for row in keys]
            problems += _schema_differences(connection)
    except DBAPIError as error:
        raise engines.in_words(error, parsed) from None
    finally:
        engine.dispose()
    return problems


def _schema_differences(connection: object) -> list[str]:
    """As ``alembic check`` would say it."""
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext
    from sqlmodel import SQLModel

    import triagebot.store.tables  # noqa: F401  (fills the metadata)

    context = MigrationContext.configure(connection, opts={"compare_type": True})  # type: ignore[arg-type]
    return [f"schema: {difference}" for difference in compare_metadata(context, SQLModel.metadata)]


def backup(url: str, file: Path) -> None:
    """Copy the embedded database while it is in use; ``file`` appears when the copy is whole.

    UsageError for servers, which have better tools, and for a place that cannot be used.
    """
    parsed = engines.parse(url)
    if parsed.get_backend_name() != "sqlite":
        raise UsageError("db backup copies the embedded database; for PostgreSQL use pg_dump")
    source = Path(parsed.database or "")
    if not source.is_file():
        raise StoreError(f"there is no database {source} to back up; check TRIAGEBOT_DATABASE_URL")
    if file.exists():
        raise UsageError(f"{file} exists already; choose another name")
    if not file.parent.is_dir():
        raise UsageError(f"the folder {file.parent} does not exist")
    unfinished = file.with_name(f"{file.name}.part")
    try:
        with closing(sqlite3.connect(source)) as found, closing(sqlite3.connect(unfinished)) as copy:
            found.backup(copy)
        unfinished.replace(file)
    except sqlite3.Error as error:
        raise engines.in_words(error, parsed) from None
    finally:
        unfinished.unlink(missing_ok=True)
