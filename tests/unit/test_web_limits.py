"""Limits of the chat: whose address counts, what is forgotten, what is shared."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.requests import Request

from triagebot.errors import RequestRefused, SettingsError
from triagebot.pace import Limit
from triagebot.settings import Settings, load_settings
from triagebot.web.callers import caller_of
from triagebot.web.chat.limits import STREAMS_OF_CALLER, Buckets, Limits


def request(peer: str, *forwarded: str) -> Request:
    headers = [(b"x-forwarded-for", line.encode()) for line in forwarded]
    scope: dict[str, Any] = {"type": "http", "client": (peer, 1), "headers": headers}
    return Request(scope)


@pytest.mark.parametrize(
    ("asked", "proxies", "caller"),
    [
        (request("203.0.113.5"), 0, "203.0.113.5"),
        (request("203.0.113.5", "1.2.3.4"), 0, "203.0.113.5"),
        (request("10.0.0.1", "1.2.3.4, 203.0.113.5"), 1, "203.0.113.5"),
        (request("10.0.0.1", "1.2.3.4", "203.0.113.5, 10.0.0.2"), 2, "203.0.113.5"),
        (request("10.0.0.1"), 1, "10.0.0.1"),
        (request("10.0.0.1", "made up"), 1, "unknown"),
        (request("2001:db8:1:2:3:4:5:6"), 0, "2001:db8:1:2::/64"),
        (request("::ffff:203.0.113.5"), 0, "203.0.113.5"),
        (request("127.0.0.1"), 0, ""),
        (request("::1"), 0, ""),
    ],
)
def test_the_address_that_counts(asked: Request, proxies: int, caller: str) -> None:
    assert caller_of(asked, proxies) == caller


def test_names_that_were_longest_silent_are_forgotten_and_the_others_are_not() -> None:
    buckets = Buckets(Limit(0.1, 1), lambda: 0.0, most=3)
    for name in "abc":
        buckets.take(name)
    buckets.take("d")
    assert len(buckets) == 3
    with pytest.raises(RequestRefused) as refused:
        buckets.take("c")
    assert refused.value.after_s == pytest.approx(10)
    buckets.take("a")


def test_a_stream_that_is_closed_makes_room_and_this_machine_is_not_one_address() -> None:
    limits = Limits(lambda: 0.0)
    for caller, most in (("203.0.113.5", STREAMS_OF_CALLER), ("", 2 * STREAMS_OF_CALLER)):
        opened = [limits.stream(caller) for _ in range(most)]
        for one in opened:
            one.__enter__()
        if caller:
            with pytest.raises(RequestRefused):
                limits.room(caller)
        opened[0].__exit__(None, None, None)
        limits.room(caller)


@pytest.mark.parametrize(
    "value", ["https://a.example/path", "https://a.example; script-src *", "a.example", "javascript:x"]
)
def test_who_may_frame_the_chat_is_named_as_an_origin(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("TRIAGEBOT_WEB_EMBED", value)
    with pytest.raises(SettingsError, match="TRIAGEBOT_WEB_EMBED"):
        load_settings(Settings)


def test_several_sites_may_frame_the_chat(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIAGEBOT_WEB_EMBED", "https://www.example.com, https://*.example.org:8443")
    assert load_settings(Settings).embedding == ("https://www.example.com", "https://*.example.org:8443")
