"""Searching a million messages at a hundred thousand tickets, on each database; what the index costs to make and to keep.

The messages are there before the index is: what ``db upgrade`` takes is what a desk pays that has been in use for years.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from tests.benchmarks.archive import Archive
from tests.benchmarks.scale import _database
from tests.postgres import Server
from triagebot.desk.finding.find import parse
from triagebot.desk.finding.search import search
from triagebot.desk.office import Office, open_office
from triagebot.desk.team.agents import LOCAL
from triagebot.resources import bundled
from triagebot.rulebook import load
from triagebot.settings import Settings
from triagebot.store import migrate
from triagebot.store.store import Store
from triagebot.store.tables import Agent

TICKETS, MESSAGES, OPEN_EVERY = 100_000, 10, 10
ROUNDS = 5
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
QUERIES = {
    "common word": "报告",
    "common words": "报告 登录",
    "rare word": "境外手机",
    "a code": "4003",
    "phrase": '"收不到验证码"',
    "whole sentence": "刷脸老是不过怎么办",
    "one character": "脸",
    "commonest character": "的",
    "latin": "face",
    "latin phrase": '"credit report"',
    "traditional": "報告",
    "without": "报告 -登录",
    "no hit": "量子纠缠",
    "no hit latin": "zzzzqq",
    "common word, open": "报告 status:open",
    "common word, queue and due": "报告 status:open queue:security due:<1h",
    "common word, few tickets": "报告 tag:急 priority:P1 status:open",
    "common word, old": "报告 created:>48w",
    "common word, one person": "报告 user:12345",
    "rare word, open": "境外手机 status:open",
    "low rating": "验证码 rating:<3",
    "filters only": "status:open queue:security due:<1h",
    "one agent": "assignee:李静 status:open 短信",
    "no ticket": "报告 incident:77",
}


def run() -> dict[str, Any]:
    settings = Settings()
    office = open_office(load(settings.rules_dir), settings.zone)
    tickets = int(os.environ.get("TRIAGEBOT_BENCH_TICKETS", TICKETS))
    figures: dict[str, Any] = {"messages": tickets * MESSAGES}
    with tempfile.TemporaryDirectory() as name:
        figures |= _measured("sqlite", f"sqlite:///{Path(name) / 'search.db'}", office, tickets)
        with server("search") as url:
            figures |= _measured("postgres", url, office, tickets)
    return figures


@contextmanager
def server(name: str) -> Iterator[str]:
    """The URL of an empty database of a server that is there only for it."""
    running = Server()
    try:
        yield _database(running, name)
    finally:
        running.stop()


def _measured(kind: str, url: str, office: Office, tickets: int) -> dict[str, Any]:
    before_index(url)
    Archive(office, tickets=tickets, messages=MESSAGES, open_every=OPEN_EVERY, until=NOW).fill(url)
    began = time.perf_counter()
    migrate.upgrade(url)
    upgrade_s = time.perf_counter() - began
    store, boss = Store.open(url), Agent(id=1, name=LOCAL, role="admin")
    try:
        taken = {name: _times(store, office, boss, text) for name, text in QUERIES.items()}
    finally:
        store.close()
    every = [ms for times in taken.values() for ms in times]
    slowest = sorted(taken, key=lambda name: -median(taken[name]))
    return {
        f"{kind}_upgrade_s": round(upgrade_s, 1),
        f"{kind}_p50_ms": round(median(every), 1),
        f"{kind}_p95_ms": round(quantiles(every, n=20)[-1], 1),
        f"{kind}_max_ms": round(max(every), 1),
        f"{kind}_ms": {name: round(median(taken[name]), 1) for name in slowest},
    }


def _times(store: Store, office: Office, agent: Agent, text: str) -> list[float]:
    """Milliseconds, from what was typed to what is shown; the first time counts as well."""
    taken = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        store.read_now(lambda s: search(s, office, agent, parse(text, office, "zh"), NOW))
        taken.append((time.perf_counter() - began) * 1000)
    return taken


def before_index(url: str) -> None:
    """The schema as it was when nothing could be searched."""
    from alembic.config import Config

    from alembic import command

    config = Config()
    config.set_main_option("script_location", str(bundled("alembic")))
    config.attributes["url"] = url
    command.upgrade(config, "0007")
