"""PostgreSQL fails under load: connections are ended in the middle of transactions, it crashes, it is down for a while."""

from __future__ import annotations

import os
import random
import time
import uuid
from collections.abc import Callable, Iterator

import httpx
import pytest
import sqlalchemy as sa

from tests.acceptance.faults.conftest import Observe, posting, site, start
from tests.acceptance.faults.databases import connected, end_transactions
from tests.acceptance.faults.network import FaultyTelegram
from tests.acceptance.faults.people import People, handled, opened, outcome, wait_until_all_is_done
from tests.acceptance.service import Service
from tests.postgres import Server
from triagebot.store import migrate
from triagebot.store.store import Store

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """One that may crash without harm to other tests."""
    try:
        made = Server()
    except Exception as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"PostgreSQL cannot be started here: {error!r}")
    yield made
    made.stop()


@pytest.fixture
def database_url(server: Server) -> str:
    """A migrated, empty database on it."""
    name = f"test_{uuid.uuid4().hex[:10]}"
    with connected(server.url) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    url = sa.make_url(server.url).set(database=name).render_as_string(hide_password=False)
    migrate.upgrade(url)
    return url


def some_more(people: People, store: Store, share: int, dice: random.Random) -> None:
    """So many are said, and some of them are handled."""
    wanted = handled(people, store) + dice.randint(1, max(1, share - 1))
    people.say(share)
    people.telegram.wait(lambda: handled(people, store) >= wanted, "some to be handled", 90)


@pytest.mark.fault("事务中途 pg_terminate_backend", "pg_terminate_backend mid-transaction")
def test_connections_that_are_ended_in_the_middle_lose_and_double_nothing(
    env: dict[str, str], database_url: str, telegram: FaultyTelegram, services: Callable[..., Service], long: bool,
    observe: Observe,
) -> None:  # fmt: skip
    times, messages = (100, 1000) if long else (10, 50)
    people, service, ended = People(telegram, messages // 5), services(env), 0
    with opened(database_url) as store, connected(database_url) as beside:
        start(telegram, service)
        pid = service.pid
        for _ in range(times):
            people.say(messages // times)
            ended += end_transactions(beside)
        wait_until_all_is_done(people, store, 240)
        found = outcome(people, store)
        observe(times=times, connections_ended=ended, **found.figures(people.messages))
        assert found.clean, found
        assert service.pid == pid
        assert service.stop() == 0


@pytest.mark.fault("负载下 PostgreSQL 以 -m immediate 重启", "PostgreSQL restarted with -m immediate under load")
def test_a_server_that_crashes_again_and_again_loses_and_doubles_nothing(
    webhook_env: dict[str, str], server: Server, database_url: str, telegram: FaultyTelegram,
    services: Callable[..., Service], long: bool, observe: Observe,
) -> None:  # fmt: skip
    times, messages = (15, 750) if long else (2, 60)
    dice, people, service = random.Random(20261129), People(telegram, messages // 5), services(webhook_env)
    with opened(database_url) as store, posting(telegram, webhook_env):
        start(telegram, service)
        pid = service.pid
        for _ in range(times):
            some_more(people, store, messages // times, dice)
            server.crash()
            server.start_again()
        wait_until_all_is_done(people, store, 240)
        found = outcome(people, store)
        refused = telegram.posts[503]
        observe(restarts=times, posts_refused=refused, **found.figures(people.messages))
        assert found.clean, found
        assert service.pid == pid
        assert service.stop() == 0


def status(env: dict[str, str], path: str) -> int:
    return httpx.get(f"{site(env)}/{path}", timeout=20).status_code


@pytest.mark.fault("PostgreSQL 停了一阵", "PostgreSQL down for a while")
def test_a_server_that_is_down_is_waited_for(
    webhook_env: dict[str, str], server: Server, database_url: str, telegram: FaultyTelegram,
    services: Callable[..., Service], long: bool, observe: Observe,
) -> None:  # fmt: skip
    """Three seconds, in the long version thirty: the process lives, says that it is not ready, and takes nothing in."""
    down_s, messages = (30.0, 60) if long else (3.0, 10)
    people, service = People(telegram, 10), services(webhook_env)
    with opened(database_url) as store, posting(telegram, webhook_env):
        start(telegram, service)
        pid = service.pid
        people.say(messages)
        wait_until_all_is_done(people, store)
        telegram.wait(lambda: status(webhook_env, "readyz") == 200, "the service to be ready")
        server.crash()
        down_since, taken = time.monotonic(), telegram.posts[200]
        try:
            people.say(messages)
            telegram.wait(lambda: telegram.posts[503] > 0, "a post to be refused")
            telegram.wait(lambda: status(webhook_env, "readyz") == 503, "the service to say that it is not ready")
            assert status(webhook_env, "healthz") == 200
            telegram.wait(lambda: time.monotonic() - down_since >= down_s, "the time to go by", 60)
            assert telegram.posts[200] == taken
        finally:
            server.start_again()
        back = time.monotonic()
        telegram.wait(lambda: status(webhook_env, "readyz") == 200, "the service to be ready again")
        ready_after = time.monotonic() - back
        wait_until_all_is_done(people, store)
        found = outcome(people, store)
        observe(down_s=round(back - down_since), posts_refused=telegram.posts[503], ready_again_after_s=round(ready_after, 1),
                **found.figures(people.messages))  # fmt: skip
        assert found.clean, found
        assert service.pid == pid
        assert service.stop() == 0
