"""The database's version: looked up without Alembic (which takes 0.3 s to import), moved on with it."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine, create_engine, inspect, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from triagebot.errors import StoreError
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
    engine = plain_engine(parsed)
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


def plain_engine(parsed: URL) -> Engine:
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
