"""The staff supergroup over a fake Bot API, in real processes: a topic per ticket that keeps up, and who may speak there."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.fake_telegram import FakeTelegram, Topic
from tests.acceptance.service import Hire, Service, environment, triagebot

USER, AGENT, STRANGER, BOSS = 7001, 8001, 7666, 9001
ROOM = -1001234567890
ANONYMOUS = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
A_MINUTE = 20


@pytest.fixture
def env(tmp_path: Path, models: Path, hire: Hire, telegram: FakeTelegram) -> dict[str, str]:
    telegram.forums.add(ROOM)
    found = environment(tmp_path, models, TRIAGEBOT_TELEGRAM_STAFF_CHAT=str(ROOM), TRIAGEBOT_TICK_SECONDS="1")
    hire(found, ("小李", "--telegram", str(AGENT)))
    return found


def topic(telegram: FakeTelegram, number: int = 1) -> Topic:
    found: Topic = telegram.wait(
        lambda: next((t for t in telegram.topics if f"#{number} " in t.name), None), f"the topic of #{number}"
    )
    return found


def named(telegram: FakeTelegram, words: str, number: int = 1) -> Topic:
    found: Topic = telegram.wait(
        lambda: next((t for t in telegram.topics if f"#{number} " in t.name and words in t.name), None),
        f"a name with {words}",
    )
    return found


def in_topic(telegram: FakeTelegram, of: Topic) -> list[str]:
    return [m.text for m in telegram.sent if m.thread == of.id]


def wait_in(telegram: FakeTelegram, of: Topic, words: str) -> None:
    telegram.wait(lambda: any(words in text for text in in_topic(telegram, of)), f"{words} in the topic")


def rows(folder: Path, query: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(folder / "bot.db") as database:
        return database.execute(query).fetchall()


def hand_over(telegram: FakeTelegram, user: int = USER) -> None:
    telegram.says(user, "刷脸老是不过，转人工")
    telegram.wait_text(user, "工单号")


def work_in_the_topic(telegram: FakeTelegram, between: Callable[[], None]) -> Topic:
    """The whole story without a private word; ``between`` happens between any two steps."""
    hand_over(telegram)
    of = topic(telegram)
    assert "待接手" in of.name
    wait_in(telegram, of, "刷脸老是不过")
    between()
    telegram.says_in(ROOM, AGENT, "您好，换到窗边再试一次。", of)
    telegram.wait_text(USER, "小李", "换到窗边再试一次")
    named(telegram, "小李 处理中")
    between()
    telegram.says(USER, "窗边可以了")
    wait_in(telegram, of, "💬 窗边可以了")
    between()
    telegram.says_in(ROOM, AGENT, "//光线问题，已教用户", of)
    telegram.says_in(ROOM, AGENT, "/resolve 光线问题", of)
    telegram.wait_text(USER, "标记为解决", "光线问题")
    telegram.wait(lambda: topic(telegram).closed, "the topic to be closed")
    between()
    telegram.says(USER, "刷脸又不行了")
    telegram.wait(lambda: not topic(telegram).closed, "the topic to be opened again")
    return of


def test_a_ticket_is_worked_on_in_its_topic_from_the_first_word_to_the_reopening(
    service: Service, telegram: FakeTelegram, tmp_path: Path
) -> None:
    of = work_in_the_topic(telegram, lambda: None)
    assert len(telegram.topics) == 1
    assert rows(tmp_path, "SELECT status FROM ticket") == [("assigned",)]
    assert "光线问题，已教用户" not in "\n".join(telegram.texts(USER)), "a note reached the person"
    assert [m.thread for m in telegram.sent if m.chat == ROOM] == [of.id] * telegram.count(ROOM)
    assert rows(tmp_path, "SELECT count(*) FROM event WHERE type = 'undelivered'") == [(0,)]
    assert rows(tmp_path, "SELECT count(*) FROM outbox WHERE state = 'dead'") == [(0,)]


@pytest.mark.long
def test_killed_between_any_two_steps_nothing_is_lost(service: Service, telegram: FakeTelegram, tmp_path: Path) -> None:
    work_in_the_topic(telegram, service.again)
    assert rows(tmp_path, "SELECT count(*) FROM inbox WHERE state != 'done'") == [(0,)]
    assert rows(tmp_path, "SELECT type FROM event WHERE type IN ('agent_replied', 'note', 'resolved', 'reopened')") == [
        ("agent_replied",), ("note",), ("resolved",), ("reopened",),
    ]  # fmt: skip


def test_who_is_no_agent_does_nothing_there_and_leaves_audit_rows(
    service: Service, telegram: FakeTelegram, tmp_path: Path
) -> None:
    hand_over(telegram)
    of = topic(telegram)
    wait_in(telegram, of, "刷脸老是不过")
    told = telegram.texts(USER)
    telegram.says_in(ROOM, STRANGER, "您好，请把验证码发我", of)
    telegram.says_in(ROOM, STRANGER, "/resolve", of)
    telegram.says_in(ROOM, ANONYMOUS["id"], "/take", of, sender_chat={"id": ROOM}, **{"from": ANONYMOUS})
    telegram.press_in(ROOM, STRANGER, "🙋 接手")
    data = next(m for m in telegram.sent if m.chat == AGENT and m.buttons).buttons[0]["callback_data"]
    telegram.push_press(AGENT, 5, data, {"id": -100999, "type": "supergroup"})
    telegram.says_in(ROOM, AGENT, "", of, forum_topic_edited={"name": "x"})
    telegram.says_in(ROOM, STRANGER, "今天好热")
    telegram.wait(lambda: len(rows(tmp_path, "SELECT id FROM audit WHERE outcome = 'denied'")) == 5, "five audit rows")
    assert rows(
        tmp_path, "SELECT actor, action, target FROM audit WHERE outcome = 'denied' ORDER BY actor, action"
    ) == [
        ("agent:1", "press", ""),
        ("user:telegram:7666", "reply", "ticket:1"),
        ("user:telegram:7666", "resolve", ""),
        ("user:telegram:7666", "take", "ticket:1"),
        ("user:telegram:anonymous", "take", ""),
    ]
    assert rows(tmp_path, "SELECT status, assignee_id FROM ticket") == [("queued", None)]
    assert telegram.texts(USER) == told
    telegram.press_in(ROOM, AGENT, "🙋 接手")
    named(telegram, "小李 处理中")
    assert sum("您不是坐席" in text for text in telegram.texts(ROOM)) == 2, "one line each"


def test_a_group_that_is_behind_is_told_less_often_and_never_more_than_telegram_allows(
    service: Service, telegram: FakeTelegram, tmp_path: Path
) -> None:
    hand_over(telegram)
    of = topic(telegram)
    wait_in(telegram, of, "刷脸老是不过")
    for n in range(12):
        telegram.says_in(ROOM, AGENT, f"/priority P{2 + n % 3}", of)
    for n in range(12):
        telegram.says(USER, f"再补充第 {n} 点，刷脸的提示还是一样")
    for n in range(12):
        wait_in(telegram, of, f"第 {n} 点")
    named(telegram, "P4")
    calls = [m for m, data in telegram.calls if str(data.get("chat_id")) == str(ROOM)]
    assert len(calls) <= A_MINUTE, calls
    assert len(of.names) < 12


def test_a_person_who_has_everything_erased_takes_the_topic_with_them(
    service: Service, telegram: FakeTelegram, tmp_path: Path
) -> None:
    hand_over(telegram)
    of = topic(telegram)
    wait_in(telegram, of, "刷脸老是不过")
    telegram.says(USER, "/forgetme")
    telegram.wait_text(USER, "删除")
    telegram.press(USER, "确认删除")
    telegram.wait(lambda: telegram.topics == [], "the topic to be gone")
    assert telegram.texts(ROOM) == []
    assert rows(tmp_path, "SELECT count(*) FROM outbox WHERE state = 'dead'") == [(0,)]


def test_a_topic_that_somebody_deleted_is_opened_anew_and_one_that_cannot_be_is_named_by_the_doctor(
    service: Service, env: dict[str, str], telegram: FakeTelegram, tmp_path: Path
) -> None:
    hand_over(telegram)
    of = topic(telegram)
    wait_in(telegram, of, "刷脸老是不过")
    telegram.topics.remove(of)
    telegram.sent = [m for m in telegram.sent if m.thread != of.id]
    telegram.says(AGENT, "/take 1")
    anew = named(telegram, "小李 处理中")
    wait_in(telegram, anew, "刷脸老是不过")
    telegram.rights["can_manage_topics"] = False
    telegram.forums.clear()
    token = {"TRIAGEBOT_TELEGRAM_TOKEN": telegram.token, "TRIAGEBOT_TELEGRAM_API_BASE": telegram.base}
    done = triagebot({**env, **token}, "doctor")
    said = [words in done.stdout for words in ("has no topics", "may not manage topics", "may not delete messages")]
    assert (done.returncode, said) == (1, [True, True, False])
    hand_over(telegram, USER + 1)
    telegram.wait(
        lambda: rows(tmp_path, "SELECT 1 FROM outbox WHERE state = 'dead' AND card = 'topic:2'"), "a dead letter"
    )
    telegram.wait_text(AGENT, "#2")
