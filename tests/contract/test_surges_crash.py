"""A process that is killed while an incident is being opened: whoever comes after it opens it once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import FakeClock
from tests.reporting import crowd, found, tale, tick, ticking, told
from tests.storing import let_leases_lapse
from tests.unit.house import House
from triagebot.desk.incident import surging

ROOT = Path(__file__).resolve().parents[2]
_DIES = """
import os, signal, sys
from datetime import datetime
from sqlalchemy import Engine, event
from tests.reporting import tick, ticking
from tests.unit.house import House
from triagebot.store.store import Store

url, at, prefix = sys.argv[1:]
house = House(Store.open(url), lambda: datetime.fromisoformat(at))

@event.listens_for(Engine, "after_cursor_execute")
def die(connection, cursor, statement, *rest):
    if statement.startswith(prefix):
        os.kill(os.getpid(), signal.SIGKILL)

tick(ticking(house, "killed"))
"""


@pytest.mark.parametrize("prefix", ["INSERT INTO incident ", "INSERT INTO series_state", "INSERT INTO outbox"])
def test_a_kill_while_an_incident_is_opened_neither_loses_nor_doubles_it(
    watched: House, clock: FakeClock, database_url: str, prefix: str
) -> None:
    crowd(watched, range(100, 112))
    done = subprocess.run(
        [sys.executable, "-c", _DIES, database_url, clock().isoformat(), prefix],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    assert (found(watched), told(watched), watched.store.read_now(surging.learned)) == ([], [], {})
    let_leases_lapse(watched.store)
    tick(ticking(watched), 3)
    (incident,) = found(watched)
    assert (len(told(watched)), tale(watched, incident.id or 0)) == (1, ["opened"])
