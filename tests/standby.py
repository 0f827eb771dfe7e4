"""A real standby of the test run's PostgreSQL: a copy that follows it by streaming replication and can only be read."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from tests import postgres


class Standby:
    """Of the server at ``url`` (an administrator's), with that server's own programs; it must run on this machine."""

    def __init__(self, url: str) -> None:
        self._server = url
        place = sa.make_url(url).query.get("host")
        self._programs = _programs(Path(place)) if isinstance(place, str) else None
        if self._programs is None:
            pytest.skip("the server of TEST_DATABASE_URL is not this test run's own: no standby can be made of it")
        owner = Path(str(place)).stat().st_uid
        self._user = owner if os.geteuid() == 0 else None
        self.folder = Path(tempfile.mkdtemp(prefix="triagebot-standby-"))
        os.chown(self.folder, owner, -1)
        self._watcher = subprocess.Popen(
            [sys.executable, postgres.__file__, str(self.folder)], stdin=subprocess.PIPE, start_new_session=True
        )
        user = sa.make_url(url).username or "postgres"
        self._run("pg_basebackup", "-h", str(place), "-U", user, "-R", "-c", "fast", "-X", "stream")
        self.start()

    def start(self) -> None:
        self._run("pg_ctl", "-w", "-l", str(self.folder / "log"), "-o", f"-h '' -k {self.folder}", "start")

    def url(self, of: str) -> str:
        """The standby's copy of the database at ``of``."""
        return sa.make_url(of).set(query={"host": str(self.folder)}).render_as_string(False)

    def follow(self) -> None:
        """Wait until it has all that the server has committed by now."""
        with psycopg.connect(self._server) as server, psycopg.connect(self.url(self._server), autocommit=True) as copy:
            committed = server.execute("SELECT pg_current_wal_flush_lsn()").fetchone()
            while copy.execute("SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", committed).fetchone() != (True,):
                time.sleep(0.02)

    def tell(self, of: str, statement: str) -> None:
        with psycopg.connect(self.url(of).replace("postgresql+psycopg", "postgresql")) as connection:
            connection.execute(statement)

    def stop(self) -> None:
        self._run("pg_ctl", "-m", "immediate", "stop")

    def remove(self) -> None:
        self._watcher.communicate()

    def _run(self, program: str, *arguments: str) -> None:
        assert self._programs is not None
        group = pwd.getpwuid(self._user).pw_gid if self._user is not None else None
        subprocess.run(
            [self._programs / program, "-D", self.folder / "data", *arguments], user=self._user, group=group, check=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60,
        )  # fmt: skip


def _programs(data: Path) -> Path | None:
    """Where the programs of the server are that runs in ``data``."""
    lock = data / "postmaster.pid"
    if not lock.exists():
        return None
    return Path(os.readlink(f"/proc/{lock.read_text().splitlines()[0]}/exe")).parent
