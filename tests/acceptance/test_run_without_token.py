"""``triagebot run`` with nothing set, in real processes: a page to chat on, a link to the desk, killed in between."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.acceptance.service import Service, environment, triagebot

PATIENCE_S = 90.0


@pytest.fixture
def env(tmp_path: Path, models: Path) -> dict[str, str]:
    return environment(tmp_path, models, TRIAGEBOT_TELEGRAM_TOKEN="")


@pytest.fixture
def started(env: dict[str, str], tmp_path: Path) -> Iterator[Callable[..., Service]]:
    """Starts the service; none outlives the test."""
    running: list[Service] = []

    def start(name: str = "service", **more: str) -> Service:
        running.append(Service({**env, **more}, "http://127.0.0.1:1", tmp_path, name=name))
        running[-1].start()
        return running[-1]

    yield start
    for each in running:
        each.kill()


def wait(true: Callable[[], Any], what: str) -> Any:
    end = time.monotonic() + PATIENCE_S
    while not (found := true()):
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.05)
    return found


def told(service: Service) -> dict[str, str]:
    """What the one who started the newest process was told: addresses of chat and desk."""

    def line() -> dict[str, str] | None:
        for text in service.log.read_text().splitlines()[::-1]:
            if '"run.open"' in text and service.web in text:
                found: dict[str, str] = json.loads(text)
                return found
        return None

    wait(lambda: service.web, "the service to listen")
    found: dict[str, str] = wait(line, "the addresses")
    return found


def entries(person: httpx.Client, web: str, enough: Callable[[list[dict[str, Any]]], bool]) -> list[dict[str, Any]]:
    """What an open page shows as soon as that is ``enough``, in order."""
    shown: dict[str, dict[str, Any]] = {}
    with person.stream("GET", f"{web}/chat/stream", timeout=PATIENCE_S) as stream:
        for line in stream.iter_lines():
            if line.startswith("data: "):
                news = json.loads(line.removeprefix("data: "))
                shown = {**({} if news["reset"] else shown), **news["entries"]}
                if enough(list(shown.values())):
                    return list(shown.values())
    raise AssertionError(f"the page was closed; it showed {shown}")


def answered(count: int) -> Callable[[list[dict[str, Any]]], bool]:
    return lambda found: sum(entry["who"] == "us" for entry in found) >= count


def test_one_chats_on_the_page_and_nothing_is_lost_or_doubled_by_kills(started: Callable[..., Service]) -> None:
    service = started()
    person = httpx.Client(timeout=PATIENCE_S)
    page = person.get(told(service)["chat"])
    assert page.status_code == 200
    assert "征信查询助手" in page.text
    assert person.post(f"{service.web}/chat/begin").status_code == 204
    first, second = ({"id": uuid.uuid4().hex, "text": text} for text in ("刷脸老是不过", "还不行"))
    assert person.post(f"{service.web}/chat/messages", json=first).status_code == 200
    service.again()
    told(service)
    assert person.post(f"{service.web}/chat/messages", json=first).status_code == 200, "posted again after the kill"
    entries(person, service.web, answered(1))
    assert person.post(f"{service.web}/chat/messages", json=second).status_code == 200
    service.again()
    told(service)
    found = entries(person, service.web, answered(2))
    assert [(e["who"], e["text"]) for e in found if e["who"] == "me"] == [("me", "刷脸老是不过"), ("me", "还不行")]
    assert [e["who"] for e in found] == ["me", "us", "me", "us"]
    assert found[1]["text"] != found[3]["text"]
    assert service.stop() == 0, "an open page would not have kept it from ending"


def test_a_link_signs_in_once_and_the_log_holds_none(started: Callable[..., Service], env: dict[str, str]) -> None:
    service = started()
    assert told(service)["desk"] == f"{service.web}/desk"
    said = triagebot({**env, "TRIAGEBOT_WEB_URL": service.web}, "agents", "link").stdout
    link = next(word for word in said.split() if word.startswith("http"))
    assert httpx.URL(link).params["token"] not in service.log.read_text()
    operator, thief = (httpx.Client(timeout=PATIENCE_S) for _ in range(2))
    assert "登录" in operator.get(link, headers={"accept-language": "zh-CN"}).text
    token = httpx.URL(link).params["token"]
    come_in = f"{service.web}/desk/sign-in"
    assert operator.post(come_in, data={"token": token}).status_code == 303
    assert "triagebot_desk" in operator.cookies
    assert thief.post(come_in, data={"token": token}).status_code == 403
    person = httpx.Client(timeout=PATIENCE_S)
    person.post(f"{service.web}/chat/begin")
    person.post(f"{service.web}/chat/messages", json={"id": uuid.uuid4().hex, "text": "转人工"})
    entries(person, service.web, answered(1))
    assert triagebot(env, "queue", "take", "1").returncode == 0
    assert triagebot(env, "queue", "reply", "1", "您好，请说").returncode == 0
    found = entries(person, service.web, answered(2))
    assert "您好，请说" in found[-1]["text"]


def test_people_read_where_to_go_before_the_model_is_there(env: dict[str, str], tmp_path: Path) -> None:
    """The console's form: two lines on stdout, and nothing of a token in the log."""
    service = Service({**env, "TRIAGEBOT_LOG_FORMAT": "console", "TRIAGEBOT_WEB_PORT": "0"}, "", tmp_path)
    service.start()
    try:
        said = wait(lambda: "Desk:" in service.log.read_text() and service.log.read_text(), "the addresses")
    finally:
        service.kill()
    chat, desk = (next(line for line in said.splitlines() if word in line) for word in ("Chat:", "Desk:"))
    assert chat.startswith("聊天 / Chat:  http://127.0.0.1:")
    assert "/desk/sign-in?token=" in desk
    assert "一次有效" in desk
    assert "run.started" not in said


def test_two_processes_without_tokens_serve_one_chat(started: Callable[..., Service], postgres_url: str) -> None:
    one, two = (started(name, TRIAGEBOT_DATABASE_URL=postgres_url) for name in ("one", "two"))
    for each in (one, two):
        told(each)
    person = httpx.Client(timeout=PATIENCE_S)
    person.post(f"{one.web}/chat/begin")
    for number, (web, text) in enumerate(
        [(one.web, "刷脸老是不过"), (two.web, "还不行"), (one.web, "还不行")], start=1
    ):
        assert person.post(f"{web}/chat/messages", json={"id": uuid.uuid4().hex, "text": text}).status_code == 200
        entries(person, one.web, answered(number))
    assert [e["who"] for e in entries(person, two.web, answered(3))] == ["me", "us"] * 3


def test_where_nobody_could_reach_the_bot_it_does_not_start(env: dict[str, str]) -> None:
    done = triagebot({**env, "TRIAGEBOT_WEB_CHAT": "off"}, "run")
    assert done.returncode == 2
    assert "TRIAGEBOT_WEB_CHAT" in done.stderr
    assert "BotFather" in done.stderr
    assert done.stderr.count("\n") == 1
