"""A real browser without a screen: the one that the system has."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
          "--disable-component-update", "--disable-sync")  # fmt: skip
"""Without these a browser speaks to its maker at every start."""


def found() -> str:
    """Where it is. Fails on CI, skips on a developer's machine, where none is."""
    for name in _NAMES:
        if path := shutil.which(name):
            return path
    words = f"no browser on PATH (looked for {', '.join(_NAMES)}); Debian: apt-get install chromium"
    if os.environ.get("CI"):
        raise RuntimeError(words)
    pytest.skip(words)


@contextmanager
def browser() -> Iterator[Browser]:
    path = found()
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=list(_FLAGS))
        yield started
        started.close()
