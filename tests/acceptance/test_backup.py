"""Backups of a database that is written to all the time, and the way back after it was lost, in real processes."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import Session

from tests.acceptance.fake_telegram import BOT_ID, FakeTelegram
from tests.acceptance.faults.reliability import Observe
from tests.acceptance.service import Service, environment, triagebot
from tests.living import Living, served, wrong_with
from triagebot.app import utc_now
from triagebot.messages import Address, Incoming, Outgoing
from triagebot.store import backup, inbox, outbox
from triagebot.store.store import Store

USER, WAITING, AGENT = 7001, 7002, 8001


@pytest.mark.fault("一边写一边备份，再恢复", "backups while it is written to, and the way back")
def test_backups_taken_while_it_is_written_to_are_whole_and_hold_what_was_there(
    sqlite_url: str, tmp_path: Path, living: Callable[..., Living], observe: Observe
) -> None:
    writer = living(sqlite_url)
    backups, lost, held = 3, 0, 0
    for number in range(backups):
        before = set(writer.wait(15))
        file = tmp_path / f"backup-{number}.db"
        env = environment(tmp_path, Path(), TRIAGEBOT_DATABASE_URL=sqlite_url)
        assert triagebot(env, "db", "backup", str(file)).returncode == 0
        assert wrong_with(f"sqlite:///{file}") == []
        store = Store.open(f"sqlite:///{file}")
        there = store.read_now(served)
        store.close()
        lost += len(before - set(there))
        held += len(there)
    observe(backups=backups, people=held, lost=lost)
    assert writer.process.poll() is None
    writer.kill()
    new_machine = environment(tmp_path, Path(), TRIAGEBOT_DATA_DIR=str(tmp_path / "new machine"))
    del new_machine["TRIAGEBOT_DATABASE_URL"]
    restored = triagebot(new_machine, "db", "restore", str(file))
    assert restored.returncode == 0, restored.stderr
    assert f"{len(there)} tickets" in restored.stdout
    assert lost == 0
    assert held >= 15 * backups


@pytest.mark.fault("一边写一边检查", "db check while it is written to")
def test_a_check_while_it_is_written_to_raises_no_false_alarm(
    database_url: str, tmp_path: Path, living: Callable[..., Living], observe: Observe
) -> None:
    writers = [living(database_url, first) for first in ((1,) if database_url.startswith("sqlite") else (1, 100_001))]
    checks, alarms = 10, []
    for _ in range(checks):
        for writer in writers:
            writer.wait(3)
        alarms += wrong_with(database_url)
    for writer in writers:
        writer.wait(1)
        writer.kill()
    observe(checks=checks, false_alarms=len(alarms))
    assert alarms == []


def test_rows_are_repaired_beside_a_service_that_writes(
    database_url: str, tmp_path: Path, living: Callable[..., Living]
) -> None:
    writer = living(database_url)
    writer.wait(20)
    store = Store.open(database_url)
    spoil = "UPDATE ticket SET status = 'queued', priority = 'P1', sla = '{}' WHERE id % 2 = 0"
    spoilt = store.write_now(lambda s: s.connection().execute(text(spoil)).rowcount)
    store.close()
    env = environment(tmp_path, Path(), TRIAGEBOT_DATABASE_URL=database_url)
    found = triagebot(env, "db", "check")
    assert found.returncode == 1
    assert "ticket 2: status is 'queued', its events say 'bot'" in found.stdout
    repaired = triagebot(env, "db", "check", "--repair")
    assert repaired.returncode == 0, repaired.stdout + repaired.stderr
    assert "已改正 / repaired: ticket 2: priority is 'P1', its events say 'P3'" in repaired.stdout
    writer.wait(1)
    writer.kill()
    assert spoilt >= 10
    assert wrong_with(database_url) == []


def _leave_work(session: Session) -> None:
    """A message that nobody has handled, and one that nobody has sent."""
    to = Address("telegram", str(BOT_ID), str(WAITING))
    message = Incoming(to, "unhandled", user=str(WAITING), at=utc_now(), text="刷脸老是不过", user_name="等待的人")
    inbox.commit(session, [message], [], utc_now())
    outbox.put(session, Address("telegram", str(BOT_ID), str(USER)), Outgoing("还没发出去的话"), now=utc_now())


def test_after_the_database_was_lost_the_backup_goes_on(tmp_path: Path, models: Path, telegram: FakeTelegram) -> None:
    env, kept = environment(tmp_path, models), tmp_path / "kept.db"
    assert triagebot(env, "agents", "add", "小李", "--telegram", str(AGENT)).returncode == 0
    service = Service(env, telegram.base, tmp_path)
    service.start()
    telegram.wait(lambda: "run.started" in service.log.read_text(), "the service", timeout=90)
    telegram.says(USER, "刷脸老是不过")
    telegram.wait_text(USER, "1.")
    refused = triagebot(env, "db", "restore", str(kept))
    service.kill()
    store = Store.open(env["TRIAGEBOT_DATABASE_URL"])
    store.write_now(_leave_work)
    store.close()
    assert refused.returncode == 2
    assert triagebot(env, "db", "backup", str(kept)).returncode == 0
    for file in tmp_path.glob("bot.db*"):
        file.unlink()

    restored = triagebot(env, "db", "restore", str(kept))
    assert restored.returncode == 0, restored.stdout + restored.stderr
    assert "1 tickets" in restored.stdout
    assert "1 to be handled, 1 to be sent" in restored.stdout
    service.start()
    telegram.wait(lambda: service.log.read_text().count("run.started") == 2, "the service", timeout=90)
    telegram.wait_text(USER, "还没发出去的话")
    telegram.wait_text(WAITING, "1.")
    telegram.press(USER, "转人工")
    telegram.wait_text(AGENT, "#1")
    again = triagebot(env, "db", "restore", str(kept), "--aside")
    service.kill()
    assert again.returncode == 2
    assert "is in use" in again.stderr
    assert triagebot(env, "db", "check").returncode == 0


def test_a_damaged_backup_is_not_put_in_place(sqlite_url: str, tmp_path: Path, living: Callable[..., Living]) -> None:
    writer = living(sqlite_url)
    writer.wait(40)
    writer.kill()
    env, kept = environment(tmp_path, Path(), TRIAGEBOT_DATABASE_URL=sqlite_url), tmp_path / "kept.db"
    backup.backup(sqlite_url, kept)
    with closing(sqlite3.connect(kept)) as connection, connection:
        connection.execute("UPDATE ticket SET status = 'closed' WHERE id = 3")
    restored = triagebot(env, "db", "restore", str(kept), "--aside")
    assert restored.returncode == 1
    assert "ticket 3: status is 'closed', its events say 'bot'" in restored.stdout
    store = Store.open(sqlite_url)
    assert len(store.read_now(served)) >= 40
    store.close()
    assert not list(tmp_path.glob("*.before-*"))
