"""The web desk over HTTP with ten thousand open tickets: how long pages take and what they weigh; and two hundred browsers that
listen and fetch the board anew after each change, on one process."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import httpx
from sqlmodel import Session, select

from tests.benchmarks.archive import Archive
from tests.benchmarks.search import NOW, server
from triagebot.access import sessions
from triagebot.desk.office import Office, open_office
from triagebot.rulebook import load
from triagebot.settings import Settings
from triagebot.store import migrate
from triagebot.store.store import Store
from triagebot.store.tables import WebSession
from triagebot.web.desk.door import COOKIE

TICKETS, MESSAGES, OPEN_EVERY = 30_000, 5, 3
ROUNDS, BROWSERS, CHANGES = 60, 200, 8
PAUSE_S = 3.0
_LINK = re.compile(r'(?:src|href)="(/static/[^"]+)"')


def run() -> dict[str, Any]:
    settings = Settings()
    office = open_office(load(settings.rules_dir), settings.zone)
    tickets = int(os.environ.get("TRIAGEBOT_BENCH_TICKETS", TICKETS))
    figures: dict[str, Any] = {"open": tickets // OPEN_EVERY, "browsers": BROWSERS}
    with tempfile.TemporaryDirectory() as name:
        figures |= _measured("sqlite", f"sqlite:///{Path(name) / 'desk.db'}", office, tickets)
        with server("desk") as url:
            figures |= _measured("postgres", url, office, tickets)
    return figures


def _measured(kind: str, url: str, office: Office, tickets: int) -> dict[str, Any]:
    migrate.upgrade(url)
    Archive(office, tickets=tickets, messages=MESSAGES, open_every=OPEN_EVERY, until=NOW).fill(url)
    store = Store.open(url)
    keys = store.write_now(_sign_in)
    csrf = store.read_now(lambda s: s.exec(select(WebSession).order_by(WebSession.id)).first().csrf)  # type: ignore
    store.close()
    with _served(url) as (port, pid):
        figures = _pages(port, pid, keys[0], csrf, tickets) | asyncio.run(_live(port, pid, keys, csrf))
    return {f"{kind}_{name}": value for name, value in figures.items()}


def _sign_in(session: Session) -> list[str]:
    """A session for each browser; the six agents share them."""
    return [sessions.begin(session, n % 6 + 1, NOW) for n in range(BROWSERS)]


@contextmanager
def _served(url: str) -> Iterator[tuple[int, int]]:
    """The port and the process's id."""
    command = [sys.executable, "-m", "tests.benchmarks.desk_server", url, NOW.isoformat()]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            yield next(int(line) for line in process.stdout if line.strip().isdecimal()), process.pid
        finally:
            process.stdin.close()


def _pages(port: int, pid: int, key: str, csrf: str, tickets: int) -> dict[str, Any]:
    """``changed``: the first look after a change, when the board is made anew; ``same``: when nothing has changed. Wall time as
    the browser sees it, and the server's processor time, which other work on the machine does not change."""
    base = f"http://127.0.0.1:{port}"
    number = tickets // OPEN_EVERY // 2 * OPEN_EVERY
    looks = {"board": "/desk", "list": "/desk?shape=list", "mine": "/desk?who=me", "ticket": f"/desk/tickets/{number}",
             "search": "/desk?q=刷脸"}  # fmt: skip
    taken: dict[str, list[float]] = {}
    spent: dict[str, float] = {}
    with httpx.Client(base_url=base, cookies={COOKIE: key}, headers={"x-csrf-token": csrf, "origin": base}) as client:
        for n in range(ROUNDS):
            said = client.post(
                f"/desk/tickets/{number}/note", data={"text": f"第 {n} 次"}, headers={"hx-request": "true"}
            )
            assert said.status_code == 200, said.text
            for name, path in looks.items():
                for how in ("changed", "same"):
                    before, began = _cpu(pid), time.perf_counter()
                    answer = client.get(path)
                    assert answer.status_code == 200, answer.text
                    look = f"{name}_{how}"
                    taken.setdefault(look, []).append((time.perf_counter() - began) * 1000)
                    spent[look] = spent.get(look, 0.0) + _cpu(pid) - before
        page = client.get("/desk").content
        linked = sum(len(client.get(path).content) for path in set(_LINK.findall(page.decode())))
    figures: dict[str, Any] = {
        f"{name}_ms": f"p50 {median(times):.1f}, p95 {quantiles(times, n=20)[-1]:.1f}, cpu {spent[name] * 1000 / ROUNDS:.1f}"
        for name, times in taken.items()
    }
    return {
        **figures,
        "board_kb": round(len(page) / 1000, 1),
        "board_with_files_kb": round((len(page) + linked) / 1000, 1),
    }


async def _live(port: int, pid: int, keys: list[str], csrf: str) -> dict[str, Any]:
    """Each browser listens, and fetches the board when it hears of a change. Seconds from the agent's press to the event, and
    to the new board; the server's processor time for one change, and while nothing happens."""
    told: list[float] = []
    fetched: list[float] = []
    pressed = [0.0]
    base = f"http://127.0.0.1:{port}"
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx.AsyncClient(base_url=base, limits=limits, timeout=60) as client:

        async def browse(key: str) -> None:
            cookies = {"cookie": f"{COOKIE}={key}"}
            async with client.stream("GET", "/desk/stream", headers=cookies) as stream:
                async for line in stream.aiter_lines():
                    if line != "event: changed":
                        continue
                    told.append(time.perf_counter() - pressed[0])
                    answer = await client.get("/desk/board?seen=other", headers=cookies)
                    assert answer.status_code == 200
                    fetched.append(time.perf_counter() - pressed[0])

        browsers = [asyncio.create_task(browse(key)) for key in keys]
        await asyncio.sleep(PAUSE_S)
        idle = await _cpu_of(pid)
        before = _cpu(pid)
        headers = {"cookie": f"{COOKIE}={keys[0]}", "x-csrf-token": csrf, "origin": base, "hx-request": "true"}
        for n in range(CHANGES):
            pressed[0] = time.perf_counter()
            said = await client.post("/desk/tickets/3/note", data={"text": f"第 {n} 次"}, headers=headers)
            assert said.status_code == 200
            await asyncio.sleep(PAUSE_S)
        spent = (_cpu(pid) - before) / CHANGES
        for each in browsers:
            each.cancel()
        await asyncio.gather(*browsers, return_exceptions=True)
    return {
        "told": f"{len(told)} of {CHANGES * len(keys)}",
        "told_s": f"p50 {median(told):.2f}, most {max(told):.2f}",
        "board_seen_s": f"p50 {median(fetched):.2f}, most {max(fetched):.2f}",
        "cpu_s_a_change": round(spent, 2),
        "cpu_idle_share": round(idle, 3),
    }


async def _cpu_of(pid: int) -> float:
    before = _cpu(pid)
    await asyncio.sleep(PAUSE_S)
    return (_cpu(pid) - before) / PAUSE_S


def _cpu(pid: int) -> float:
    """Processor seconds so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
