"""What cases of faults share: how they are named, how large they are, what they tell; a network that fails; services."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.faults import reliability
from tests.acceptance.faults.network import FaultyTelegram
from tests.acceptance.service import Service, environment

Observe = reliability.Observe
SECRET = "a-secret_1"
polling, webhook = pytest.mark.fault("轮询", "polling"), pytest.mark.fault("webhook", "webhook")


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


@pytest.fixture(params=[pytest.param("polling", marks=polling), pytest.param("webhook", marks=webhook)])
def receiving(request: pytest.FixtureRequest) -> dict[str, str]:
    """The environment of a service, once for each way in which updates reach it."""
    name = "env" if request.param == "polling" else "webhook_env"
    found: dict[str, str] = request.getfixturevalue(name)
    return found


def posts_to(env: dict[str, str]) -> bool:
    """Whether updates are posted to a service with ``env``; else it asks for them."""
    return env.get("TRIAGEBOT_TELEGRAM_MODE") == "webhook"


def posting(telegram: FaultyTelegram, env: dict[str, str]) -> AbstractContextManager[None]:
    """The network posts to the service with ``env``, if it is to be posted to."""
    return telegram.posting(site(env)) if posts_to(env) else nullcontext()


def site(env: dict[str, str]) -> str:
    return f"http://127.0.0.1:{env['TRIAGEBOT_WEB_PORT']}"


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


def start(telegram: FaultyTelegram, *services: Service) -> None:
    """All of them, until each says that it runs."""
    for service in services:
        service.start()

    def running(service: Service) -> bool:
        ended = service.process is None or service.process.poll() is not None
        assert not ended, service.log.read_text()[-2000:]
        return service.says("run.started")

    telegram.wait(lambda: all(running(service) for service in services), "services to start", 150)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port
