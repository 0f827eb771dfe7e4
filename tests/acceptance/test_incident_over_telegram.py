"""Forty people at once over a fake Bot API, in real processes: one incident, honest answers, one message each at the end."""

from __future__ import annotations

import contextlib
import sqlite3
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from tests.acceptance.fake_telegram import FakeTelegram
from tests.acceptance.service import Hire, Service, environment, triagebot

AGENT, BOSS = 8001, 9001
EARLY, LATE = range(7001, 7041), range(7101, 7106)
SAID = ("微信刷脸一直不过", "微信里人脸识别失败好几次了", "微信查征信，刷脸老是失败", "微信人脸验证通不过")
OVER = "已经处理完"
PEOPLE = (("小李", "--telegram", str(AGENT)), ("周主管", "--telegram", str(BOSS), "--role", "supervisor"))


@pytest.fixture
def env(tmp_path: Path, models: Path, hire: Hire) -> dict[str, str]:
    found = environment(tmp_path, models, TRIAGEBOT_TICK_SECONDS="0.5")
    hire(found, *PEOPLE)
    return found


def rows(url: str, query: str) -> list[Any]:
    if url.startswith("sqlite"):
        with contextlib.closing(sqlite3.connect(make_url(url).database or "")) as database:
            return database.execute(query).fetchall()
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def heard(telegram: FakeTelegram, words: str) -> Counter[int]:
    return Counter(m.chat for m in telegram.sent if m.chat in (*EARLY, *LATE) and words in m.text)


def incident(telegram: FakeTelegram) -> None:
    """Forty report it; when supervisors know, five more come."""
    for number, user in enumerate(EARLY):
        telegram.says(user, SAID[number % len(SAID)])
    telegram.wait_text(BOSS, "📣 事件 1", "微信")
    telegram.wait(lambda: heard(telegram, "不只是您").keys() == set(EARLY), "an honest word to each of forty", 60)
    for user in LATE:
        telegram.says(user, SAID[0])
        assert telegram.wait_text(user, "").text.startswith("不只是您：微信上「人脸识别不通过」")


def ends(service: Service, telegram: FakeTelegram, url: str) -> int:
    """The supervisor resolves it; returns how often the service was killed while people were told."""
    noted(telegram, url)
    telegram.says(BOSS, "/incident_resolve 1 微信那边修好了。", name="周")
    kills = 0
    for told in (0, 10, 30):
        telegram.wait(lambda told=told: sum(heard(telegram, OVER).values()) >= told, f"{told} who were told")  # type: ignore[misc]
        service.again()
        kills += 1
    telegram.wait(lambda: heard(telegram, OVER).keys() == {*EARLY, *LATE}, "the end told to each", 60)
    noted(telegram, url)
    return kills


def noted(telegram: FakeTelegram, url: str) -> None:
    telegram.wait(lambda: rows(url, "SELECT count(*) FROM outbox WHERE state = 'pending'") == [(0,)], "all noted")


def everything_is_right(telegram: FakeTelegram, url: str, kills: int) -> None:
    everybody = {*EARLY, *LATE}
    assert rows(url, "SELECT count(*) FROM incident") == [(1,)]
    assert sum("📣 事件 1" in words for words in telegram.texts(BOSS)) == 1
    written = (
        "SELECT ticket_id, count(*) FROM event"
        " WHERE type = 'bot_replied' AND CAST(data AS TEXT) LIKE '%{}%' GROUP BY ticket_id"
    )
    for words in ("不只是您", OVER):
        assert [n for _, n in rows(url, written.format(words))] == [1] * len(everybody), words
        assert heard(telegram, words).keys() == everybody
    # At least once is the promise towards the network: a kill may repeat what it had taken and we had not noted.
    assert sum(heard(telegram, OVER).values()) <= len(everybody) + 2 * kills
    assert set(heard(telegram, "不只是您").values()) == {1}
    assert rows(url, "SELECT DISTINCT status FROM ticket") == [("resolved",)]
    assert not any("1. " in words for user in LATE for words in telegram.texts(user))
    assert rows(url, "SELECT count(*) FROM inbox WHERE state != 'done'") == [(0,)]


def test_forty_people_one_incident_and_one_message_each_whatever_is_killed(
    service: Service, telegram: FakeTelegram, env: dict[str, str]
) -> None:
    url = env["TRIAGEBOT_DATABASE_URL"]
    incident(telegram)
    kills = ends(service, telegram, url)
    everything_is_right(telegram, url, kills)
    service.stop()
    checked = triagebot(env, "db", "check")
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.long
def test_whoever_is_not_helped_by_the_end_is_helped_again(service: Service, telegram: FakeTelegram) -> None:
    incident(telegram)
    telegram.says(BOSS, "/incident_resolve 1", name="周")
    telegram.wait(lambda: heard(telegram, OVER).keys() == {*EARLY, *LATE}, "the end told to each", 60)
    before = {user: telegram.count(user) for user in LATE[:3]}
    for user in LATE[:3]:
        telegram.press(user, "还是不行")
    for user, count in before.items():
        assert "1." in telegram.wait_text(user, "", after=count).text
    telegram.wait_text(BOSS, "⚠️ 事件 1", "已有 3 人说还是不行")


@pytest.mark.long
def test_the_same_on_a_server(postgres_url: str, models: Path, telegram: FakeTelegram, tmp_path: Path) -> None:
    env = environment(tmp_path, models, TRIAGEBOT_TICK_SECONDS="0.5", TRIAGEBOT_DATABASE_URL=postgres_url)
    for person in PEOPLE:
        assert triagebot(env, "agents", "add", *person).returncode == 0
    service = Service(env, telegram.base, tmp_path)
    service.start()
    try:
        incident(telegram)
        kills = ends(service, telegram, postgres_url)
        everything_is_right(telegram, postgres_url, kills)
    finally:
        service.kill()
