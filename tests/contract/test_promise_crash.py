"""A process that is killed in the middle of a sweep: whoever comes after it does everything once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import FakeClock
from tests.unit.house import House, office_with
from triagebot.desk import promises
from triagebot.store.store import Store
from triagebot.store.tables import Notice, Outbox

ROOT = Path(__file__).resolve().parents[2]
RULES = {
    "steps": [{"at": 1.0, "do": ["notify_supervisor", "raise_priority"]}, {"at": 1.25, "do": ["reassign"]}],
    "tell_user_at": 0.9,
}
_DIES = """
import os, signal, sys
from datetime import datetime
from sqlalchemy import Engine, event
from tests.contract.test_promise_crash import RULES
from tests.unit.house import office_with
from triagebot.desk import promises
from triagebot.store.store import Store

url, at, prefix = sys.argv[1:]
store = Store.open(url)

@event.listens_for(Engine, "after_cursor_execute")
def die(connection, cursor, statement, *rest):
    if statement.startswith(prefix):
        os.kill(os.getpid(), signal.SIGKILL)

store.write_now(promises.sweep, office_with(**RULES), datetime.fromisoformat(at))
"""


@pytest.mark.parametrize("prefix", ["INSERT INTO notice", "UPDATE ticket", "INSERT INTO outbox"])
def test_a_kill_in_the_middle_of_the_sweep_does_nothing_and_loses_nothing(
    store: Store, clock: FakeClock, database_url: str, prefix: str
) -> None:
    house = House(store, clock, office_with(**RULES))
    house.agent("li", queues=["customer_service"])
    house.agent("zhao", queues=["customer_service"])
    house.agent("boss", role="supervisor", queues=["security"])
    house.hear("刷脸不过")
    house.press("human:1")
    house.verb("li", "take 1")
    clock.advance(hours=2, minutes=31)
    before = (len(house.events()), len(house.rows(Outbox)))
    done = subprocess.run(
        [sys.executable, "-c", _DIES, database_url, clock().isoformat(), prefix],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    assert (len(house.events()), len(house.rows(Outbox))) == before
    assert house.rows(Notice) == []
    for _ in range(3):
        store.write_now(promises.sweep, house.office, clock())
    assert [n.step for n in house.rows(Notice)] == ["0.5", "0.8", "user", "breach", "1.25"]
    assert [house.types().count(type) for type in ("priority_changed", "reassigned", "user_warned")] == [1, 1, 1]
    assert sum(text.startswith("🚨 #1") for text in house.told("boss")) == 1
    assert sum("没能在" in text for text in house.told()) == 1
