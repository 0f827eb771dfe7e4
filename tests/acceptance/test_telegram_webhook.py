"""``triagebot run`` as Telegram posts to it, in real processes: answered, killed, stopped in the middle of a request."""

from __future__ import annotations

import json
import socket
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.acceptance.fake_telegram import FakeTelegram
from tests.acceptance.service import Service, environment, triagebot

USER, SECRET = 7001, "a-secret_1"


@pytest.fixture
def service(tmp_path: Path, models: Path, telegram: FakeTelegram) -> Iterator[Service]:
    env = environment(
        tmp_path, models, TRIAGEBOT_TELEGRAM_MODE="webhook", TRIAGEBOT_TELEGRAM_WEBHOOK_SECRET=SECRET,
        TRIAGEBOT_TELEGRAM_WEBHOOK_URL="https://bot.example.org/tb",
    )  # fmt: skip
    running = Service(env, telegram.base, tmp_path)
    yield running
    running.kill()


def ready(service: Service, telegram: FakeTelegram) -> str:
    """Where the service listens. It does so from the start; who asks before there are pages waits for the answer, and until the
    model is there it is 503."""
    web: str = telegram.wait(lambda: service.web, "the service to listen")
    end = time.monotonic() + 60
    while not (answer := httpx.get(f"{web}/readyz", timeout=60)).is_success:
        assert time.monotonic() < end, answer.text
        time.sleep(0.05)
    assert answer.json() == {"ready": True, "missing": []}
    return web


def arrived(folder: Path) -> list[str]:
    with sqlite3.connect(folder / "bot.db") as database:
        return [number for (number,) in database.execute("SELECT external_id FROM inbox ORDER BY id")]


def test_posted_answered_killed_posted_again_and_stopped(
    service: Service, telegram: FakeTelegram, tmp_path: Path
) -> None:
    service.start()
    web = ready(service, telegram)
    asked = telegram.webhook
    assert (asked["url"], asked["secret_token"]) == ("https://bot.example.org/tb/telegram/4242", SECRET)
    assert asked["allowed_updates"] == ["message", "edited_message", "callback_query"]
    assert "drop_pending_updates" not in asked
    telegram.says(USER, "刷脸老是不过")
    first = telegram.queue[0]
    assert telegram.post(first, web, **{"X-Telegram-Bot-Api-Secret-Token": "guessed"}) == 401
    assert arrived(tmp_path) == []
    assert telegram.post_all(web) == [200]
    telegram.wait_text(USER, "1.")
    shown = httpx.get(f"{web}/metrics").text
    for line in ('requests_total{channel="telegram",status="401"} 1.0', "triagebot_triage_seconds_count 1.0",
                 'triagebot_lease_held{lease="tick"} 1.0', "triagebot_database_up 1.0"):  # fmt: skip
        assert line in shown
    assert 'triagebot_send_attempts_total{channel="telegram",outcome="sent"}' in shown
    service.kill()
    telegram.press(USER, "转人工")
    pressed = telegram.queue[0]
    assert telegram.post_all(web) == [0]
    service.start()
    web = ready(service, telegram)
    assert telegram.post(first, web) == 200
    assert telegram.post_all(web) == [200]
    telegram.wait_text(USER, "工单号 #1")
    telegram.wait(lambda: "answercallbackquery" in [m for m, _ in telegram.calls], "the button to stop spinning")
    telegram.says(USER, "还有别的问题")
    last = telegram.queue.pop()
    stopped_in_the_middle_of_a_request(service, web, last)
    assert arrived(tmp_path) == [str(u["update_id"]) for u in (first, pressed, last)]


def stopped_in_the_middle_of_a_request(service: Service, web: str, update: dict[str, Any]) -> None:
    """SIGTERM after the bot has begun to read: nothing new is let in, what is under way is finished, exit 0."""
    place, body = urlsplit(web), json.dumps(update).encode()
    with socket.create_connection((place.hostname, place.port), timeout=20) as connection:
        head = (f"POST /tb/telegram/4242 HTTP/1.1\r\nHost: bot\r\nContent-Length: {len(body)}\r\nExpect: 100-continue\r\n"
                f"X-Telegram-Bot-Api-Secret-Token: {SECRET}\r\n\r\n")  # fmt: skip
        connection.sendall(head.encode())
        assert connection.recv(1000).startswith(b"HTTP/1.1 100")
        connection.sendall(body[:10])
        assert service.process is not None
        service.process.terminate()
        end = time.monotonic() + 20
        while not refused(place.hostname, place.port):
            assert time.monotonic() < end, "new connections are still let in"
        assert service.process.poll() is None
        connection.sendall(body[10:])
        assert connection.recv(1000).startswith(b"HTTP/1.1 200")
    assert service.process.wait(20) == 0


def refused(host: str | None, port: int | None) -> bool:
    """Also when the door was closed while one stood before it (reset)."""
    try:
        socket.create_connection((host, port), timeout=20).close()
    except (ConnectionRefusedError, ConnectionResetError):
        return True
    return False


def test_what_cannot_work_stops_the_start_in_one_line(service: Service) -> None:
    done = triagebot({**service.env, "TRIAGEBOT_TELEGRAM_WEBHOOK_SECRET": ""}, "run")
    assert done.returncode == 2
    assert done.stderr.startswith("triagebot: TRIAGEBOT_TELEGRAM_WEBHOOK_SECRET: ")
    assert done.stderr.count("\n") == 1
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = triagebot({**service.env, "TRIAGEBOT_WEB_PORT": port}, "run")
    assert done.returncode == 3
    assert f"127.0.0.1:{port}" in done.stderr
    assert "TRIAGEBOT_WEB_PORT" in done.stderr
    assert done.stderr.count("\n") == 1
