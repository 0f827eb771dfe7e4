"""Being on call over the fake Bot API, in a real process that is killed: a call is never lost, and one button ends them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.acceptance.fake_telegram import FakeTelegram
from tests.acceptance.quick_rules import quick_rules
from tests.acceptance.service import Service, environment, triagebot

USER, CHEN, DENG = 7001, 8001, 8002


@pytest.fixture
def service(tmp_path: Path, models: Path, telegram: FakeTelegram) -> Iterator[Service]:
    """小陈 and then 小邓 are called about danger, each has a few seconds."""
    rules = quick_rules(tmp_path, 600)
    queues = yaml.safe_load((rules / "queues.yaml").read_text(encoding="utf-8"))
    queues["queues"][2]["on_call"] = {"chain": ["小陈", "小邓"], "every": "3s", "rounds": 5}
    (rules / "queues.yaml").write_text(yaml.safe_dump(queues, allow_unicode=True), encoding="utf-8")
    env = environment(tmp_path, models, TRIAGEBOT_RULES_DIR=str(rules), TRIAGEBOT_TICK_SECONDS="0.2")
    for name, user in (("小陈", CHEN), ("小邓", DENG)):
        assert triagebot(env, "agents", "add", name, "--telegram", str(user), "--queue", "security").returncode == 0
    running = Service(env, telegram.base, tmp_path)
    running.start()
    yield running
    running.kill()


def test_a_call_that_was_not_sent_yet_when_the_bot_died_is_made_and_acknowledging_ends_them(
    service: Service, telegram: FakeTelegram, tmp_path: Path
) -> None:
    def story() -> list[str]:
        with sqlite3.connect(tmp_path / "bot.db") as database:
            kinds = "('paged', 'acknowledged', 'paging_ended')"
            found = database.execute(f"SELECT type FROM event WHERE type IN {kinds} ORDER BY id").fetchall()
        return [type for (type,) in found]

    telegram.fail_next += [("sendmessage", 500, {})] * 3
    telegram.says(USER, "对方让我先交解冻费才能修复征信，我已经转了五千")
    telegram.wait(lambda: story()[:1] == ["paged"], "the first call to be written down")
    service.again()
    telegram.wait_text(CHEN, "📟 紧急呼叫")
    telegram.wait_text(DENG, "📟 紧急呼叫")
    telegram.press(DENG, "👌 知道了")
    telegram.wait_text(DENG, "已停止呼叫")
    telegram.wait(lambda: story()[-1] == "acknowledged", "the acknowledgement")
    telegram.wait_text(CHEN, "📟 #1 的呼叫结束了：小邓 知道了")
    assert set(story()[:-1]) == {"paged"}
    called = [m for m in telegram.sent if m.texts[0].startswith("📟 紧急呼叫")]
    assert len(called) >= len(story()) - 1
    with sqlite3.connect(tmp_path / "bot.db") as database:
        assert database.execute("SELECT status, assignee_id FROM ticket").fetchall() == [("queued", None)]
