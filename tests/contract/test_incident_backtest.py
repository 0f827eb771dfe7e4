"""What the detector would have raised of the log, beside what people opened; from the shell, and as it is printed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.conftest import FakeClock
from tests.reporting import opened
from tests.unit.house import FACE, MISSING, House, office
from triagebot.cli import main
from triagebot.store.incident_tables import Incident
from triagebot.store.store import Store

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def house(database_url: str, clock: FakeClock) -> Iterator[House]:
    """Three quiet days; then twenty people within ten minutes, of whom nobody opened an incident; an hour later incident 1,
    about something that nobody reported."""
    found = House(Store.open(database_url), clock, office())
    for hour in range(0, 72, 6):
        opened(found, 100 + hour, MISSING)
        clock.advance(hours=6)
    for person in range(1, 21):
        opened(found, person)
        clock.advance(seconds=30)
    clock.advance(hours=1)
    found.store.write_now(
        lambda s: s.add(Incident(title="验证码收不到", category="verification.code", opened_at=clock()))
    )
    yield found
    found.store.close()


@pytest.fixture
def incidents(
    database_url: str, clock: FakeClock, data_dir: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:  # fmt: skip
    """Exit code, output, errors of ``triagebot incidents``."""
    monkeypatch.setenv("TRIAGEBOT_DATABASE_URL", database_url)
    monkeypatch.setenv("TRIAGEBOT_DATA_DIR", str(data_dir))

    def run(*arguments: str) -> tuple[int, str, str]:
        code = 0
        try:
            main(["incidents", *arguments])
        except SystemExit as stopped:
            code = int(stopped.code or 0)
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def _span(clock: FakeClock, hours: int) -> tuple[str, ...]:
    return "--since", f"{hours}h", "--until", (clock() + timedelta(minutes=1)).isoformat()


def test_what_would_be_raised_and_what_would_be_missed(house: House, incidents: Run, clock: FakeClock) -> None:
    code, out, err = incidents("backtest", *_span(clock, 24), "--json")
    assert (code, err) == (0, "")
    told = json.loads(out)
    (raised,) = told["raised"]
    assert (raised["category"], raised["platform"], raised["incident"]) == (FACE, "wechat", None)
    assert raised["people"] <= 20
    assert raised["since"] <= raised["at"]
    assert (told["found"], told["missed"], told["only_here"], told["reports"]) == ([], [1], 1, 32)
    assert 48 * 3600 < told["learned_s"] < 72 * 3600
    words = incidents("backtest", *_span(clock, 24))[1]
    assert "当时没有开事件" in words
    assert "事件 1 不会发现：验证码收不到" in words
    assert words.endswith("会发现 0 个，漏掉 1 个；另外会多发现 1 个。\n")


def test_an_incident_that_was_opened_is_known_again(house: House, incidents: Run, clock: FakeClock) -> None:
    began = clock() - timedelta(hours=1)
    house.store.write_now(lambda s: s.add(Incident(title="刷脸", category=FACE, opened_at=began)))
    told = json.loads(incidents("backtest", *_span(clock, 24), "--json")[1])
    assert (told["found"], told["missed"], told["only_here"]) == ([2], [1], 0)
    assert "That is incident 2" not in incidents("backtest", *_span(clock, 24), "--lang", "zh")[1]
    assert "It is incident 2" in incidents("backtest", *_span(clock, 24), "--lang", "en")[1]


def test_what_came_before_is_only_learned_from(house: House, incidents: Run, clock: FakeClock) -> None:
    clock.advance(hours=30)
    told = json.loads(incidents("backtest", *_span(clock, 24), "--json")[1])
    assert (told["raised"], told["missed"], told["reports"]) == ([], [], 32)


def test_looking_back_from_the_shell(house: House, incidents: Run) -> None:
    told = json.loads(incidents("postmortem", "1", "--json")[1])
    assert (told["people"], told["tickets"], told["detected_after_s"]) == (0, 0, None)
    assert incidents("postmortem", "1")[1].startswith("事件 1 小结：验证码收不到\n")
    assert incidents("postmortem", "1", "--markdown", "--lang", "en")[1].startswith("# Incident 1 in retrospect")
    assert "说明已更新" in incidents("status", "1", "正在修", "--as", "local")[1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("postmortem", "7"), "没有事件 7"),
        (("backtest", "--since", "soon"), "'soon' is no time"),
        (("status", "7", "正在修"), "没有事件 7"),
    ],
)
def test_a_refusal_is_one_line(house: House, incidents: Run, arguments: tuple[str, ...], said: str) -> None:
    code, out, err = incidents(*arguments)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said in err
