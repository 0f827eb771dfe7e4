"""``triagebot db upgrade`` of an old database with data, killed -9 at any statement: the next one succeeds, nothing is lost."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.acceptance.faults.reliability import Observe
from tests.acceptance.service import environment, triagebot
from tests.conftest import FakeClock
from tests.living import wrong_with
from tests.unit.house import House
from triagebot.store import engines, migrate
from triagebot.store.store import Store

ROOT = Path(__file__).resolve().parents[2]
CHANGES = {"sqlite": 74, "postgresql": 71}
"""Statements between version 0001 and 0009 that change something; each is a moment to die at, and so is the commit."""
_DIES_AT = """
import os, signal, sys
from sqlalchemy import Engine, event
from triagebot import cli

left = int(sys.argv[1])

def step():
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

@event.listens_for(Engine, "before_cursor_execute")
def change(connection, cursor, statement, *rest):
    if statement.split()[0] in ("ALTER", "CREATE", "UPDATE", "INSERT", "DROP"):
        step()

@event.listens_for(Engine, "commit")
def commit(connection):
    step()

cli.main(["db", "upgrade"])
"""
KEPT = {"agent": "name, role", "conversation": "channel, chat, memory", "ticket": "status, priority, sla",
        "event": "ticket_id, at, type, actor, data", "inbox": "external_id, state, payload",
        "outbox": "chat, state, payload, key", "card": "chat, name, ref", "notice": "ticket_id, clock, step, at"}  # fmt: skip
"""Columns that each version has. (When a ticket is to be looked at is not one: 0007 has all of them looked at at once.)"""


def old_with_data(url: str, clock: FakeClock) -> None:
    from alembic.config import Config

    from alembic import command
    from triagebot.desk import promises

    migrate.upgrade(url)
    store = Store.open(url)
    house = House(store, clock)
    house.agent("li", queues=["customer_service"])
    for chat in ("7", "8", "9"):
        house.hear("刷脸不过", chat)
    house.press("human:1")
    house.deliver()
    clock.advance(hours=3)
    store.write_now(promises.sweep, house.office, clock())
    house.arrive("还不行", "8")
    store.close()
    config = Config()
    config.set_main_option("script_location", str(ROOT / "alembic"))
    config.attributes["url"] = url
    command.downgrade(config, "0001")


def contents(url: str) -> dict[str, list[str]]:
    engine = sa.create_engine(engines.parse(url))
    with engine.connect() as connection:
        found = {
            table: [
                str(tuple(row)) for row in connection.execute(sa.text(f"SELECT id, {columns} FROM {table} ORDER BY id"))
            ]
            for table, columns in KEPT.items()
        }
    engine.dispose()
    return found


def upgrade_that_dies(env: dict[str, str], step: int) -> int:
    call = [sys.executable, "-c", _DIES_AT, str(step)]
    return subprocess.run(
        call, env={**env, "PYTHONPATH": str(ROOT)}, capture_output=True, timeout=120, check=False
    ).returncode


@pytest.mark.fault("升级数据库时被杀", "migration killed midway")
@pytest.mark.parametrize("often", ["three", pytest.param("each", marks=[pytest.mark.long, pytest.mark.timeout(900)])])
def test_an_upgrade_that_is_killed_again_and_again_loses_nothing(
    empty_url: str, tmp_path: Path, clock: FakeClock, often: str, observe: Observe
) -> None:
    commit = CHANGES[engines.parse(empty_url).get_backend_name()] + 1
    steps: Sequence[int] = range(1, commit + 1) if often == "each" else (1, 7, commit)
    old_with_data(empty_url, clock)
    before = contents(empty_url)
    assert all(before.values())
    env = environment(tmp_path, Path(), TRIAGEBOT_DATABASE_URL=empty_url)
    kills = lost = 0
    for step in steps:
        kills += upgrade_that_dies(env, step) == -9
        lost += contents(empty_url) != before or migrate.current(empty_url) != "0001"
    observe(kills=kills, changed=lost)
    done = triagebot(env, "db", "upgrade")
    assert (done.returncode, done.stdout) == (0, f"0001 -> {migrate.head()}\n"), done.stderr
    assert contents(empty_url) == before
    assert (kills, lost) == (len(steps), 0)
    assert wrong_with(empty_url) == []
