"""One trained model for all black-box tests: training is tested elsewhere, and takes seconds."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.acceptance.service import environment, triagebot


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cache folder of a model that was trained by ``triagebot train``."""
    folder = tmp_path_factory.getbasetemp().parent / "triagebot-models"
    folder.mkdir(exist_ok=True)
    done = triagebot(environment(folder, folder / "models"), "classify", "刷脸老是不过")
    assert done.returncode == 0, done.stderr
    return folder / "models"
