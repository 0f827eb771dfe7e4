"""Real processes on one PostgreSQL database: one is stopped in the middle of traffic and wakes up late, one is killed."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import Session, col, func, select

from tests.acceptance.fake_telegram import FakeTelegram
from tests.acceptance.service import Service, environment, triagebot
from triagebot.store.store import Store
from triagebot.store.tables import Event, Inbox, Lease, Ticket

PEOPLE = 20
_WITH_SHORT_CLAIMS = """
import functools, sys
from triagebot import app, cli
from triagebot.flow import claims
from triagebot.store import postgres

claims.CLAIM_S = 1.0
postgres.MOST_IDLE_MS = 1000
app.Standby = functools.partial(app.Standby, ttl_s=1.0)
cli.main(sys.argv[1:])
"""
"""The same program, so that a test need not stop it for half a minute."""


@pytest.fixture
def store(postgres_url: str) -> Iterator[Store]:
    opened = Store.open(postgres_url)
    yield opened
    opened.close()


@pytest.fixture
def services(tmp_path: Path, models: Path, telegram: FakeTelegram, postgres_url: str) -> Iterator[dict[str, Service]]:
    """Two that receive, answer and send, and one that only ticks."""
    env = {**environment(tmp_path, models), "TRIAGEBOT_DATABASE_URL": postgres_url, "TRIAGEBOT_ADMINS": "9001"}

    def service(name: str, *parts: str) -> Service:
        only = [word for part in parts for word in ("--only", part)]
        call = [sys.executable, "-c", _WITH_SHORT_CLAIMS, "run", *only]
        return Service(env, telegram.base, tmp_path, name=name, call=call)

    found = {
        "one": service("one", "web", "worker", "sender"),
        "two": service("two", "web", "worker", "sender"),
        "scheduler": service("scheduler", "scheduler"),
    }
    for each in found.values():
        each.start()
    for each in found.values():
        telegram.wait(lambda each=each: "run.started" in each.log.read_text(), each.log.name, timeout=90)
    yield found
    for each in found.values():
        if each.process is not None:
            each.process.send_signal(signal.SIGCONT)
        each.kill()


def handled(store: Store) -> int:
    return store.read_now(lambda s: s.exec(select(func.count()).where(Inbox.state == "done")).one())


def holder(store: Store, lease: str) -> int:
    """The process that has it, or had it last."""
    return int(store.read_now(lambda s: s.get_one(Lease, lease).holder).split(":")[1])


def words_of_each(session: Session) -> dict[int, list[str]]:
    query = select(Ticket.conversation_id, Event.data).join(Ticket, col(Ticket.id) == Event.ticket_id)
    said: dict[int, list[str]] = {}
    for conversation, data in session.exec(query.where(Event.type == "user_replied").order_by(col(Event.id))):
        said.setdefault(conversation, []).append(data["text"])
    return said


def test_one_stopped_and_one_killed_lose_and_double_nothing(
    services: dict[str, Service], telegram: FakeTelegram, store: Store
) -> None:
    people, said = range(7001, 7001 + PEOPLE), ("收不到验证码", "还是收不到验证码", "验证码一直收不到")

    def everybody_says(number: int) -> None:
        for person in people:
            telegram.says(person, said[number])

    telegram.wait(lambda: store.read_now(lambda s: s.exec(select(Lease).where(col(Lease.name).like("poll:%"))).all()),
                  "a poller")  # fmt: skip
    poller = store.read_now(lambda s: s.exec(select(Lease.holder).where(col(Lease.name).like("poll:%"))).one())
    names = {str(services[name].pid): name for name in ("one", "two")}
    stopped = services[names.pop(poller.split(":")[1])]
    killed = services[names.popitem()[1]]
    assert stopped.process is not None

    everybody_says(0)
    telegram.wait(lambda: handled(store) > 0, "the first answer")
    stopped.process.send_signal(signal.SIGSTOP)
    everybody_says(1)
    telegram.wait(lambda: handled(store) == 2 * PEOPLE, "the other process to take over")
    stopped.process.send_signal(signal.SIGCONT)
    everybody_says(2)
    telegram.wait(lambda: handled(store) > 2 * PEOPLE, "somebody to go on")
    killed.kill()
    telegram.wait(lambda: handled(store) == 3 * PEOPLE, "the one that woke up to do the rest")

    assert store.read_now(lambda s: s.exec(select(Inbox).where(Inbox.state != "done")).all()) == []
    assert list(store.read_now(words_of_each).values()) == [list(said)] * PEOPLE
    assert len(store.read_now(lambda s: s.exec(select(Ticket)).all())) == PEOPLE
    for person in people:
        telegram.wait(lambda person=person: telegram.count(person) > 0, f"an answer to {person}")
    assert holder(store, "tick") == services["scheduler"].pid
    telegram.wait(
        lambda: holder(store, "send:telegram:4242,web:web") == stopped.pid,
        "who woke up to send, since the other one is dead",
    )
    for service in (stopped, services["scheduler"]):
        assert service.process is not None
        assert service.process.poll() is None, f"{service.log.name} ended by itself"
        assert service.stop() == 0, service.log.read_text()[-2000:]


def test_parts_need_a_database_that_can_be_shared(tmp_path: Path, models: Path) -> None:
    done = triagebot(environment(tmp_path, models), "run", "--only", "web")
    assert done.returncode == 2
    assert "PostgreSQL" in done.stderr
