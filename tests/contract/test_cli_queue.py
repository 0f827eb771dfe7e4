"""``triagebot queue …`` from the outside: the verbs of the chat in a shell, what they print, and their exit codes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import typer

from tests.unit.house import House
from triagebot.cli import agents, incidents, main, sla
from triagebot.cli.lazily import COMMANDS
from triagebot.cli.queue import app
from triagebot.desk.office import open_office
from triagebot.desk.verbs import VERBS
from triagebot.opening import utc_now
from triagebot.rulebook.schema import RuleBook
from triagebot.store.store import Store

PARTS = {"queue": app, "incidents": incidents.app, "agents": agents.app, "sla": sla.app}
ELSEWHERE = {
    "queue": "queue list", "search": "search", "report": "sla report", "incidents": "incidents list",
    "incident": "incidents show", "incident_open": "incidents open", "incident_ack": "incidents ack",
    "incident_resolve": "incidents resolve", "incident_status": "incidents status", "postmortem": "incidents postmortem",
    "incident_reopen": "incidents reopen", "silence": "incidents silence", "silences": "incidents silences",
    "unsilence": "incidents unsilence", "attach": "incidents attach", "detach": "incidents detach",
    "agents": "agents list", "invite": "agents invite", "role": "agents role", "queues": "agents queues",
    "remove": "agents remove", "desk": "agents link", "sla": "", "help": "",
}  # fmt: skip
"""Verbs whose command is not ``queue <verb>``. `queue list` shows what is due; `--help` is everywhere."""
Run = Callable[..., tuple[int, str, str]]
ROOT = Path(__file__).resolve().parents[2]


def names(part: typer.Typer) -> set[str]:
    """Of its commands."""
    return {c.name or (c.callback.__name__ if c.callback else "") for c in part.registered_commands}


@pytest.fixture
def house(sqlite_url: str, book: RuleBook) -> Iterator[House]:
    """Under the rules that came with the product; ticket 1 is with customer service, li has it."""
    found = House(Store.open(sqlite_url), utc_now, open_office(book, ZoneInfo("Asia/Shanghai")))
    found.agent("li", queues=["customer_service"])
    found.agent("boss", role="supervisor")
    found.hear("刷脸不过")
    found.press("human:1")
    found.verb("li", "take 1")
    yield found
    found.store.close()


@pytest.fixture
def queue(
    house: House, sqlite_url: str, data_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Exit code, output, errors."""
    monkeypatch.setenv("TRIAGEBOT_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("TRIAGEBOT_DATA_DIR", str(data_dir))

    def run(*arguments: str) -> tuple[int, str, str]:
        code = 0
        try:
            main(["queue", *arguments])
        except SystemExit as stopped:
            code = int(stopped.code or 0)
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def test_one_ticket_from_list_to_end(queue: Run, house: House) -> None:
    assert "#1" in queue("list")[1]
    assert "没有等待" in queue("next")[1], "li has it"
    assert "（face_again）" in queue("macro", "1", "--as", "li")[1]
    assert "已回复" in queue("macro", "1", "face_again", "--as", "li")[1]
    assert "刷脸我们换个条件" in house.told()[-1]
    assert "等用户" in queue("pending", "1", "页面上", "写的什么？", "--as", "li")[1]
    assert house.told()[-1].endswith("页面上 写的什么？")
    assert "接着处理" in queue("resume", "1", "--as", "li")[1]
    assert "热线协办" in queue("transfer", "1", "hotline", "要查", "记录", "--as", "li")[1]
    assert "要查 记录" in queue("show", "1")[1]
    assert "待接手" in queue("next")[1]
    assert "优先级 P1" in queue("escalate", "1", "security", "像被骗了", "--as", "boss")[1]
    assert "已解决" in queue("resolve", "1", "已办好", "--as", "boss")[1]
    assert "今天：接手 1 · 回复 2 · 解决 0" in queue("stats", "--as", "li")[1]
    assert "解决 1" in queue("stats", "boss", "--as", "boss")[1]


def test_being_available_and_putting_aside(queue: Run, house: House) -> None:
    assert "不参加自动派单" in queue("available", "--as", "li")[1]
    assert "可派单" in queue("available", "on", "--as", "li")[1]
    assert "先放着" in queue("snooze", "1", "明天", "14:30", "等银行", "--as", "li")[1]
    assert "不再放着" in queue("wake", "1", "--as", "li")[1]
    assert "不参加自动派单" in queue("available", "off", "--as", "li")[1]
    assert queue("resolve", "1", "--as", "li")[0] == 0
    assert "已重新打开" in queue("reopen", "1", "还是", "不行", "--as", "li")[1]
    assert "还是 不行" in queue("show", "1")[1]


def test_what_is_held_back_ends_with_one_and_send_sends_it(queue: Run, house: House) -> None:
    house.verb("li", "reply 1 请换到窗边")
    code, out, err = queue("reply", "1", "请重启手机", "--as", "boss")
    assert (code, err) == (1, "")
    assert out.startswith("先没发。li")
    assert queue("send", "1", "--as", "boss")[0] == 0
    assert house.told()[-1].endswith("请重启手机")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("macro", "1", "nothing", "--as", "li"), 2, "没有「nothing」这条快捷回复"),
        (("stats", "boss", "--as", "li"), 1, "只有主管能看"),
        (("escalate", "1", "nowhere", "--as", "li"), 2, "没有 nowhere 这个队列"),
        (("send", "1", "--as", "li"), 2, "没有按住没发的回复"),
        (("available", "perhaps", "--as", "li"), 2, "/available on|off"),
        (("ack", "1", "--as", "li"), 2, "没有为 #1 呼叫任何人"),
        (("resume", "77", "--as", "li"), 2, "没有工单 #77"),
    ],
)
def test_a_refusal_is_one_line(queue: Run, arguments: tuple[str, ...], code: int, said: str) -> None:
    done, out, err = queue(*arguments)
    assert (done, out) == (code, "")
    assert said in err
    assert err.count("\n") == 1


def test_the_shell_has_every_verb_and_both_are_documented() -> None:
    there = {f"{group} {name}" for group, part in PARTS.items() for name in names(part)} | COMMANDS.keys()
    assert {ELSEWHERE.get(verb, f"queue {verb}") for verb in VERBS} - {""} <= there
    operating = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    assert [verb for verb in VERBS if f"| `/{verb}" not in operating and f", `/{verb}" not in operating] == ["help"]
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (row,) = [line for line in readme.splitlines() if line.startswith("| `triagebot queue ")]
    assert [
        name for name in names(app) if name not in row.replace("\\", "").split("`")[1].split(" ")[2].split("|")
    ] == []
