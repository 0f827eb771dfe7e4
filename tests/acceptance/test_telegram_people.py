"""People come to the desk through the fake Bot API and the real pages: an invitation, the web desk, and the end of it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import httpx
import pytest

from tests.acceptance.fake_telegram import FakeTelegram
from tests.acceptance.service import Service, environment, triagebot

USER, ADMIN, NEW = 7001, 9001, 8001


@pytest.fixture
def env(tmp_path: Path, models: Path) -> dict[str, str]:
    found = environment(tmp_path, models)
    assert triagebot(found, "agents", "add", "周管理", "--telegram", str(ADMIN), "--role", "admin").returncode == 0
    return found


def database(folder: Path) -> bytes:
    """Every byte of it, with what waits in its log."""
    return b"".join(file.read_bytes() for file in sorted(folder.glob("bot.db*")) if file.suffix != ".db-shm")


def test_a_colleague_is_invited_comes_in_by_chat_and_browser_and_is_removed(
    service: Service, telegram: FakeTelegram, env: dict[str, str], tmp_path: Path
) -> None:
    telegram.says(ADMIN, "/invite agent", name="周")
    invitation = telegram.wait_text(ADMIN, "https://t.me/triage_bot?start=join_").text
    token = re.search(r"join_([\w-]{43})", invitation)[1]  # type: ignore[index]
    telegram.says(NEW, f"/start join_{token}", name="小陈")
    telegram.wait_text(NEW, "欢迎加入", "小陈")
    telegram.wait_text(ADMIN, "小陈 用您的邀请加入了")

    telegram.says(NEW, "/desk", name="小陈")
    link = telegram.wait_text(NEW, f"{service.web}/desk/sign-in?token=").text
    sign_in = re.search(r"token=([\w-]{43})", link)[1]  # type: ignore[index]
    assert all(
        json.loads(data["link_preview_options"])["is_disabled"]
        for name, data in telegram.calls
        if name == "sendmessage"
    )
    with httpx.Client(base_url=service.web, headers={"origin": service.web}) as browser:
        assert browser.post("/desk/sign-in", data={"token": sign_in}).status_code == 303

        telegram.says(USER, "转人工")
        telegram.wait_text(NEW, "#1")
        telegram.press(NEW, "🙋 接手")
        telegram.wait_text(NEW, "小陈 处理中")
        telegram.says(ADMIN, "/remove 小陈", name="周")
        telegram.wait_text(ADMIN, "已收回 小陈 的权限")
        telegram.wait_text(NEW, "已经收回")
        telegram.wait_text(ADMIN, "小陈 不再处理工单", "#1")
        gone = browser.post("/desk/sign-out", data={"csrf": "whatever"})
        assert gone.status_code == 401
    before = telegram.count(NEW)
    telegram.says(NEW, "/take 1", name="小陈")
    telegram.wait(lambda: telegram.count(NEW) > before, "an answer as any user gets")

    kept, log = database(tmp_path), service.log.read_bytes()
    for secret in (token, sign_in):
        assert secret.encode() not in kept
        assert secret.encode() not in log

    found = triagebot(env, "audit", "list", "--json")
    actions = [(row["action"], row["outcome"]) for row in json.loads(found.stdout)]
    assert actions[:5] == [
        ("agent added", "done"),
        ("invited", "done"),
        ("joined", "done"),
        ("sign-in link", "done"),
        ("sign in", "done"),
    ]
    assert actions[-3:] == [("take", "done"), ("agent removed", "done"), ("take", "denied")]
    assert triagebot(env, "audit", "verify").returncode == 0
