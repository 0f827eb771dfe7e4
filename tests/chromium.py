"""Pages in a real browser, without a screen, over a real port on this machine: Debian's Chromium, or the one on PATH."""

from __future__ import annotations

import asyncio
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, sync_playwright

from triagebot.web.server import listen, serve

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-component-update",
          "--disable-background-networking", "--disable-sync")  # fmt: skip
"""Without these a browser speaks to its maker at every start."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Fails on CI, skips the test on a developer's machine, where there is none."""
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    if found is None:
        words = f"no browser on PATH (looked for {', '.join(_NAMES)}); Debian: apt-get install chromium"
        if os.environ.get("CI"):
            raise RuntimeError(words)
        pytest.skip(words)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(_FLAGS))
        yield browser
        browser.close()


def watched(browser: Browser, url: str, **more: Any) -> tuple[Page, list[str]]:
    """A page in a session of its own, and what went wrong in it: errors, what the policy refused, requests to elsewhere."""
    page, wrong = browser.new_context(**more).new_page(), []
    page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
    page.on("console", lambda said: wrong.append(said.text) if "Content Security Policy" in said.text else None)
    page.on("request", lambda asked: wrong.append(asked.url) if not asked.url.startswith((url, "data:")) else None)
    page.on("dialog", lambda dialog: wrong.append(f"dialog: {dialog.message}"))
    page.set_default_timeout(20_000)
    return page, wrong


@contextmanager
def served(build: Callable[[str, asyncio.Event], FastAPI]) -> Iterator[str]:
    """``build`` is given the address and what ends all streams; the app is served until the block ends."""
    listening = listen("127.0.0.1", 0)
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    loop, stopping = asyncio.new_event_loop(), asyncio.Event()
    thread = threading.Thread(
        target=lambda: loop.run_until_complete(serve(build(url, stopping), listening, stopping, deadline_s=2))
    )
    thread.start()
    try:
        yield url
    finally:
        loop.call_soon_threadsafe(stopping.set)
        thread.join()
        loop.close()
