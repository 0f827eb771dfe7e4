"""The chat in other sites' pages: only where it was allowed, with a cookie that browsers keep there."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import httpx
import pytest

from tests.chatting import Chatting
from tests.conftest import FakeClock
from triagebot.store.store import Store

SHOP = "https://www.example.com"


@pytest.fixture
def store(sqlite_url: str) -> Iterator[Store]:
    """None of this depends on the database."""
    opened = Store.open(sqlite_url)
    yield opened
    opened.close()


def asked(chatting: Chatting, method: str, path: str) -> httpx.Response:
    return asyncio.run(chatting.person().ask(method, path))


@pytest.mark.parametrize(
    ("embedding", "path", "parents"),
    [((), "/", "'none'"), ((), "/?embed=1", "'none'"), ((SHOP,), "/", "'none'"), ((SHOP,), "/?embed=1", SHOP)],
)
def test_only_sites_that_were_named_may_show_the_chat(
    store: Store, clock: FakeClock, embedding: tuple[str, ...], path: str, parents: str
) -> None:
    answer = asked(Chatting(store, clock, embedding=embedding), "GET", path)
    assert answer.headers["content-security-policy"].endswith(f"frame-ancestors {parents}")
    assert "unsafe" not in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("url", "query", "cookie"),
    [
        ("https://chat.example.org", "?embed=1", "SameSite=None; Secure; Partitioned"),
        ("https://chat.example.org", "", "SameSite=Lax; Secure"),
        ("http://chat.example.org", "?embed=1", "SameSite=Lax"),
    ],
)
def test_the_cookie_suits_where_the_page_is_shown(
    store: Store, clock: FakeClock, url: str, query: str, cookie: str
) -> None:
    chatting = Chatting(store, clock, url=url, embedding=(SHOP,))
    given = asked(chatting, "POST", f"/chat/begin{query}").headers["set-cookie"]
    assert given.endswith(f"Path=/; HttpOnly; {cookie}")
    assert given.startswith("__Host-triagebot_chat=" if url.startswith("https") else "triagebot_chat=")


def test_the_script_may_be_loaded_from_anywhere_and_says_its_words_in_both_languages(
    store: Store, clock: FakeClock
) -> None:
    answer = asked(Chatting(store, clock), "GET", "/widget.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "\\u5f81\\u4fe1" in answer.text
    assert "Credit report helper" in answer.text
