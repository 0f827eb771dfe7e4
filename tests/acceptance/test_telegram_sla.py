"""Promises over the fake Bot API with a policy of seconds: a warning, a breach, each once, also across a kill -9."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.fake_telegram import FakeTelegram
from tests.acceptance.quick_rules import quick_rules
from tests.acceptance.service import Hire, Service, delivered, environment, triagebot

USER, AGENT, BOSS = 7001, 8001, 9001
TARGET_S = 4


@pytest.fixture
def service(tmp_path: Path, models: Path, hire: Hire, telegram: FakeTelegram) -> Iterator[Service]:
    """Customer service promises an answer within seconds."""
    rules = quick_rules(tmp_path, TARGET_S)
    env = environment(tmp_path, models, TRIAGEBOT_RULES_DIR=str(rules), TRIAGEBOT_TICK_SECONDS="0.2")
    hire(
        env,
        ("小李", "--telegram", str(AGENT), "--queue", "customer_service"),
        ("周主管", "--telegram", str(BOSS), "--role", "supervisor", "--queue", "security"),
    )
    running = Service(env, telegram.base, tmp_path)
    running.start()
    yield running
    running.kill()


def told(telegram: FakeTelegram, chat: int, *parts: str) -> int:
    """In how many lines: what comes due at the same moment for two tickets is one message."""
    lines = [line for text in telegram.texts(chat) for line in text.splitlines()]
    return sum(all(p in line for p in parts) for line in lines)


def test_a_warning_goes_to_the_queue_and_a_breach_to_the_supervisor_once_each(
    service: Service, telegram: FakeTelegram, tmp_path: Path
) -> None:
    telegram.says(USER, "转人工")
    telegram.wait_text(USER, "工单号 #1")
    telegram.wait_text(AGENT, "首次回复", "50%")
    telegram.wait_text(AGENT, "首次回复", "80%")
    telegram.wait_text(BOSS, "🚨", "#1", "首次回复")
    telegram.wait(lambda: delivered(tmp_path), "the bot to note that Telegram took everything")
    service.again()
    telegram.says(USER + 1, "转人工")
    telegram.wait_text(BOSS, "🚨", "#2")
    assert told(telegram, AGENT, "⏰", "#1", "50%") == 1
    assert told(telegram, AGENT, "⏰", "#1", "80%") == 1
    assert told(telegram, BOSS, "🚨", "#1") == 1
    assert told(telegram, BOSS, "⏰") == 0
    with sqlite3.connect(tmp_path / "bot.db") as database:
        steps = database.execute("SELECT step FROM notice WHERE ticket_id = 1 ORDER BY id").fetchall()
    assert [s for (s,) in steps][:4] == ["0.5", "0.8", "user", "breach"]


def test_a_breach_that_happened_while_the_bot_was_dead_is_told_once_after_the_restart(
    service: Service, telegram: FakeTelegram, tmp_path: Path
) -> None:
    telegram.says(USER, "转人工")
    telegram.wait_text(USER, "工单号 #1")
    service.kill()
    ended = time.monotonic() + TARGET_S + 1
    while time.monotonic() < ended:  # the promise must break in real time, with nobody there to see it
        time.sleep(0.2)
    service.start()
    telegram.wait_text(BOSS, "🚨", "#1")
    telegram.wait(lambda: delivered(tmp_path), "the bot to note that Telegram took everything")
    service.again()
    telegram.says(USER + 1, "转人工")
    telegram.wait_text(BOSS, "🚨", "#2")
    assert told(telegram, BOSS, "🚨", "#1") == 1


def rows(folder: Path, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(folder / "bot.db") as database:
        return database.execute(query).fetchall()


def test_each_step_is_taken_once_though_the_service_is_killed_as_it_is_taken(
    service: Service, telegram: FakeTelegram, tmp_path: Path
) -> None:
    """A second agent takes over at one and a half times the target; the person hears of the delay."""
    triagebot(service.env, "agents", "add", "小赵", "--telegram", str(AGENT + 1), "--queue", "customer_service")
    telegram.says(USER, "转人工")
    telegram.wait_text(USER, "工单号 #1")
    telegram.says(AGENT, "/take 1", name="李")
    for step in ("user", "breach", "1.5"):
        telegram.wait(lambda step=step: (step,) in rows(tmp_path, "SELECT step FROM notice"), f"the step {step}")
        service.again()
    telegram.wait_text(USER, "工单 #1", "预计")
    telegram.wait_text(BOSS, "🚨", "#1")
    telegram.wait_text(AGENT + 1, "🔁 #1")
    assert rows(tmp_path, "SELECT count(*) FROM event WHERE type = 'reassigned'") == [(1,)]
    assert rows(tmp_path, "SELECT count(*) FROM event WHERE type = 'priority_changed'") == [(1,)]
    said = "SELECT count(*) FROM outbox WHERE chat = '{}' AND payload LIKE '%{}%'"
    assert rows(tmp_path, said.format(BOSS, "🚨 #1")) == [(1,)]
    assert rows(tmp_path, said.format(AGENT + 1, "🔁 #1")) == [(1,)]
    assert rows(tmp_path, "SELECT count(*) FROM event WHERE type = 'user_warned'") == [(1,)]
    shown = triagebot(service.env, "sla", "reapply", "--dry-run", "--json")
    assert (shown.returncode, '"tickets": []' in shown.stdout) == (0, True)


def test_an_answer_in_time_is_followed_by_silence(service: Service, telegram: FakeTelegram) -> None:
    telegram.says(USER, "转人工")
    telegram.wait_text(USER, "工单号 #1")
    telegram.says(AGENT, "/reply 1 您好，请说", name="李")
    telegram.wait_text(USER, "您好，请说")
    telegram.says(USER + 1, "转人工")
    telegram.wait_text(BOSS, "🚨", "#2")
    assert told(telegram, BOSS, "🚨", "#1") == 0
