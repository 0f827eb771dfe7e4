"""``triagebot agents`` and ``triagebot audit`` from the outside: what they print, and their exit codes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.auditing import tamper
from tests.conftest import FakeClock
from tests.unit.house import House
from triagebot.cli import main
from triagebot.store.store import Store

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(sqlite_url: str, data_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """(exit code, stdout, stderr) of a command."""
    monkeypatch.setenv("TRIAGEBOT_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("TRIAGEBOT_DATA_DIR", str(data_dir))
    monkeypatch.setenv("TRIAGEBOT_WEB_URL", "https://desk.example.com/")

    def call(*arguments: str) -> tuple[int, str, str]:
        code = 0
        try:
            main(list(arguments))
        except SystemExit as stopped:
            code = int(stopped.code or 0)
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


@pytest.fixture
def staffed(run: Run) -> Run:
    assert run("agents", "add", "周管理", "--telegram", "9001", "--role", "admin")[0] == 0
    assert run("agents", "add", "小李", "--telegram", "8001", "--queue", "hotline")[0] == 0
    return run


def test_links_and_invitations_are_printed(staffed: Run) -> None:
    _, invited, _ = staffed("agents", "invite", "--role", "agent", "--queue", "hotline", "--name", "小陈")
    assert "https://desk.example.com/desk/join?token=" in invited
    assert "/start join_" in invited
    assert staffed("agents", "link")[1].startswith("https://desk.example.com/desk/sign-in?token=")
    assert staffed("agents", "link", "小李")[0] == 0


def test_without_a_port_or_an_address_a_link_would_lead_nowhere(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIAGEBOT_WEB_URL", "")
    monkeypatch.setenv("TRIAGEBOT_WEB_PORT", "0")
    code, _, error = run("agents", "link")
    assert (code, error.count("\n")) == (2, 1)
    assert "TRIAGEBOT_WEB_URL" in error
    monkeypatch.setenv("TRIAGEBOT_WEB_PORT", "8123")
    assert run("agents", "link")[1].startswith("http://127.0.0.1:8123/desk/sign-in?token=")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("agents", "link", "谁"), "谁"),
        (("agents", "role", "周管理", "agent"), "唯一的管理员"),
        (("agents", "remove", "周管理"), "the only admin"),
        (("agents", "role", "小李", "chief"), "agent, supervisor, admin"),
        (("agents", "queues", "小李", "sales"), "customer_service, hotline, security"),
        (("agents", "invite", "--role", "chief"), "agent, supervisor, admin"),
        (("agents", "remove", "谁"), "谁"),
        (("audit", "list", "--actor", "谁"), "agents list"),
        (("audit", "verify", "--head", "12"), "audit head"),
        (("audit", "list", "--since", "soon"), "--since"),
    ],
)
def test_a_mistake_is_one_line_and_exit_2(staffed: Run, arguments: tuple[str, ...], words: str) -> None:
    code, _, error = staffed(*arguments)
    assert (code, error.count("\n")) == (2, 1)
    assert words in error


def test_what_was_changed_is_listed_with_names(staffed: Run) -> None:
    assert "小李 is now supervisor" in staffed("agents", "role", "小李", "supervisor")[1]
    assert "全部队列" in staffed("agents", "queues", "小李", "-")[1]
    assert "0 张工单" in staffed("agents", "remove", "小李")[1]
    lines = staffed("audit", "list", "--since", "1h")[1].splitlines()
    assert "system  role changed  小李  shell=True" in lines[2]
    assert "role=supervisor was=agent" in lines[2]
    rows = json.loads(staffed("audit", "list", "--json", "--actor", "system")[1])
    assert [row["action"] for row in rows] == [
        "agent added", "agent added", "role changed", "queues changed", "agent removed"]  # fmt: skip
    assert json.loads(staffed("audit", "list", "--json", "--actor", "小李")[1]) == []


def test_a_broken_log_is_exit_1_and_names_the_row(staffed: Run, sqlite_url: str) -> None:
    head = staffed("audit", "head")[1].strip()
    assert head.startswith("2:")
    staffed("agents", "link")
    code, out, _ = staffed("audit", "verify", "--head", head)
    assert code == 0
    assert "3 rows" in out
    tamper(sqlite_url, "UPDATE audit SET action = 'x' WHERE id = 2")
    code, out, _ = staffed("audit", "verify")
    assert code == 1
    assert "第 2 行" in out
    assert "Row 2: it is not as it was written" in out
    code, out, _ = staffed("db", "check")
    assert (code, "audit log, row 2" in out) == (1, True)


def test_a_denied_try_at_the_shell_is_noted(staffed: Run, sqlite_url: str) -> None:
    store = Store.open(sqlite_url)
    house = House(store, FakeClock())
    house.hear("刷脸不过")
    house.press("human:1")
    store.close()
    code, _, error = staffed("queue", "take", "1", "--as", "小李")
    assert (code, error.count("\n")) == (1, 1), "it is not their queue"
    (row,) = json.loads(staffed("audit", "list", "--json", "--actor", "小李")[1])
    assert (row["action"], row["target"], row["outcome"]) == ("take", "ticket:1", "denied")
