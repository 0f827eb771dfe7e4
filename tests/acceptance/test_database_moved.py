"""From SQLite to PostgreSQL with ``triagebot db copy``, in real processes: killed midway, refused while the service runs, and
the service goes on with what was left to do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from tests.acceptance.fake_telegram import BOT_ID, FakeTelegram
from tests.acceptance.faults.reliability import Observe
from tests.acceptance.service import Service, environment, triagebot
from tests.living import ROOT, Living, wrong_with
from triagebot.app import utc_now
from triagebot.messages import Address, Incoming
from triagebot.store import engines, inbox, migrate
from triagebot.store.store import Store

USER, WAITING, AGENT = 7001, 7002, 8001
_DIES_AT = """
import os, signal, sys
from datetime import UTC, datetime
from triagebot.store import copying

def progress(table, rows):
    if table == sys.argv[3]:
        os.kill(os.getpid(), signal.SIGKILL)

copying.copy(sys.argv[1], sys.argv[2], datetime.now(UTC), progress)
"""


def rows_in(url: str) -> int:
    engine = sa.create_engine(engines.parse(url))
    with engine.connect() as connection:
        tables = SQLModel.metadata.sorted_tables
        found = sum(connection.execute(sa.select(sa.func.count()).select_from(t)).scalar_one() for t in tables)
    engine.dispose()
    return found


@pytest.mark.fault("搬库（db copy）时被杀，搬到", "db copy killed midway, to")
@pytest.mark.parametrize("target", ["postgres", "sqlite"])
def test_a_copy_that_is_killed_midway_leaves_nothing_and_is_done_again(
    sqlite_url: str,
    target: str,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    living: Callable[..., Living],
    observe: Observe,
) -> None:
    url = request.getfixturevalue("postgres_empty_url") if target == "postgres" else f"sqlite:///{tmp_path / 'new.db'}"
    writer = living(sqlite_url)
    writer.wait(20)
    writer.kill()
    before, kills, left = rows_in(sqlite_url), 0, 0
    for table in ("conversation", "event", "outbox"):
        call = [sys.executable, "-c", _DIES_AT, sqlite_url, url, table]
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        kills += subprocess.run(call, env=env, capture_output=True, timeout=120, check=False).returncode == -9
        left += rows_in(url)
    observe(kills=kills, rows=before, left_over=left)
    env = environment(tmp_path, Path(), TRIAGEBOT_DATABASE_URL=sqlite_url)
    done = triagebot(env, "db", "copy", "--to", url, "--json")
    assert done.returncode == 0, done.stderr
    assert (kills, left) == (3, 0)
    assert sum(table["rows"] for table in json.loads(done.stdout)) == rows_in(url) == before
    assert wrong_with(url) == []


def _leave_work(session: Session) -> None:
    to = Address("telegram", str(BOT_ID), str(WAITING))
    message = Incoming(to, "unhandled", user=str(WAITING), at=utc_now(), text="刷脸老是不过", user_name="等待的人")
    inbox.commit(session, [message], [], utc_now())


def test_a_service_goes_on_in_the_new_database_where_it_stopped_in_the_old(
    tmp_path: Path, models: Path, telegram: FakeTelegram, postgres_empty_url: str
) -> None:
    env = environment(tmp_path, models)
    assert triagebot(env, "agents", "add", "小李", "--telegram", str(AGENT)).returncode == 0
    old = Service(env, telegram.base, tmp_path)
    old.start()
    telegram.wait(lambda: "run.started" in old.log.read_text(), "the old service", timeout=90)
    telegram.says(USER, "刷脸老是不过")
    telegram.wait_text(USER, "1.")
    telegram.press(USER, "转人工")
    telegram.wait_text(AGENT, "#1", "刷脸老是不过")
    refused = triagebot(env, "db", "copy", "--to", postgres_empty_url)
    assert old.stop() == 0
    assert refused.returncode == 2
    assert "works on" in refused.stderr
    assert "stop it" in refused.stderr
    assert migrate.current(postgres_empty_url) in (None, migrate.head())
    store = Store.open(env["TRIAGEBOT_DATABASE_URL"])
    store.write_now(_leave_work)
    store.close()

    done = triagebot(env, "db", "copy", "--to", postgres_empty_url)
    assert done.returncode == 0, done.stderr
    moved = {**env, "TRIAGEBOT_DATABASE_URL": postgres_empty_url}
    new = Service(moved, telegram.base, tmp_path, name="new")
    new.start()
    telegram.wait(lambda: "run.started" in new.log.read_text(), "the new service", timeout=90)
    telegram.wait_text(WAITING, "1.")
    telegram.press(WAITING, "转人工")
    telegram.wait_text(WAITING, "工单号 #2")
    telegram.wait_text(AGENT, "#2")
    telegram.says(AGENT, "/take 1", name="李")
    card = telegram.wait_text(AGENT, "#1", "小李 处理中")
    assert len(card.texts) > 1, "the card was sent anew instead of edited in place"
    assert new.stop() == 0
    checked = triagebot(moved, "db", "check")
    assert checked.returncode == 0, checked.stdout + checked.stderr
