"""PostgreSQL databases for tests: made by copying a migrated one, and emptied for the next test when one is done with it.

Making and dropping a database takes a third of a second of the server's CPU, emptying one takes a thirtieth of that.
A test that left more than rows behind gets no successor: its database is dropped.
"""

from __future__ import annotations

import uuid

import psycopg
import sqlalchemy as sa
from psycopg import sql

from triagebot.store import migrate

_MOST_BYTES = 4 * 2**20
"""More than this, and its pages tell the planner of rows that are gone; what an ANALYZE left behind tells it, too."""

_STATE = """
WITH ours AS (SELECT oid, relname, relkind, reloptions, reltuples FROM pg_class
              WHERE relnamespace = 'public'::regnamespace)
SELECT (SELECT md5(string_agg(line, ' ' ORDER BY line)) FROM (
          SELECT concat_ws(' ', 'relation', oid, relname, relkind, reloptions) FROM ours
    UNION SELECT concat_ws(' ', 'column', attrelid, attname, atttypid, attnotnull, atthasdef, attisdropped)
          FROM pg_attribute WHERE attrelid IN (SELECT oid FROM ours)
    UNION SELECT concat_ws(' ', 'constraint', oid, conname, convalidated) FROM pg_constraint
    UNION SELECT concat_ws(' ', 'trigger', oid, tgname, tgenabled) FROM pg_trigger
    UNION SELECT concat_ws(' ', 'function', oid, proname) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION SELECT concat_ws(' ', 'schema', nspname) FROM pg_namespace WHERE nspname !~ '^pg_'
    UNION SELECT concat_ws(' ', 'setting', setconfig) FROM pg_db_role_setting
          WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
    UNION SELECT concat_ws(' ', 'version', version_num) FROM alembic_version) AS lines (line)),
  (SELECT string_agg(relname, ' ' ORDER BY relname) FROM ours WHERE relkind = 'r' AND reltuples >= 0) AS analysed,
  (SELECT sum(pg_relation_size(oid)) FROM ours WHERE relkind IN ('r', 'i')) AS bytes
"""
_ALONE = """SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()"""


class Databases:
    """``server``: an administrator's URL. Each process of a parallel run has databases of its own."""

    def __init__(self, server: str) -> None:
        self._server = sa.make_url(server)
        self._free: list[str] = []
        self._template = self.new()
        migrate.upgrade(self.url(self._template))
        with self._connected(self._template) as connection:
            tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
            state = connection.execute(_STATE).fetchone()
        assert state is not None
        *self._as_made, self._bytes = state
        self._tables = [name for (name,) in tables if name != "alembic_version"]

    def url(self, name: str) -> str:
        return self._server.set(drivername="postgresql+psycopg", database=name).render_as_string(hide_password=False)

    def new(self, template: str = "template1") -> str:
        """The name of a database that nobody used before."""
        name = f"test_{uuid.uuid4().hex[:10]}"
        self._order("CREATE DATABASE {} TEMPLATE {}", name, template)
        return name

    def drop(self, name: str) -> None:
        self._order("DROP DATABASE {} WITH (FORCE)", name)

    def take(self) -> str:
        """The name of a migrated database without rows."""
        return self._free.pop() if self._free else self.new(self._template)

    def give_back(self, name: str) -> None:
        if self._emptied(name):
            self._free.append(name)
        else:
            self.drop(name)

    def close(self) -> None:
        for name in (*self._free, self._template):
            self.drop(name)

    def _emptied(self, name: str) -> bool:
        """Without rows, numbers counted from 1 again; False: it is not as it was made."""
        with self._connected(name) as connection:
            connection.execute(_ALONE)
            state = connection.execute(_STATE).fetchone()
            assert state is not None
            *looks, size = state
            if looks != self._as_made or size > self._bytes + _MOST_BYTES:
                return False
            connection.execute("SET session_replication_role = replica")
            for table in self._tables:
                connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
            connection.execute("SELECT setval(c.oid, 1, false) FROM pg_class c WHERE relkind = 'S'")
        return True

    def _connected(self, name: str) -> psycopg.Connection:
        url = self._server.set(drivername="postgresql", database=name).render_as_string(hide_password=False)
        return psycopg.connect(url, autocommit=True)

    def _order(self, order: str, *names: str) -> None:
        with self._connected(self._server.database or "postgres") as connection:
            connection.execute(sql.SQL(order).format(*map(sql.Identifier, names)))
