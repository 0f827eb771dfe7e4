"""What cases of faults share: how they are named, how large they are, what they tell; a network that fails; services."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.faults import reliability
from tests.acceptance.faults.network import FaultyTelegram
from tests.acceptance.service import Service, environment

Observe = reliability.Observe
SECRET = "a-secret_1"


@pytest.fixture(params=[pytest.param(False, id="short"), pytest.param(True, id="long", marks=pytest.mark.long)])
def long(request: pytest.FixtureRequest) -> bool:
    """Whether this is the long version of a case; the short one is part of every test run."""
    found: bool = request.param
    return found


@pytest.fixture
def telegram() -> Iterator[FaultyTelegram]:
    with FaultyTelegram() as server:
        yield server


@pytest.fixture
def env(tmp_path: Path, models: Path, database_url: str) -> dict[str, str]:
    """For a service on ``database_url``, as fast as it can: the pace of single chats stays."""
    return environment(
        tmp_path, models, TRIAGEBOT_DATABASE_URL=database_url, TRIAGEBOT_TELEGRAM_RATE="100000",
        TRIAGEBOT_WEB_PORT=str(free_port()),
    )  # fmt: skip


@pytest.fixture
def webhook_env(env: dict[str, str]) -> dict[str, str]:
    return {**env, "TRIAGEBOT_TELEGRAM_MODE": "webhook", "TRIAGEBOT_TELEGRAM_WEBHOOK_SECRET": SECRET,
            "TRIAGEBOT_TELEGRAM_WEBHOOK_URL": "https://bot.example.org/tb"}  # fmt: skip


@pytest.fixture
def services(telegram: FaultyTelegram, tmp_path: Path) -> Iterator[Callable[..., Service]]:
    """Makes services that are ended with the test: ``services(env, name="two", call=[…])``."""
    made: list[Service] = []

    def make(env: dict[str, str], **more: Any) -> Service:
        made.append(Service(env, telegram.base, tmp_path, name=more.pop("name", f"service{len(made)}"), **more))
        return made[-1]

    yield make
    for service in made:
        service.wake()
        service.kill()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port
