"""What black-box tests share: a fake Bot API, processes that write until they are killed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.acceptance.fake_telegram import FakeTelegram
from tests.living import Living


@pytest.fixture
def telegram() -> Iterator[FakeTelegram]:
    with FakeTelegram() as server:
        yield server


@pytest.fixture
def living() -> Iterator[Callable[..., Living]]:
    """Starts a process that writes to a database; none outlives the test."""
    started: list[Living] = []

    def start(url: str, first: int = 1) -> Living:
        started.append(Living(url, first))
        return started[-1]

    yield start
    for each in started:
        each.kill()
