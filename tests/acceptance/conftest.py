"""What black-box tests share: one trained model, because training is tested elsewhere and takes seconds; a fake Bot API."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.fake_telegram import FakeTelegram
from tests.acceptance.service import environment, triagebot


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cache folder of a model that was trained by ``triagebot train``."""
    folder = tmp_path_factory.getbasetemp().parent / "triagebot-models"
    folder.mkdir(exist_ok=True)
    done = triagebot(environment(folder, folder / "models"), "classify", "刷脸老是不过")
    assert done.returncode == 0, done.stderr
    return folder / "models"


@pytest.fixture
def telegram() -> Iterator[FakeTelegram]:
    with FakeTelegram() as server:
        yield server
