"""A real PgBouncer in transaction mode before the test run's PostgreSQL: few server connections for many clients."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa

POOL = 3
"""Server connections for each database: fewer than any one process of the product would like to have."""
_PATIENCE_S = 20.0
_UNTIL_OWNER_ENDS = '"$0" "$1" & read -r _; kill $!; wait'
"""It would outlive a test run that is killed: the shell waits at a pipe for the run's end, whatever ends it."""
_CLIENTS = ("cl_active", "cl_waiting")
_SERVERS = ("sv_active", "sv_idle", "sv_used", "sv_tested", "sv_login")
_PLACES = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"))


def program() -> str | None:
    """Debian puts it where only root looks."""
    return shutil.which("pgbouncer", path=_PLACES)


class PgBouncer:
    """Before the server of ``url`` (an administrator's), on a free port of the loopback.

    Data under the system's temp folder; it refuses to run as root, so that it runs as the user who may use the socket.
    """

    def __init__(self, url: str) -> None:
        found = program()
        if found is None:
            raise FileNotFoundError("pgbouncer")
        server = sa.make_url(url)
        self._host = str(server.query.get("host") or server.host or "127.0.0.1")
        self.folder = Path(tempfile.mkdtemp(prefix="triagebot-pgbouncer-"))
        self.folder.chmod(0o755)
        self.port = _free_port()
        config = self.folder / "pgbouncer.ini"
        config.write_text(self._config(server))
        user = self._user() if os.geteuid() == 0 else None
        with (self.folder / "log").open("wb") as log:
            self._watcher = subprocess.Popen(
                ["/bin/sh", "-c", _UNTIL_OWNER_ENDS, found, str(config)], stdin=subprocess.PIPE, stdout=log, stderr=log,
                user=user, group=pwd.getpwnam(user).pw_gid if user else None, start_new_session=True,
            )  # fmt: skip
        self._wait()

    def url(self, behind: str) -> str:
        """The way through PgBouncer to the database that ``behind`` is the direct URL of."""
        told = {"host": "127.0.0.1", "port": self.port, "username": "bot", "password": None, "query": {}}
        return sa.make_url(behind).set(**told).render_as_string(False)

    def connections(self, database: str) -> tuple[int, int]:
        """(client connections, server connections) of ``database`` now."""
        pools = [pool for pool in self._admin("SHOW POOLS") if pool["database"] == database]
        return tuple(sum(pool[state] for pool in pools for state in states) for states in (_CLIENTS, _SERVERS))  # type: ignore[return-value]

    def stop(self) -> None:
        self._watcher.communicate(timeout=_PATIENCE_S)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _admin(self, command: str) -> list[dict[str, Any]]:
        with psycopg.connect(
            host="127.0.0.1", port=self.port, dbname="pgbouncer", user="bot", autocommit=True,
            row_factory=psycopg.rows.dict_row,
        ) as console:  # fmt: skip
            return console.execute(command).fetchall()

    def _config(self, server: sa.URL) -> str:
        secret = f" password={server.password}" if server.password else ""
        return f"""
[databases]
* = host={self._host} port={server.port or 5432} user={server.username or "postgres"}{secret}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {self.port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {POOL}
max_client_conn = 200
server_round_robin = 1
"""

    def _user(self) -> str:
        """The owner of the server's socket: nobody else may reach it. Over TCP anybody may."""
        place = Path(self._host)
        return place.owner() if place.is_absolute() and place.stat().st_uid else "nobody"

    def _wait(self) -> None:
        until = time.monotonic() + _PATIENCE_S
        while True:
            try:
                self._admin("SHOW VERSION")
                return
            except psycopg.OperationalError:
                said = (self.folder / "log").read_text()
                if "FATAL" in said or time.monotonic() > until:
                    self.stop()
                    raise RuntimeError(f"PgBouncer did not start:\n{said}") from None
                time.sleep(0.02)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
