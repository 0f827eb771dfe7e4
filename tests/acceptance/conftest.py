"""What black-box tests share: a fake Bot API; processes that write until they are killed; the table of faults."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.fake_telegram import FakeTelegram
from tests.acceptance.faults import reliability
from tests.acceptance.service import Hire, Service, environment, hire_once
from tests.living import Living

_SEEN = pytest.StashKey[list[reliability.Observation]]()


@pytest.fixture
def telegram() -> Iterator[FakeTelegram]:
    with FakeTelegram() as server:
        yield server


@pytest.fixture
def service(env: dict[str, str], telegram: FakeTelegram, tmp_path: Path) -> Iterator[Service]:
    """The whole program in the environment that each file makes, over the fake Bot API."""
    running = Service(env, telegram.base, tmp_path)
    running.start()
    yield running
    running.kill()


@pytest.fixture(scope="session")
def hire(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Hire:
    """Puts people on a database that is not there yet: the commands run once for each such staff, then their file is copied."""
    made: dict[tuple[tuple[str, ...], ...], Path] = {}

    def put(env: dict[str, str], *people: tuple[str, ...]) -> None:
        if people not in made:
            made[people] = hire_once(environment(tmp_path_factory.mktemp("staff"), models), people)
        file = Path(env["TRIAGEBOT_DATABASE_URL"].removeprefix("sqlite:///"))
        assert not file.exists()
        shutil.copyfile(made[people], file)

    return put


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


@pytest.fixture
def observe(request: pytest.FixtureRequest) -> reliability.Observe:
    """Called with figures, as often as there are some: they go into the table, also when the case fails afterwards."""
    zh, en = reliability.name_of(request.node)
    long = "long" in {mark.name for mark in request.node.iter_markers()}
    facts: dict[str, Any] = {"zh": zh, "en": en, "long": long, "figures": {}}
    request.node.user_properties.append((reliability.PROPERTY, facts))
    return lambda **figures: facts["figures"].update({k.replace("_", " "): v for k, v in figures.items()})


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--reliability", metavar="FILE", type=Path, help="write what the cases of faults observed into FILE"
    )


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_SEEN] = []
    config.pluginmanager.register(_Table(config), "table of faults")


class _Table:
    """Listens to reports, wherever the tests ran."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        facts = dict(report.user_properties).get(reliability.PROPERTY)
        if facts is not None and report.when == "call":
            one = reliability.Observation(**facts, passed=report.passed, seconds=report.duration)
            self.config.stash[_SEEN].append(one)

    def pytest_sessionfinish(self) -> None:
        file = self.config.getoption("--reliability", None)
        seen = self.config.stash[_SEEN]
        if file is None or not seen or hasattr(self.config, "workerinput"):
            return
        before = reliability.rows_of(file.read_text()) if file.exists() else []
        file.write_text(reliability.document(reliability.with_seen(before, seen, date.today())))
