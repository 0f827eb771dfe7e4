"""What black-box tests share: a fake Bot API."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.acceptance.fake_telegram import FakeTelegram


@pytest.fixture
def telegram() -> Iterator[FakeTelegram]:
    with FakeTelegram() as server:
        yield server
