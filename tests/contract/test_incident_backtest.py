"""What the detector would have raised of the log, beside what people opened; from the shell, and as it is printed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.conftest import FakeClock
from tests.reporting import opened
from tests.unit.house import FACE, MISSING, House, office
from triagebot.cli import main
from triagebot.detect import simulate
from triagebot.detect.simulate import Figures, Row
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


@pytest.fixture
def counts(tmp_path: Path) -> Path:
    """Ten in every five minutes for three days, then fifty for half an hour, then ten for an hour."""
    begin = datetime(2026, 11, 1, tzinfo=UTC)
    rows = [10] * 864 + [50] * 6 + [10] * 12
    lines = [f"{begin + n * timedelta(minutes=5):%Y-%m-%d %H:%M:%S},{people}" for n, people in enumerate(rows)]
    (tmp_path / "counts.csv").write_text("\n".join(["timestamp,value", *lines]), encoding="utf-8")
    return tmp_path / "counts.csv"


class TestColumnsOfCounts:
    @pytest.fixture
    def database_url(self, sqlite_url: str) -> str:
        return sqlite_url

    def test_what_surges_in_a_file_is_told(self, incidents: Run, counts: Path) -> None:
        told = json.loads(incidents("backtest", "--counts", str(counts), "--json")[1])
        (surge,) = told["surges"]
        assert surge["since"] == "2026-11-04T00:00:00+00:00"
        assert surge["at"] <= "2026-11-04T00:10:00+00:00"
        assert (len(told["rows"]), told["width_s"]) == (882, 300)
        assert told["rows"][864][:2] == ["2026-11-04T00:00:00+00:00", 50]
        words = incidents("backtest", "--counts", str(counts))[1].splitlines()
        assert words[0].startswith("882 行，2026-11-01 00:00 到")
        assert "约 2026-11-04 00:00 开始" in words[1]

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"timestamp,value\n2026-11-01,3\n2026-11-02,x\n", "counts.csv: "),
            (b"timestamp,value\n2026-11-01,3\n2026-11-02,x\n", "line 3 "),
            (b"2026-11-02,3\n2026-11-01,3\n", "line 2 "),
            (b"inf,3\n1,3\n", "line 1 "),
            (b"", "two lines"),
            (b"\xff\xfe\x00", "UTF-8"),
            (None, "cannot be read"),
        ],
    )
    def test_a_file_that_is_none_is_refused_in_one_line(
        self, incidents: Run, counts: Path, content: bytes | None, said: str
    ) -> None:
        counts.unlink() if content is None else counts.write_bytes(content)
        code, out, err = incidents("backtest", "--counts", str(counts))
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert said in err

    def test_a_made_up_year_is_judged_by_what_the_rules_put_up_with(
        self, incidents: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The year itself takes a minute, and is tried with the detector."""

        def run(seed: int, days: int, *, false_alarms: float) -> Figures:
            rows = (Row("x4 or more", 40, 39, 6.5), Row("all", 60, 45, None), Row("none", 0, 0, None))
            return Figures(seed, days, 1234, rows, int(2 * false_alarms), 0.2, 0, 1.5)

        monkeypatch.setattr(simulate, "run", run)
        told = json.loads(incidents("simulate", "--days", "300", "--seed", "3", "--json")[1])
        assert (told["seed"], told["days"], told["allowed_in_30_days"], told["false_alarms"]) == (3, 300, 1, 2)
        assert told["rows"][0] == {"sort": "x4 or more", "planted": 40, "noticed": 39, "delay_min": 6.5}
        words = incidents("simulate")[1]
        assert "40    39 (98%)    6.5 min  x4 or more" in words
        assert "0     0 (–)          –  none" in words
        assert "每 30 天 / in 30 days 0.2（容忍 / allowed 1）" in words
