"""The service as people meet it in a browser: the chat at ``/``, the desk behind a link that works once."""

from __future__ import annotations

import re
import socket
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, BrowserContext, Page

from tests.acceptance.service import command, triagebot

PATIENCE_MS = 20_000
_START_S, _LOOK_S = 90.0, 0.1


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@dataclass
class House:
    """``errors``: what pages complained about, of whichever window. ``call``: what is run."""

    env: dict[str, str]
    folder: Path
    browser: Browser
    url: str
    errors: list[str] = field(default_factory=list)
    call: Sequence[str] = field(default_factory=lambda: command("run"))
    _process: subprocess.Popen[bytes] | None = None
    _windows: list[BrowserContext] = field(default_factory=list)

    def start(self) -> None:
        log = (self.folder / "house.log").open("ab")
        self._process = subprocess.Popen(self.call, env=self.env, stdout=log, stderr=log)
        end = time.monotonic() + _START_S
        while not self._serves():
            assert time.monotonic() < end, (self.folder / "house.log").read_text()[-2000:]
            time.sleep(_LOOK_S)

    def _serves(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, (self.folder / "house.log").read_text()[-2000:]
        try:
            return httpx.get(f"{self.url}/readyz", timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def close(self) -> None:
        for window in self._windows:
            window.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait(30)

    def window(self, **how: Any) -> Page:
        """A person of their own: nothing is shared with other windows. ``how``: as Browser.new_context takes it."""
        context = self.browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", **how)
        context.set_default_timeout(PATIENCE_MS)
        self._windows.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)
        page.on("request", lambda asked: self._own(asked.url))
        return page

    def _own(self, url: str) -> None:
        if not url.startswith((self.url, "data:", "blob:", "about:")):
            self.errors.append(f"a page asked for {url}")

    def link(self, name: str) -> str:
        """A link to sign in, as the terminal prints it."""
        said = triagebot(self.env, "agents", "link", name)
        found = re.search(r"http://\S+", said.stdout)
        assert found, said
        return found.group(0)

    def at_desk(self, name: str, **how: Any) -> Page:
        """A window in which ``name`` is signed in."""
        return self.at_desk_by(self.link(name), **how)

    def at_desk_by(self, link: str, **how: Any) -> Page:
        page = self.window(**how)
        page.goto(link)
        page.get_by_role("button", name="登录").click()
        page.wait_for_url(re.compile(r"/desk$"))
        return page
