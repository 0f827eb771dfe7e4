"""The database refuses: it is locked, its disk is full, or the process dies before its commit. Nothing is acknowledged then."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlmodel import func, select

from tests.acceptance.faults import altered
from tests.acceptance.faults.conftest import Observe, polling, posting, posts_to, start, webhook
from tests.acceptance.faults.databases import blocked, connected, locked
from tests.acceptance.faults.network import FaultyTelegram
from tests.acceptance.faults.people import People, opened, outcome, wait_until_all_is_done
from tests.acceptance.service import Service
from triagebot.store import integrity
from triagebot.store.store import Store
from triagebot.store.tables import Inbox

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SHORT_BUSY_MS = 300
PRODUCTS_BUSY_S = 10
_REFUSALS = 3


def taken_in(store: Store) -> int:
    return store.read_now(lambda s: s.exec(select(func.count()).select_from(Inbox)).one())


def refusals(telegram: FaultyTelegram, service: Service) -> int:
    """How often something that came could not be committed, as the network or the log knows."""
    if posts_to(service.env):
        return telegram.posts[503]
    return service.count('"store.unavailable"', '"intake"')


@pytest.mark.fault("提交之前 kill -9", "kill -9 before the inbox commit")
@pytest.mark.parametrize(
    ("receiving", "database_url"),
    [
        pytest.param("polling", "sqlite", marks=polling),
        pytest.param("webhook", "postgres", marks=webhook),
        pytest.param("polling", "postgres", marks=[polling, pytest.mark.long]),
        pytest.param("webhook", "sqlite", marks=[webhook, pytest.mark.long]),
    ],
    indirect=True,
)
def test_what_was_not_committed_when_the_process_died_comes_again(
    receiving: dict[str, str], database_url: str, telegram: FaultyTelegram, services: Callable[..., Service],
    observe: Observe,
) -> None:  # fmt: skip
    """A lock keeps the commit from happening; the update is in the process's hands when it dies."""
    people, messages = People(telegram, 3), 3
    with opened(database_url) as store, posting(telegram, receiving):
        service = services(receiving)
        start(telegram, service)
        people.say(messages)
        wait_until_all_is_done(people, store)
        with locked(database_url):
            people.say(messages)
            if posts_to(receiving):
                telegram.wait(lambda: telegram.posting_now == messages, "all to be posted")
            else:
                telegram.wait(lambda: len(telegram.handed) > messages, "an update to be fetched")
            if not database_url.startswith("sqlite"):
                with connected(database_url) as beside:
                    telegram.wait(lambda: blocked(beside, "inbox"), "the commit to wait for the lock")
            service.kill()
        assert (taken_in(store), len(telegram.queue)) == (messages, messages)
        service.start()
        wait_until_all_is_done(people, store)
        found = outcome(people, store)
        again = telegram.posts[0] if posts_to(receiving) else sum(number > 1 for number in telegram.handed.values())
        observe(**found.figures(people.messages), came_again=again)
        assert found.clean, found
        assert taken_in(store) == people.messages
        assert again > 0


@pytest.mark.fault("数据库被锁住", "database locked")
@on_sqlite
def test_a_locked_database_is_waited_for(
    receiving: dict[str, str], database_url: str, telegram: FaultyTelegram, services: Callable[..., Service],
    long: bool, observe: Observe,
) -> None:  # fmt: skip
    """For longer than SQLite itself waits, so that commits fail; the short version waits less."""
    people, messages = People(telegram, 3), 6
    service = services(receiving, call=altered.run(busy_ms=None if long else SHORT_BUSY_MS))
    with opened(database_url) as store, posting(telegram, receiving):
        start(telegram, service)
        pid = service.pid
        people.say(messages)
        wait_until_all_is_done(people, store)
        said = len(telegram.sent)
        with locked(database_url):
            began = time.monotonic()
            least_s = 2.5 * PRODUCTS_BUSY_S if long else 0
            people.say(messages)
            telegram.wait(
                lambda: refusals(telegram, service) >= _REFUSALS and time.monotonic() - began > least_s,
                "commits to be refused", 120,
            )  # fmt: skip
            lasted = time.monotonic() - began
            assert (taken_in(store), len(telegram.queue)) == (messages, messages), "acknowledged, and not committed"
            assert len(telegram.sent) == said
        wait_until_all_is_done(people, store)
        found = outcome(people, store)
        observe(locked_s=round(lasted, 1), refused=refusals(telegram, service), **found.figures(people.messages))
        assert found.clean, found
        assert service.pid == pid
        assert service.stop() == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk that is easily full. Mounting takes rights that a laptop's user has not; CI must have them."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "triagebot", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        why = f"a small disk cannot be mounted here: {mounted.stderr.decode().strip()}"
        assert not os.environ.get("CI"), why
        pytest.skip(why)
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


@contextmanager
def filled(disk: Path) -> Iterator[None]:
    """Not one byte is left."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (65536, 4096, 1):
            try:
                while file.write(b"x" * size):
                    pass
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
    yield
    filler.unlink()


@pytest.mark.fault("磁盘满", "disk full")
@pytest.mark.parametrize(
    "receiving",
    [pytest.param("webhook", marks=webhook), pytest.param("polling", marks=[polling, pytest.mark.long])],
    indirect=True,
)
@on_sqlite
def test_a_full_disk_is_waited_for(
    receiving: dict[str, str], database_url: str, small_disk: Path, telegram: FaultyTelegram,
    services: Callable[..., Service], observe: Observe,
) -> None:  # fmt: skip
    messages, times, people = 60, 2, People(telegram, 10)
    shutil.copy(database_url.removeprefix("sqlite:///"), small_disk / "bot.db")
    url = f"sqlite:///{small_disk / 'bot.db'}"
    service = services({**receiving, "TRIAGEBOT_DATABASE_URL": url})
    with opened(url) as store, posting(telegram, receiving):
        start(telegram, service)
        if posts_to(receiving):
            telegram.wait(lambda: telegram.webhook, "the webhook")
        else:
            telegram.wait(
                lambda: telegram.polls, "the first poll: a service whose disk is full as it begins waits before it"
            )
        pid = service.pid
        refused = 0
        for _ in range(times):
            with filled(small_disk):
                people.say(messages)
                before = refusals(telegram, service)
                telegram.wait(lambda before=before: refusals(telegram, service) >= before + _REFUSALS, "refusals", 120)
                assert len(telegram.queue) + taken_in(store) >= people.messages, "acknowledged, and not committed"
                assert telegram.queue
                refused += refusals(telegram, service) - before
            wait_until_all_is_done(people, store)
        found = outcome(people, store)
        observe(times=times, refused=refused, **found.figures(people.messages))
        assert found.clean, found
        assert service.pid == pid
        assert service.stop() == 0
        assert service.count("disk is full") > 0
    assert integrity.check(url) == []
