"""PostgreSQL databases for tests: made by copying a migrated one, and emptied for the next test when one is done with it.

Making and dropping a database takes a third of a second of the server's CPU, emptying one takes a tenth of that.
A test that left more than rows behind gets no successor: its database is dropped.
"""

from __future__ import annotations

import uuid

import psycopg
import sqlalchemy as sa
from psycopg import sql

from triagebot.store import migrate

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
  (SELECT coalesce(array_agg(relname::text), '{}') FROM ours WHERE relkind = 'r' AND pg_relation_size(oid) > 0) AS used
"""
_ALONE = """SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()"""

_FORGET = """UPDATE pg_class SET reltuples = -1, relpages = 0, relallvisible = 0
             WHERE relnamespace = 'public'::regnamespace AND relname = %s"""


class Databases:
    """``server``: an administrator's URL. Each process of a parallel run has databases of its own."""

    def __init__(self, server: str) -> None:
        self._server = sa.make_url(server)
        self._free: list[str] = []
        self._template = self.new()
        migrate.upgrade(self.url(self._template))
        with self._connected(self._template) as connection:
            state = connection.execute(_STATE).fetchone()
        assert state is not None
        *self._as_made, _ = state
        self._counted = (state[1] or "").split()

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
        """Without rows and without what the planner and the order of rows could know them by, numbers counted from 1 again;
        False: it is not as it was made."""
        with self._connected(name) as connection:
            connection.execute(_ALONE)
            state = connection.execute(_STATE).fetchone()
            assert state is not None
            *looks, used = state
            if looks != self._as_made:
                return False
            connection.execute("SET session_replication_role = replica")
            for table in {*used} - {"alembic_version"}:
                connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
                connection.execute(sql.SQL("VACUUM {}").format(sql.Identifier(table)))
                if table not in self._counted:
                    connection.execute(_FORGET, (table,))
            connection.execute("SELECT setval(c.oid, 1, false) FROM pg_class c WHERE relkind = 'S'")
            state = connection.execute(_STATE).fetchone()
        return state == (*self._as_made, ["alembic_version"])

    def _connected(self, name: str) -> psycopg.Connection:
        url = self._server.set(drivername="postgresql", database=name).render_as_string(hide_password=False)
        return psycopg.connect(url, autocommit=True)

    def _order(self, order: str, *names: str) -> None:
        with self._connected(self._server.database or "postgres") as connection:
            connection.execute(sql.SQL(order).format(*map(sql.Identifier, names)))
