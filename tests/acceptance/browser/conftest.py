"""What the browser's tests share: Chromium, the service without any token, and people who sign in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.acceptance.browser.house import House, free_port
from tests.acceptance.service import environment, triagebot
from tests.chromium import chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Not for longer than a file: while it is open, nobody else in this process can run an event loop."""
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, models: Path, browser: Browser) -> Iterator[House]:
    """One service for the tests of a file; each brings its own people."""
    folder = tmp_path_factory.mktemp("house")
    port = free_port()
    env = environment(folder, models, TRIAGEBOT_WEB_PORT=str(port))
    for name, role in (("小李", "agent"), ("小王", "agent"), ("周主管", "supervisor"), ("老板", "admin")):
        assert triagebot(env, "agents", "add", name, "--role", role).returncode == 0
    running = House(env, folder, browser, f"http://127.0.0.1:{port}")
    running.start()
    yield running
    running.close()
