"""Alembic's entry: for developers (``alembic …``) and for triagebot.store.migrate, which passes the URL as attribute."""

import os

import sqlmodel
from sqlalchemy import event, text

from alembic import context
from triagebot.errors import StoreError
from triagebot.store import engines, passages, tables  # noqa: F401  (tables fills the metadata)

_LOCK = 0x7472_6961
"""One upgrade at a time on PostgreSQL; on SQLite BEGIN IMMEDIATE sees to that."""


def _url() -> str:
    given = context.config.attributes.get("url") or context.get_x_argument(as_dictionary=True).get("url")
    found = given or os.environ.get("TRIAGEBOT_DATABASE_URL")
    if not found:
        raise SystemExit("set TRIAGEBOT_DATABASE_URL, or pass -x url=sqlite:///file.db")
    return found


def _run() -> None:
    url = engines.parse(_url())
    sqlite = url.get_backend_name() == "sqlite"
    engine = engines.sqlite_engine(url, writing=True) if sqlite else engines.postgres_engine(url, 1)
    if sqlite:

        @event.listens_for(engine, "connect")
        def _no_foreign_keys(connection, record):  # tables are rebuilt by copying, which would trip over them
            connection.execute("PRAGMA foreign_keys=OFF")

    with engine.begin() as connection:
        if not sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        context.configure(
            connection=connection,
            target_metadata=sqlmodel.SQLModel.metadata,
            render_as_batch=sqlite,
            compare_type=True,
            include_name=lambda name, type_, parents: not passages.is_ours(name),
            transactional_ddl=True,
        )
        context.run_migrations()
        if sqlite and (broken := connection.execute(text("PRAGMA foreign_key_check")).first()):
            raise StoreError(f"after the migration a row of {broken[0]} would point to a missing {broken[2]}; undone")
    engine.dispose()


_run()
