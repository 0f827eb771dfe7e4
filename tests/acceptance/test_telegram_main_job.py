"""The main job over a fake Bot API, in real processes: problem, fix, hand-over, agent, answer, rating; killed anywhere."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from tests.acceptance.fake_telegram import FakeTelegram
from tests.acceptance.service import Hire, Service, environment, triagebot
from triagebot.store.store import Store
from triagebot.store.tables import Event, Inbox, Ticket

USER, AGENT, BOSS = 7001, 8001, 9001


@pytest.fixture
def env(tmp_path: Path, models: Path, hire: Hire) -> dict[str, str]:
    found = environment(tmp_path, models)
    hire(found, ("小李", "--telegram", str(AGENT)), ("周主管", "--telegram", str(BOSS), "--role", "supervisor"))
    return found


def rows(folder: Path, query: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(folder / "bot.db") as database:
        return database.execute(query).fetchall()


def events(folder: Path, ticket: int = 1) -> list[str]:
    return [t for (t,) in rows(folder, f"SELECT type FROM event WHERE ticket_id = {ticket} ORDER BY id")]


def conversation(telegram: FakeTelegram, between: Callable[[], None]) -> None:
    """The whole story; ``between`` happens between any two steps."""
    telegram.says(USER, "刷脸老是不过")
    telegram.wait_text(USER, "1.")
    between()
    telegram.press(USER, "还不行")
    telegram.wait(lambda: telegram.count(USER) >= 2, "the second way")
    between()
    telegram.press(USER, "还不行")
    telegram.wait_text(USER, "工单号 #1", "前有同事回复您")
    telegram.wait_text(AGENT, "#1", "刷脸老是不过")
    between()
    telegram.press(AGENT, "🙋 接手")
    card = telegram.wait_text(AGENT, "小李 处理中")
    assert len(card.texts) > 1, "the card was sent anew instead of edited in place"
    between()
    telegram.says(AGENT, "您好，换到窗边白天再试一次。", name="李", reply_to=card.id)
    telegram.wait_text(USER, "小李", "换到窗边白天再试一次")
    between()
    telegram.says(USER, "窗边可以了")
    telegram.wait_text(AGENT, "#1 用户", "窗边可以了")
    between()
    telegram.says(AGENT, "/resolve 1 光线问题", name="李")
    telegram.wait_text(USER, "标记为解决", "几分")
    between()
    telegram.press(USER, "5 分")
    telegram.wait_text(USER, "谢谢您的评分")


STORY = [
    "opened",
    "user_replied",
    "answered",
    "user_pressed",
    "escalated",
    "taken",
    "agent_replied",
    "resolved",
    "rated",
]


def in_order(story: list[str], log: list[str]) -> bool:
    found = iter(log)
    return all(step in found for step in story)


def test_from_the_first_word_to_the_rating(service: Service, telegram: FakeTelegram, tmp_path: Path) -> None:
    conversation(telegram, lambda: None)
    log = events(tmp_path)
    assert in_order(STORY, log), log
    said = [json.loads(d).get("text", "") for (d,) in rows(tmp_path, "SELECT data FROM event ORDER BY id")]
    for words in ("刷脸老是不过", "您好，换到窗边白天再试一次。", "窗边可以了"):
        assert sum(words == text for text in said) == 1, words
    bot_words = sum(t in ("bot_replied", "agent_replied") for t in log)
    assert bot_words == telegram.count(USER), "what was said to the user and what the log says differ"
    assert rows(tmp_path, "SELECT status, rating FROM ticket") == [("resolved", 5)]
    assert service.stop() == 0


def test_kill_minus_nine_between_any_two_steps_loses_and_doubles_nothing(
    service: Service, telegram: FakeTelegram, tmp_path: Path
) -> None:
    conversation(telegram, service.again)
    assert in_order(STORY, events(tmp_path))
    assert rows(tmp_path, "SELECT count(*) FROM ticket") == [(1,)]
    assert rows(tmp_path, "SELECT status, rating FROM ticket") == [("resolved", 5)]
    assert rows(tmp_path, "SELECT count(*) FROM inbox WHERE state != 'done'") == [(0,)]


def test_a_message_that_arrives_while_the_bot_is_dead_is_answered_once(
    service: Service, telegram: FakeTelegram, tmp_path: Path
) -> None:
    telegram.says(USER, "刷脸老是不过")
    telegram.wait_text(USER, "1.")
    service.kill()
    for n in range(5):
        telegram.says(USER + 1 + n, "收不到验证码")
    service.start()
    for n in range(5):
        telegram.wait_text(USER + 1 + n, "1.")
    assert rows(tmp_path, "SELECT count(*) FROM ticket") == [(6,)]


def test_an_update_that_nobody_understands_stops_nobody(
    service: Service, telegram: FakeTelegram, tmp_path: Path
) -> None:
    telegram.push({"brand_new_kind": {"x": 1}})
    telegram.push({"message": {"message_id": "odd", "chat": None}})
    telegram.says(USER, "收不到验证码")
    telegram.wait_text(USER, "1.")
    dead = rows(tmp_path, "SELECT error, payload FROM inbox WHERE state = 'dead'")
    assert len(dead) == 1
    assert dead[0][1] == "{}"


NOT_TEXT: tuple[tuple[dict[str, Any], str], ...] = (
    ({"sticker": {"file_id": "s"}}, "表情"),
    ({"voice": {"file_id": "v"}}, "语音"),
    ({"location": {"latitude": 1, "longitude": 2}}, "位置"),
    ({"photo": [{"file_id": "p"}], "caption": "提示光线太暗"}, "这张图"),
    ({"document": {"file_id": "d", "file_name": "报告.pdf"}}, "文件"),
    ({"dice": {"value": 3}}, "看不懂"),
)


def test_what_is_not_text_gets_a_kind_line(service: Service, telegram: FakeTelegram) -> None:
    """Each from a person of their own."""
    for person, (content, _) in enumerate(NOT_TEXT, start=USER):
        telegram.says(person, "", **content)
    for person, (_, expected) in enumerate(NOT_TEXT, start=USER):
        telegram.wait_text(person, expected)


def test_an_edited_message_is_understood_as_what_it_now_says(service: Service, telegram: FakeTelegram) -> None:
    number = telegram.says(USER, "你好")
    telegram.wait(lambda: telegram.count(USER) >= 1, "a greeting")
    telegram.push(
        {
            "edited_message": {
                "message_id": number, "date": 1, "edit_date": 2, "text": "收不到短信验证码",
                "chat": {"id": USER, "type": "private"}, "from": {"id": USER, "is_bot": False, "first_name": "王"},
            }
        }
    )  # fmt: skip
    telegram.wait_text(USER, "106")


def test_strangers_cannot_use_the_desk_and_forged_buttons_do_nothing(
    service: Service, telegram: FakeTelegram, tmp_path: Path
) -> None:
    telegram.says(USER, "转人工")
    telegram.wait_text(USER, "工单号 #1")
    telegram.says(USER + 1, "/take 1")
    telegram.wait_text(USER + 1, "没有这个命令")
    telegram.push_press(USER + 1, 1, "xxxxxxxxxxx~take:1")
    shown = next(m for m in telegram.sent if m.chat == AGENT and m.buttons)
    telegram.push_press(USER + 1, shown.id, shown.buttons[0]["callback_data"])
    telegram.says(USER + 1, "收不到验证码")
    telegram.wait_text(USER + 1, "1.")
    assert rows(tmp_path, "SELECT status, assignee_id FROM ticket WHERE id = 1") == [("queued", None)]


def test_what_people_write_reaches_agents_as_plain_text(service: Service, telegram: FakeTelegram) -> None:
    telegram.says(USER, "转人工 <b>急</b> <a href='http://x'>点我</a>", name="<i>王</i>")
    card = telegram.wait_text(AGENT, "#1", "<i>王</i>")
    assert "<a href" in card.text
    assert all("parse_mode" not in data for method, data in telegram.calls if method == "sendmessage")


def test_a_429_is_waited_out_and_nothing_is_lost(service: Service, telegram: FakeTelegram, tmp_path: Path) -> None:
    telegram.says(USER, "你好")
    telegram.wait(lambda: telegram.count(USER) == 1, "a greeting")
    telegram.fail_next.append(("sendmessage", 429, {"retry_after": 1}))
    telegram.says(USER, "收不到验证码")
    telegram.wait_text(USER, "106")
    assert telegram.count(USER) == 2


def test_a_person_who_blocked_the_bot_is_a_dead_letter_on_the_ticket(
    service: Service, telegram: FakeTelegram, tmp_path: Path
) -> None:
    telegram.fail_next.append(("sendmessage", 403, {}))
    telegram.says(USER, "收不到验证码")
    telegram.says(USER + 1, "收不到验证码")
    telegram.wait(lambda: telegram.count(USER) + telegram.count(USER + 1) == 1, "the other person's answer")
    telegram.wait(lambda: rows(tmp_path, "SELECT 1 FROM event WHERE type = 'undelivered'") or telegram.calls.clear(),
                  "the event", timeout=5)  # fmt: skip


def test_a_wrong_token_is_one_clear_line(env: dict[str, str], telegram: FakeTelegram) -> None:
    with_token = {**env, "TRIAGEBOT_TELEGRAM_TOKEN": "1:wrong", "TRIAGEBOT_TELEGRAM_API_BASE": telegram.base}
    done = triagebot(with_token, "run")
    assert done.returncode == 3
    assert "TRIAGEBOT_TELEGRAM_TOKEN" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.long
def test_the_same_story_on_postgresql_killed_between_any_two_steps(
    env: dict[str, str], telegram: FakeTelegram, tmp_path: Path, postgres_url: str
) -> None:
    on_server = {**env, "TRIAGEBOT_DATABASE_URL": postgres_url}
    for name, user, role in (("小李", AGENT, "agent"), ("周主管", BOSS, "supervisor")):
        assert triagebot(on_server, "agents", "add", name, "--telegram", str(user), "--role", role).returncode == 0
    running = Service(on_server, telegram.base, tmp_path)
    running.start()
    try:
        conversation(telegram, running.again)
    finally:
        running.kill()
    store = Store.open(postgres_url)
    log = store.read_now(lambda s: [e.type for e in s.exec(select(Event).order_by(col(Event.id)))])
    ends = store.read_now(lambda s: [(t.status, t.rating) for t in s.exec(select(Ticket))])
    waiting = store.read_now(lambda s: s.exec(select(Inbox).where(Inbox.state != "done")).all())
    store.close()
    assert in_order(STORY, log), log
    assert ends == [("resolved", 5)]
    assert waiting == []


def test_a_server_that_was_not_set_up_says_what_to_run(env: dict[str, str], postgres_empty_url: str) -> None:
    done = triagebot({**env, "TRIAGEBOT_DATABASE_URL": postgres_empty_url}, "chat", given="你好\n")
    assert done.returncode == 3
    assert "triagebot db upgrade" in done.stderr
    assert triagebot({**env, "TRIAGEBOT_DATABASE_URL": postgres_empty_url}, "db", "upgrade").returncode == 0
    again = triagebot({**env, "TRIAGEBOT_DATABASE_URL": postgres_empty_url}, "chat", given="收不到验证码\n")
    assert again.returncode == 0, again.stderr
    assert "106" in again.stdout
