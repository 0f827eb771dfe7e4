"""Whether it is Telegram that posts, and what it says; settings that cannot work stop the start."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from triagebot.channels.telegram.settings import TelegramSettings
from triagebot.channels.telegram.webhook import SECRET_HEADER, TelegramWebhook, address
from triagebot.cli import doctor
from triagebot.errors import SettingsError
from triagebot.messages import Batch
from triagebot.settings import Settings, load_settings

SECRET = "s3cret_-"


def _hook(base: str = "https://bot.example.org") -> TelegramWebhook:
    def decode(updates: Sequence[Any]) -> Batch:
        return Batch([], [(str(u["update_id"]), "", "") for u in updates])

    return TelegramWebhook(address(base, "4242"), decode, lambda messages: None, SECRET)


@pytest.mark.parametrize("given", ["", "S3cret_-", SECRET[:-1], SECRET + "x", "é", "s3cret_é"])
def test_only_the_whole_secret_admits(given: str) -> None:
    hook = _hook()
    assert hook.admits({SECRET_HEADER: SECRET})
    assert not hook.admits({SECRET_HEADER: given})
    assert not hook.admits({})


def test_the_secret_does_not_show() -> None:
    assert SECRET not in repr(_hook())
    assert SECRET not in repr(TelegramSettings(mode="webhook", webhook_url="https://a.b", webhook_secret=SECRET))


@pytest.mark.parametrize(
    ("base", "path"),
    [("https://bot.example.org", "/telegram/4242"), ("https://example.org:8443/tb", "/tb/telegram/4242")],
)
def test_the_path_lies_below_the_path_of_the_address(base: str, path: str) -> None:
    assert _hook(base).path == path
    assert _hook(base).url == base + "/telegram/4242"


def test_an_update_is_decoded_as_polling_does() -> None:
    assert _hook().read(b'{"update_id": 7, "message": {}}').dead == [("7", "", "")]


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"\xff\xfe\x00", b"[]", b"7", b"null", b"{}", b'{"update_id": "7"}', b'{"update_id": true}',
        b'{"update_id": 7.0}', b'{"update_id": ' + b"9" * 5000 + b"}", b"[" * 100_000, b'{"a":' * 100_000,
        b'{"update_id": 7, "x": ' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    ],
    ids=lambda body: body[:20].decode(errors="replace") + f"({len(body)})",
)  # fmt: skip
def test_what_is_no_update_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError):
        _hook().read(body)


def _env(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    monkeypatch.delenv("TRIAGEBOT_TELEGRAM_MODE", raising=False)
    for name, value in values.items():
        monkeypatch.setenv(f"TRIAGEBOT_TELEGRAM_{name}", value)


WEBHOOK = {"MODE": "webhook", "WEBHOOK_URL": "https://bot.example.org/", "WEBHOOK_SECRET": SECRET}


def test_webhook_mode_is_set_up_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    _env(monkeypatch, **WEBHOOK)
    found = load_settings(TelegramSettings)
    assert (found.mode, found.webhook_url, found.webhook_secret) == ("webhook", "https://bot.example.org", SECRET)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WEBHOOK_SECRET", ""), ("WEBHOOK_SECRET", "two words"), ("WEBHOOK_SECRET", "密码"), ("WEBHOOK_SECRET", "x" * 257),
        ("WEBHOOK_URL", ""), ("WEBHOOK_URL", "http://bot.example.org"), ("WEBHOOK_URL", "bot.example.org"),
        ("WEBHOOK_URL", "https://u:p@bot.example.org"), ("WEBHOOK_URL", "https://bot.example.org/a?b=c"),
        ("WEBHOOK_URL", "https://bot.example.org/{path}"), ("MODE", "push"),
    ],
)  # fmt: skip
def test_what_cannot_work_is_one_line_that_names_the_setting(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    _env(monkeypatch, **{**WEBHOOK, name: value})
    with pytest.raises(SettingsError) as caught:
        load_settings(TelegramSettings)
    assert str(caught.value).startswith(f"TRIAGEBOT_TELEGRAM_{name}: ")
    assert "\n" not in str(caught.value)
    if name == "WEBHOOK_SECRET" and value:
        assert value not in str(caught.value), "a secret was shown"


def test_without_a_mode_nothing_of_the_webhook_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    _env(monkeypatch)
    assert load_settings(TelegramSettings).mode == "polling"


def test_a_bot_api_server_of_ones_own_may_post_without_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    _env(monkeypatch, **{**WEBHOOK, "WEBHOOK_URL": "http://127.0.0.1:8080", "API_BASE": "http://127.0.0.1:8081"})
    assert load_settings(TelegramSettings).webhook_url == "http://127.0.0.1:8080"


@pytest.mark.parametrize("port", ["-1", "65536", "http"])
def test_a_port_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, port: str) -> None:
    monkeypatch.setenv("TRIAGEBOT_WEB_PORT", port)
    with pytest.raises(SettingsError, match="TRIAGEBOT_WEB_PORT"):
        load_settings(Settings)


@pytest.mark.parametrize(
    ("host", "state"),
    [("127.0.0.1", "ok"), ("::1", "ok"), ("localhost", "ok"), ("0.0.0.0", "warning"), ("bot.internal", "warning")],
)
def test_doctor_warns_of_a_web_server_that_others_can_reach(host: str, state: str) -> None:
    (found,) = doctor._web(Settings(web_host=host))
    assert found.state == state


def test_doctor_says_how_updates_come(monkeypatch: pytest.MonkeyPatch) -> None:
    _env(monkeypatch, TOKEN="1:a")
    assert "asked" in doctor._telegram(Settings())[0].detail
    _env(monkeypatch, TOKEN="1:a", **WEBHOOK)
    (found,) = doctor._telegram(Settings())
    assert "https://bot.example.org" in found.detail
    assert SECRET not in found.detail
    monkeypatch.setenv("TRIAGEBOT_TELEGRAM_WEBHOOK_SECRET", "")
    assert doctor._safely(doctor._telegram, Settings())[0].state == "error"
