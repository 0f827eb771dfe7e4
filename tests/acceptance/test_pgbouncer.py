"""Two processes that reach PostgreSQL through a PgBouncer in transaction mode with three server connections."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from tests import pgbouncer
from tests.acceptance.fake_telegram import FakeTelegram
from tests.acceptance.service import Service, environment, triagebot
from tests.pgbouncer import PgBouncer
from triagebot.store.store import Store
from triagebot.store.tables import Event, Inbox, Outbox, Ticket

PEOPLE, AGENT = range(7001, 7013), 8001
WORDS = ("收不到验证码", "还是收不到验证码")
COMMANDS = ("db check", "doctor", "queue list", "sla report", "search 刷脸")


@pytest.fixture
def bouncer(postgres_server: str) -> Iterator[PgBouncer]:
    if pgbouncer.program() is None and not os.environ.get("CI"):
        pytest.skip("PgBouncer is not installed (Debian: apt-get install pgbouncer)")
    running = PgBouncer(postgres_server)
    yield running
    running.stop()


@pytest.fixture
def env(tmp_path: Path, models: Path, bouncer: PgBouncer, postgres_empty_url: str) -> dict[str, str]:
    return environment(tmp_path, models, TRIAGEBOT_DATABASE_URL=bouncer.url(postgres_empty_url))


@pytest.fixture
def services(env: dict[str, str], tmp_path: Path, telegram: FakeTelegram) -> Iterator[list[Service]]:
    """Two, on a database that two upgrades at once have set up."""
    with ThreadPoolExecutor(2) as both:
        upgrades = [each.result() for each in [both.submit(triagebot, env, "db", "upgrade") for _ in range(2)]]
    assert [each.returncode for each in upgrades] == [0, 0], upgrades
    assert triagebot(env, "agents", "add", "小李", "--telegram", str(AGENT)).returncode == 0
    found = [Service(env, telegram.base, tmp_path, name=name) for name in ("one", "two")]
    for each in found:
        each.start()
    for each in found:
        telegram.wait(lambda each=each: "run.started" in each.log.read_text(), each.log.name, timeout=90)
    yield found
    for each in found:
        each.kill()


@pytest.fixture
def direct(postgres_empty_url: str) -> Iterator[Store]:
    """What is in the database, seen without PgBouncer."""
    opened = Store.open(postgres_empty_url)
    yield opened
    opened.close()


def handled(session: Session) -> int:
    """How many messages of people; 0 while anything waits to be sent."""
    waiting = session.exec(select(func.count()).where(Outbox.state != "sent")).one()
    return 0 if waiting else session.exec(select(func.count()).where(Inbox.state == "done")).one()


def said(session: Session) -> dict[int, list[str]]:
    """What each person said, by the log of the one ticket that each has."""
    found: dict[int, list[str]] = {}
    for event in session.exec(select(Event).where(Event.type == "user_replied").order_by(col(Event.id))):
        found.setdefault(event.ticket_id, []).append(event.data["text"])
    return found


def test_the_whole_job_and_all_commands_work_through_it(
    services: list[Service], env: dict[str, str], telegram: FakeTelegram, bouncer: PgBouncer, direct: Store
) -> None:
    database = sa.make_url(env["TRIAGEBOT_DATABASE_URL"]).database or ""
    for person in PEOPLE:
        telegram.says(person, WORDS[0])
    busiest = (0, 0)
    for person in PEOPLE:
        telegram.wait_text(person, "1.")
        busiest = max(busiest, bouncer.connections(database))
    telegram.press(PEOPLE[0], "转人工")
    telegram.wait_text(PEOPLE[0], "工单号 #")
    card = telegram.wait_text(AGENT, "#")
    telegram.press(AGENT, "🙋 接手")
    telegram.wait_text(AGENT, "小李 处理中")
    telegram.says(AGENT, "请换个有信号的地方再试。", name="李", reply_to=card.id)
    telegram.wait_text(PEOPLE[0], "换个有信号的地方")
    services[0].kill()
    for person in PEOPLE:
        telegram.says(person, WORDS[1])
    all_messages = 2 * len(PEOPLE) + 3
    telegram.wait(lambda: direct.read_now(handled) == all_messages, "the one that lives to do everything", 60)

    assert list(direct.read_now(said).values()) == [list(WORDS)] * len(PEOPLE)
    assert len(direct.read_now(lambda s: s.exec(select(Ticket)).all())) == len(PEOPLE)
    assert len(direct.read_now(lambda s: s.exec(select(Event).where(Event.type == "agent_replied")).all())) == 1
    clients, servers = busiest
    assert clients > pgbouncer.POOL >= servers > 0
    for command in COMMANDS:
        done = triagebot(env, *command.split())
        assert done.returncode == 0, (command, done.stdout, done.stderr)
    assert services[1].stop() == 0
    for service in services:
        assert '"level": "error"' not in service.log.read_text(), service.log.read_text()[-3000:]
