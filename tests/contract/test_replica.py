"""What only reads works on a real standby; reports are read there, and miss nothing for it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import Session, func, select
from structlog.testing import capture_logs

from tests.conftest import FakeClock
from tests.standby import Standby
from tests.unit.house import House
from triagebot.app import App
from triagebot.cli import doctor, main
from triagebot.errors import SettingsError
from triagebot.messages import Order, Outgoing
from triagebot.settings import Settings
from triagebot.store.replica import Replica, open_replica
from triagebot.store.store import Store
from triagebot.store.tables import Ticket

RULES = Path(__file__).resolve().parents[2] / "rules"
COMMANDS = ("db check", "db upgrade", "queue list", "queue show 1", "inbox list", "drift", "sla report", "sla explain 1",
            f"sla replay --policy {RULES / 'sla.yaml'}")  # fmt: skip


@pytest.fixture(scope="module")
def standby(postgres_server: str) -> Iterator[Standby]:
    made = Standby(postgres_server)
    yield made
    made.remove()


@pytest.fixture
def store(postgres_url: str) -> Iterator[Store]:
    opened = Store.open(postgres_url)
    yield opened
    opened.close()


@pytest.fixture
def replica(store: Store, standby: Standby) -> Iterator[Replica]:
    standby.follow()
    opened = open_replica(store, standby.url(store.url.render_as_string(False)))
    yield opened
    opened.close()


def seen(session: Session) -> tuple[bool, int]:
    """Whether this is the standby, and how many tickets it has."""
    there = session.execute(text("SELECT pg_is_in_recovery()")).scalar_one()
    return there, session.exec(select(func.count()).select_from(Ticket)).one()


def run(command: str) -> int:
    """The exit code."""
    try:
        main(command.split())
    except SystemExit as stopped:
        return int(stopped.code or 0)
    return 0


def of_standby(monkeypatch: pytest.MonkeyPatch, replica: Replica, data_dir: Path) -> None:
    monkeypatch.setenv("TRIAGEBOT_DATABASE_URL", replica.copy.url.render_as_string(False))
    monkeypatch.setenv("TRIAGEBOT_DATA_DIR", str(data_dir))


def test_commands_that_only_read_need_no_primary(
    queued: House, replica: Replica, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replica.catch_up()
    of_standby(monkeypatch, replica, tmp_path)
    assert {command: run(command) for command in COMMANDS} == dict.fromkeys(COMMANDS, 0)


def test_what_writes_says_that_this_is_a_replica(
    replica: Replica, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    of_standby(monkeypatch, replica, tmp_path)
    assert run("agents add li") == 3
    assert "may only be read, as replicas are; set TRIAGEBOT_DATABASE_URL to the primary" in capsys.readouterr().err


def test_what_was_just_written_is_read_on_the_replica(house: House, replica: Replica) -> None:
    for number in range(1, 4):
        house.hear("刷脸不过", chat=str(number))
        assert replica.read_now(seen) == (True, number)


def test_a_replica_that_stopped_replaying_is_not_used(queued: House, replica: Replica, standby: Standby) -> None:
    place = replica.copy.url.render_as_string(False)
    standby.tell(place, "SELECT pg_wal_replay_pause()")
    queued.hear("刷脸不过", chat="8")
    impatient = Replica(replica.primary, replica.copy, patience_s=0.2)
    with capture_logs() as logs:
        assert impatient.read_now(seen) == (False, 2)
    assert [(entry["event"], "is more than 0.2 s behind" in entry["reason"]) for entry in logs] == [
        ("replica.not_used", True)
    ]
    standby.tell(place, "SELECT pg_wal_replay_resume()")
    assert replica.read_now(seen) == (True, 2)


def test_a_report_is_made_from_the_primary_while_the_replica_is_away(
    queued: House, replica: Replica, standby: Standby, clock: FakeClock
) -> None:
    app = App(Settings(), queued.store, queued.office, None, [], clock, replica=replica)
    wanted = Order("text", "2026-11-16T00:00:00+08:00", "2026-11-24T00:00:00+08:00", "zh", ())

    async def made() -> str:
        message = Outgoing(text="", order=wanted)
        while not app.deliver.orders.ready(message):
            await app.said.wait(30)
        return app.deliver.orders.carried_out(message).text

    with capture_logs() as logs:
        with_it = asyncio.run(made())
        assert logs == []
        standby.stop()
        app = App(Settings(), queued.store, queued.office, None, [], clock, replica=replica)
        assert asyncio.run(made()) == with_it
    standby.start()
    assert [entry["event"] for entry in logs] == ["replica.not_used"]
    assert "1" in with_it
    assert replica.read_now(seen) == (True, 1)


def test_doctor_says_whether_reports_can_be_read_on_the_replica(
    replica: Replica, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = replica.copy.url.render_as_string(False)
    monkeypatch.setenv("TRIAGEBOT_DATABASE_URL", replica.primary.url.render_as_string(False))
    monkeypatch.setenv("TRIAGEBOT_DATA_DIR", str(data_dir))
    found = [
        (finding.state, finding.detail)
        for url in (place, f"{place}/away")
        for finding in doctor._replica(Settings(report_database_url=url))
    ]
    assert [state for state, _ in found] == ["ok", "warning"]
    assert found[1][1].endswith("until it is there, reports are read from TRIAGEBOT_DATABASE_URL")
    assert doctor._replica(Settings()) == []


@pytest.mark.parametrize("url", ["sqlite:///reports.db", "mysql://x/y", "nonsense"])
def test_what_can_be_no_replica_is_refused_in_one_line(
    url: str, postgres_url: str, data_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRIAGEBOT_DATABASE_URL", postgres_url)
    monkeypatch.setenv("TRIAGEBOT_DATA_DIR", str(data_dir))
    monkeypatch.setenv("TRIAGEBOT_REPORT_DATABASE_URL", url)
    assert run("sla report") == 2
    said = capsys.readouterr().err
    assert said.startswith("triagebot: TRIAGEBOT_REPORT_DATABASE_URL must be postgresql://user@host/name")
    assert said.count("\n") == 1


def test_sqlite_has_no_replica(sqlite_url: str, postgres_url: str) -> None:
    opened = Store.open(sqlite_url)
    with pytest.raises(SettingsError, match="TRIAGEBOT_REPORT_DATABASE_URL"):
        open_replica(opened, postgres_url)
    opened.close()
