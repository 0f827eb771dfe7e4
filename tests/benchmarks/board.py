"""The board's queries with ten thousand open tickets beside twenty thousand that are over, on each database."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from sqlmodel import Session

from tests.benchmarks.archive import Archive
from tests.benchmarks.search import NOW, server
from triagebot.desk.board import View, board, changed_since, version
from triagebot.desk.finding.find import parse
from triagebot.desk.office import Office, open_office
from triagebot.desk.team.agents import LOCAL
from triagebot.rulebook import load
from triagebot.settings import Settings
from triagebot.store import migrate
from triagebot.store.store import Store
from triagebot.store.tables import Agent

TICKETS, MESSAGES, OPEN_EVERY = 30_000, 5, 3
ROUNDS = 40


def run() -> dict[str, Any]:
    settings = Settings()
    office = open_office(load(settings.rules_dir), settings.zone)
    tickets = int(os.environ.get("TRIAGEBOT_BENCH_TICKETS", TICKETS))
    figures: dict[str, Any] = {"open": tickets // OPEN_EVERY}
    with tempfile.TemporaryDirectory() as name:
        figures |= _measured("sqlite", f"sqlite:///{Path(name) / 'board.db'}", office, tickets)
        with server("board") as url:
            figures |= _measured("postgres", url, office, tickets)
    return figures


def _measured(kind: str, url: str, office: Office, tickets: int) -> dict[str, Any]:
    migrate.upgrade(url)
    Archive(office, tickets=tickets, messages=MESSAGES, open_every=OPEN_EVERY, until=NOW).fill(url)
    store, boss = Store.open(url), Agent(id=1, name=LOCAL, role="admin")
    views = {
        "columns": View(),
        "third_page": View(page=2),
        "list": View(columns=False),
        "newest": View(columns=False, order="newest"),
        "mine": View(mine=True),
        "one_queue": View(queues=("security",)),
        "late_and_p1": View(query=parse("due:late priority:P1", office, "zh")),
        "tag": View(tag="急"),
    }
    looks: dict[str, Callable[[Session], Any]] = {
        **{name: lambda s, view=view: board(s, office, boss, view, NOW) for name, view in views.items()},
        "version": version,
        "changed_since": lambda s: changed_since(s, tickets * MESSAGES - 50),
    }
    taken: dict[str, list[float]] = {name: [] for name in looks}
    for _ in range(ROUNDS):
        for name, look in looks.items():
            began = time.perf_counter()
            store.read_now(look)
            taken[name].append((time.perf_counter() - began) * 1000)
    store.close()
    return {
        f"{kind}_{name}_ms": f"p50 {median(times):.1f}, p95 {quantiles(times, n=20)[-1]:.1f}"
        for name, times in taken.items()
    }
