"""``triagebot chat`` as a newcomer meets it: piped lines, JSON, bad input, privacy, a second terminal for the desk."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.service import command, environment, rules_folder, triagebot


@pytest.fixture
def env(tmp_path: Path, models: Path) -> dict[str, str]:
    return environment(tmp_path, models)


def chat(env: dict[str, str], *lines: str, user: str = "local") -> list[dict[str, Any]]:
    """The replies to ``lines``, as JSON objects."""
    done = triagebot(env, "chat", "--json", "--user", user, given="\n".join(lines) + "\n")
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


TEN = (
    ("刷脸老是不过", "verification.face", "光"),
    ("微信查征信提示身份验证未通过", "verification.identity", "身份"),
    ("提交两天了报告还没出来", "report.missing", "24 小时"),
    ("报告里有一笔贷款不是我借的", "anomaly.identity_theft", "报"),
    ("有人说交钱能修复征信 是真的吗", "security.scam", "110"),
    ("查询记录有个不认识的公司", "anomaly.unauthorized_inquiry", "查询"),
    ("收不到验证码", "verification.sms_code", "106"),
    ("U盾插上没反应", "verification.certificate", "驱动"),
    ("人在国外怎么查", "access.overseas", "境"),
    ("转人工", "service.human", "工单号"),
)


def test_ten_problems_in_a_row_each_get_help_of_their_own(env: dict[str, str]) -> None:
    replies = chat(env, *(text for text, _, _ in TEN))
    assert len(replies) == len(TEN)
    for reply, (text, category, word) in zip(replies, TEN, strict=True):
        if category != "service.human":  # typing a button's label presses it, and a press is not judged
            assert reply["verdict"]["category"] == category, text
        assert word in reply["text"], (text, reply["text"])
    assert replies[3]["verdict"]["priority"] == "P1"
    assert "110" in replies[3]["text"]
    assert "工单号" in replies[3]["text"]


def test_fragments_are_one_problem_and_one_ticket(env: dict[str, str]) -> None:
    replies = chat(env, "在吗", "刷脸不过", "急")
    assert {r["ticket"] for r in replies} == {1}
    assert replies[1]["verdict"]["category"] == "verification.face"
    assert replies[2]["buttons"][:3] == ["解决了", "还不行", "转人工"]


def test_the_answer_to_which_platform_is_no_new_problem(env: dict[str, str]) -> None:
    replies = chat(env, "报告一直没出来", "微信")
    assert "微信" in replies[0]["buttons"]
    assert {r["ticket"] for r in replies} == {1}
    assert "微信" in replies[1]["text"]


def test_twice_not_solved_ends_with_people_and_a_promise(env: dict[str, str]) -> None:
    replies = chat(env, "刷脸老是不过", "/2", "/2", "/status")
    assert replies[1]["text"] != replies[0]["text"]
    assert "工单号 #1" in replies[2]["text"]
    assert "前有同事回复您" in replies[2]["text"]
    assert "#1" in replies[3]["text"]


def test_a_newcomer_who_worries_tries_it_all_and_lets_it_be(env: dict[str, str]) -> None:
    told = [
        r["text"]
        for r in chat(env, "刷脸老是不过", "大概多久有人理我", "会不会影响我征信啊", "我都试过了", "算了不弄了")
    ]
    assert "还没有转给人工" in told[1]
    assert "前有同事回复您" in told[1]
    assert "不会写进信用报告" in told[2]
    assert "相机权限" in told[3]
    assert not any("光" in text for text in told[3:])
    assert "接着处理" in told[4]
    shown = json.loads(triagebot(env, "queue", "show", "1", "--json").stdout)
    assert shown["status"] == "closed"


STORIES = (
    (("想看看自己的征信", "微信里弄的", "点进去让我扫脸", "提示身份信息不匹配"), [1, 1, 1, 1]),
    (("登录征信中心提示密码错误", "后来登录上去了", "验证码一直收不到"), [1, 1, 1]),
    (("刷脸老是不过", "有人打电话让我把验证码告诉他"), [1, 2]),
    (("刷脸老是不过", "报告里有一笔贷款不是我借的"), [1, 2]),
    (("刷脸老是不过", "对了查一次要多少钱"), [1, 2]),
)


@pytest.mark.parametrize(("told", "tickets"), STORIES, ids=lambda value: str(value[-1]))
def test_one_story_is_one_ticket_and_a_second_problem_another(
    env: dict[str, str], told: tuple[str, ...], tickets: list[int]
) -> None:
    assert [reply["ticket"] for reply in chat(env, *told)] == tickets


def test_the_conversation_goes_on_in_the_next_run_and_the_desk_answers_from_another_terminal(
    env: dict[str, str],
) -> None:
    chat(env, "转人工")
    listed = triagebot(env, "queue", "list", "--json")
    assert [t["id"] for t in json.loads(listed.stdout)] == [1]
    assert triagebot(env, "queue", "take", "1").returncode == 0
    assert triagebot(env, "queue", "reply", "1", "您好，请说").returncode == 0
    assert triagebot(env, "queue", "resolve", "1", "已说明").returncode == 0
    replies = chat(env, "5 分")
    told = [r["text"] for r in replies]
    assert any("您好，请说" in t for t in told)
    assert any("标记为解决" in t for t in told)
    assert "谢谢您的评分" in told[-1]
    story = json.loads(triagebot(env, "queue", "show", "1", "--json").stdout)
    kinds = [e["type"] for e in story["events"]]
    assert [k for k in kinds if k in ("escalated", "taken", "agent_replied", "resolved", "rated")] == [
        "escalated", "taken", "agent_replied", "resolved", "rated",
    ]  # fmt: skip


def test_a_reply_after_the_end_reopens_and_thanks_do_not(env: dict[str, str]) -> None:
    chat(env, "转人工")
    triagebot(env, "queue", "resolve", "1")
    chat(env, "谢谢")
    assert json.loads(triagebot(env, "queue", "show", "1", "--json").stdout)["status"] == "resolved"
    chat(env, "还不行")
    assert json.loads(triagebot(env, "queue", "show", "1", "--json").stdout)["status"] in ("queued", "assigned")


def test_english_is_answered_in_english(env: dict[str, str]) -> None:
    reply = chat(env, "the face check keeps failing, is there another way")[0]
    assert reply["verdict"]["lang"] == "en"
    assert reply["buttons"][:3] == ["Solved", "Still not working", "Talk to a person"]
    assert not any("\u4e00" <= c <= "\u9fff" for c in reply["text"])


def test_forget_me_leaves_no_words(env: dict[str, str], tmp_path: Path) -> None:
    chat(env, "我的独特句子刷脸失败了", "/forgetme", "/1")
    chat(env, "你好")
    assert "独特句子" not in everything_on_disk(tmp_path)


@pytest.mark.parametrize(
    "line",
    ["", "   ", "😂😂😂", "\x00\x01\x7f\ufffe", "啊" * 20_000, "/doesnotexist", "/take 1", "/", "?" * 500],
    ids=["empty", "blank", "emoji", "control", "20000", "unknown", "staff", "slash", "marks"],
)
def test_odd_input_gets_a_clear_line_and_the_next_one_is_answered(env: dict[str, str], line: str) -> None:
    replies = chat(env, line, "收不到验证码")
    assert len(replies) == 2
    assert replies[0]["text"].strip()
    assert replies[1]["verdict"]["category"] == "verification.sms_code"


def test_binary_garbage_is_no_crash(env: dict[str, str]) -> None:
    done = triagebot(env, "chat", "--json", given=b"\xff\xfe\x00\xd8garbage\n\xe6\x94\xb6\xe4\xb8\x8d\xe5\x88\xb0\n")
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 2
    assert "Traceback" not in done.stderr


def test_a_picture_that_is_not_there_is_one_clear_line_and_one_that_cannot_be_opened_is_said_so(
    env: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"0" * 2000)
    replies = chat(env, "/photo shot.png", f"/photo {tmp_path / 'broken.png'}", "收不到验证码")
    assert [reply["text"] for reply in replies[:1]] == ["找不到图片 shot.png，请检查文件名。"]
    assert "没能打开" in replies[1]["text"]
    assert replies[2]["verdict"]["category"] == "verification.sms_code"


def _made_up_numbers() -> list[str]:
    """40 numbers that belong to nobody: identity (valid and not), permits, cards, phones; several ways to write them."""
    regions = ("110101", "310115", "440304", "510107", "810000")
    ids = [
        f"{regions[n % 5]}19{60 + n}0{1 + n % 9}1{n % 10}{100 + n}{'X' if n % 4 == 0 else n % 10}" for n in range(14)
    ]
    phones = [f"1{3 + n % 7}{n}8765{4321 + n}"[:11].ljust(11, "7") for n in range(13)]
    cards = [f"6217{8800 + n}0000{1234 + n}"[:16] if n % 2 else f"62220{n:02d}12345678901"[:19] for n in range(13)]
    return ids + phones + cards


def everything_on_disk(folder: Path) -> str:
    """Database, write-ahead log and logs as one text; JSON escapes undone, so that nothing can hide in them."""
    raw = b"".join(f.read_bytes() for f in folder.rglob("*") if f.is_file() and "models" not in f.parts)
    text = raw.decode("utf-8", "replace")
    return text + text.encode("ascii", "ignore").decode("unicode_escape", "ignore")


def test_no_personal_number_ever_reaches_the_disk(env: dict[str, str], tmp_path: Path) -> None:
    numbers = _made_up_numbers()
    assert len(set(numbers)) == 40
    lines = [
        f"刷脸不过 我的号是{n} 帮我看看" if k % 2 else f"{n[:6]} {n[6:10]} {n[10:]}" for k, n in enumerate(numbers)
    ]
    with (tmp_path / "chat.log").open("wb") as log:
        process = subprocess.run(
            command("--debug", "chat", "--json"), env={**env, "TRIAGEBOT_LOG_LEVEL": "DEBUG"},
            input="\n".join(lines).encode(), stdout=subprocess.PIPE, stderr=log, timeout=120, check=True,
        )  # fmt: skip
    assert "自动遮住" in process.stdout.decode()
    disk = everything_on_disk(tmp_path)
    spaced = {f"{n[:6]} {n[6:10]} {n[10:]}" for n in numbers}
    assert [n for n in {*numbers, *spaced} if n in disk] == []


def test_a_broken_rules_file_stops_the_start_with_file_and_line(env: dict[str, str], tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    shutil.copytree(rules_folder(), rules)
    file = rules / "categories" / "verification.face.yaml"
    file.write_text(file.read_text(encoding="utf-8") + "\nnonsense: true\n", encoding="utf-8")
    done = triagebot({**env, "TRIAGEBOT_RULES_DIR": str(rules)}, "chat", given="你好\n")
    assert done.returncode == 2
    assert "verification.face.yaml:" in done.stderr
    assert "nonsense" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "bot.db").exists()


def test_a_database_of_a_newer_version_is_left_alone(env: dict[str, str], tmp_path: Path) -> None:
    chat(env, "你好")
    with sqlite3.connect(tmp_path / "bot.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    done = triagebot(env, "chat", given="你好\n")
    assert done.returncode == 3
    assert "newer" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_file_that_is_no_database_is_named(env: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "bot.db").write_text("this is a letter to my aunt, not a database at all" * 50)
    done = triagebot(env, "chat", given="你好\n")
    assert done.returncode == 3
    assert "no SQLite database" in done.stderr


@pytest.mark.skipif(os.geteuid() == 0 and not shutil.which("setpriv"), reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_is_one_clear_line(env: dict[str, str], tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir()
    locked.chmod(0o555)
    tmp_path.chmod(0o755)
    mine = {**env, "TRIAGEBOT_DATABASE_URL": f"sqlite:///{locked / 'bot.db'}", "PYTHONDONTWRITEBYTECODE": "1"}
    drop = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search"]
    prefix = drop if os.geteuid() == 0 else []
    done = subprocess.run(
        [*prefix, *command("chat")], env=mine, input=b"hi\n", capture_output=True, timeout=60, check=False
    )
    error = done.stderr.decode()
    assert done.returncode == 3, error
    assert "Traceback" not in error
    assert "locked" in error


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("TRIAGEBOT_TIMEZONE", "Mars/Base"),
        ("TRIAGEBOT_DATABASE_URL", "mysql://x"),
        ("TRIAGEBOT_TICK_SECONDS", "soon"),
        ("TRIAGEBOT_LOG_LEVEL", "LOUD"),
    ],
)
def test_a_malformed_setting_is_named(env: dict[str, str], variable: str, value: str) -> None:
    done = triagebot({**env, variable: value}, "chat", given="hi\n")
    assert done.returncode == 2
    assert variable in done.stderr
    assert "Traceback" not in done.stderr


def test_help_is_quick_and_loads_nothing_heavy() -> None:
    code = (
        "import sys, triagebot.cli; print([m for m in ('sklearn', 'scipy', 'aiogram', 'alembic') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_sla_simulate_prints_clocks(env: dict[str, str], tmp_path: Path) -> None:
    case = {
        "policy": {"first_response": "2h"}, "calendar": "cn-business",
        "events": [{"at": "2026-11-23T17:00:00+08:00", "type": "escalated"}], "now": "2026-11-23T17:30:00+08:00",
    }  # fmt: skip
    (tmp_path / "case.json").write_text(json.dumps(case))
    clock = json.loads(triagebot(env, "sla", "simulate", str(tmp_path / "case.json"), "--json").stdout)["clocks"][0]
    assert clock["due_at"] == "2026-11-24T02:00:00+00:00"
    (tmp_path / "case.json").write_text(
        '{"policy": {}, "events": [{"at": "now", "type": "x"}], "now": "2026-11-23T00:00:00Z"}'
    )
    bad = triagebot(env, "sla", "simulate", str(tmp_path / "case.json"), "--json")
    assert bad.returncode == 2
    assert "events[0].at" in bad.stderr
