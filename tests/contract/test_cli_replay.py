"""``triagebot sla replay`` from the outside: what it prints, and how it refuses a file."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.desk_traffic import fill
from triagebot import rulebook
from triagebot.cli import main
from triagebot.desk.office import open_office
from triagebot.resources import bundled
from triagebot.store.store import Store

END = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
SPAN = ("--since", "2026-11-09", "--until", "2026-11-23")
RULES = bundled("rules")


@pytest.fixture(autouse=True)
def _database(sqlite_url: str, tmp_path: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIAGEBOT_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("TRIAGEBOT_DATA_DIR", str(data_dir))
    monkeypatch.setenv("TRIAGEBOT_RULES_DIR", str(RULES))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def filled(sqlite_url: str) -> None:
    store = Store.open(sqlite_url)
    office = open_office(rulebook.load(RULES), ZoneInfo("Asia/Shanghai"))
    store.write_now(lambda s: fill(s, office, tickets=120, days=14, until=END))
    store.close()


def strict(tmp_path: Path) -> str:
    """Ten minutes instead of two hours for P3 at customer service, as version 2."""
    text = (RULES / "sla.yaml").read_text(encoding="utf-8")
    old = "{queue: customer_service, priority: P3, first_response: 2h,"
    assert old in text
    changed = text.replace(old, old.replace("2h", "10m")).replace("version: 1\n", "version: 2\n")
    (tmp_path / "strict.yaml").write_text(changed, encoding="utf-8")
    return "strict.yaml"


def replay(*arguments: str) -> int:
    """The exit code."""
    try:
        main(["sla", "replay", *arguments])
    except SystemExit as stopped:
        return int(stopped.code or 0)
    return 0


@pytest.mark.usefixtures("filled")
def test_text_and_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = strict(tmp_path)
    assert replay("--policy", file, *SPAN) == 0
    said = capsys.readouterr().out
    assert said.startswith("🔁 换成 strict.yaml（版本 2）会怎样 · 全部工单")
    assert "只换了时限" in said
    assert replay("--policy", file, *SPAN, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    first = found["metrics"]["first_response"]
    assert first["was"]["whole"] >= first["would"]["whole"] > 10
    assert first["was"]["part"] > first["would"]["part"]
    assert f"新超时 {len(found['newly_broken'])} 个" in said
    assert ("customer_service", "P3", "met") in {(t["queue"], t["priority"], t["other"]) for t in found["newly_broken"]}
    assert found["queues"]["hotline"]["first_response"]["was"]["whole"] > 0
    assert (found["policy"], found["version"], found["seen"]) == (file, 2, [1])
    assert found["period"] == {"since": "2026-11-09T00:00:00+08:00", "until": "2026-11-23T00:00:00+08:00"}
    assert replay("--policy", file, *SPAN, "--queue", "hotline", "--lang", "en") == 0
    said = capsys.readouterr().out
    assert said.startswith("🔁 What if: strict.yaml (version 2) · Hotline")
    assert "Only the promises are different" in said


def test_an_empty_period_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert replay("--policy", strict(tmp_path)) == 0
    assert "没有可比的" in capsys.readouterr().out
    assert replay("--policy", strict(tmp_path), "--json") == 0
    assert json.loads(capsys.readouterr().out)["metrics"] == {}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("version: 1\n", "version: one\n", "tried.yaml:7: version: a whole number is expected"),
        ("next_response: 4h, resolution: 2d}", "next_response: soon}", "tried.yaml:25: policies.3.next_response:"),
        ("  - {queue: security, priority: P4,", "  # {queue: security, priority: P4,", "no policy for security P4"),
        ("steps:\n", "stepps:\n", "tried.yaml:14: stepps:"),
    ],
)
def test_an_invalid_file_is_one_line_with_its_line_number(
    old: str, new: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (RULES / "sla.yaml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "tried.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    assert replay("--policy", "tried.yaml") == 2
    line = capsys.readouterr().err
    assert said in line
    assert line.count("\n") == 1
    assert "rules check" not in line


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("--policy", "nowhere.yaml"), "nowhere.yaml:1: cannot be read: No such file or directory"),
        (("--policy", str(RULES / "sla.yaml"), "--queue", "sales"), "there is no queue 'sales'; known: "),
        (("--policy", str(RULES / "sla.yaml"), "--since", "soon"), "--since: 'soon' is no time"),
    ],
)
def test_a_mistake_is_one_line_and_exit_2(
    arguments: tuple[str, ...], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert replay(*arguments) == 2
    said = capsys.readouterr().err
    assert line in said
    assert said.count("\n") == 1


def test_the_policy_must_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert replay() == 2
    assert "--policy" in capsys.readouterr().err
