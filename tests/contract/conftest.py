"""The desk and its people on each database, for every contract test that needs them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.conftest import FakeClock
from tests.unit.house import House
from triagebot.store.store import Store


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    with capture_logs():
        yield


@pytest.fixture
def data_dir(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A data folder for commands. That the rules are in order is known there once a command of any test has found it."""
    (tmp_path / "models").symlink_to(request.config.cache.mkdir("triage"))
    return tmp_path


@pytest.fixture
def house(store: Store, clock: FakeClock) -> House:
    return House(store, clock)


@pytest.fixture
def queued(house: House) -> House:
    """Ticket 1 is with customer service: li and zhao work there, wang at the hotline, boss watches over all."""
    house.agent("li", queues=["customer_service"])
    house.agent("zhao", queues=["customer_service"])
    house.agent("wang", queues=["hotline"])
    house.agent("boss", role="supervisor")
    house.hear("刷脸不过")
    house.press("human:1")
    return house


@pytest.fixture
def watched(house: House) -> House:
    """boss watches over all, root is admin, li works everywhere; nobody has written yet."""
    house.agent("boss", role="supervisor")
    house.agent("root", role="admin")
    house.agent("li")
    return house
