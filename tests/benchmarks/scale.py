"""One, two and four processes of ``triagebot run`` on one PostgreSQL, and how memory stands after many messages.

A fake Bot API asks and listens, as in the benchmark ``telegram``. Server, database, fake network and bots share this machine:
the more processes, the more of it each of them needs, so that the figures say what a machine gives, not what a bot could.
TRIAGEBOT_BENCH_MESSAGES: how many messages the last part sends (default 100,000: a quarter of an hour).
"""

from __future__ import annotations

import contextlib
import itertools
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import sqlalchemy as sa

from tests.acceptance.service import Service, environment, triagebot
from tests.benchmarks.telegram import Timed, answered, processor_s, rss_mb
from tests.postgres import Server

PROCESSES = (1, 2, 4)
ROUNDS = 3
WARM_UP = 100
SUSTAINED = 1000
AT_ONCE = 64
MESSAGES = 100_000
LOOKS = 10
"""How often memory is looked at on the way."""


def run() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as name:
        models = Path(name) / "models"
        triagebot(environment(Path(name), models), "classify", "刷脸老是不过")
        return _shared(Path(name), models) | _memory(Path(name), models)


def _shared(folder: Path, models: Path) -> dict[str, Any]:
    """Rounds alternate, each on a new database."""
    measured: dict[int, list[dict[str, float]]] = {count: [] for count in PROCESSES}
    server = Server()
    try:
        for n, count in itertools.product(range(ROUNDS), PROCESSES):
            measured[count].append(_together(server, folder, models, f"r{n}x{count}", count))
    finally:
        server.stop()
    told = {
        f"{key}_{count}": round(median(one[key] for one in rounds), 2)
        for count, rounds in measured.items()
        for key in rounds[0]
    }
    ratios = {f"{count}_processes_to_1": round(told[f"per_s_{count}"] / told["per_s_1"], 2) for count in PROCESSES[1:]}
    return ratios | told


def _together(server: Server, folder: Path, models: Path, name: str, count: int) -> dict[str, float]:
    home = folder / name
    home.mkdir()
    with Timed() as telegram, _bots(telegram, _database(server, name), home, models, count) as bots:
        users = itertools.count(1000)
        answered(telegram, users, WARM_UP, AT_ONCE)
        processor, began = _processor_s(bots), time.perf_counter()
        taken = answered(telegram, users, SUSTAINED, AT_ONCE)
        took = time.perf_counter() - began
        return {
            "per_s": SUSTAINED / took,
            "p50_ms": median(taken) * 1000,
            "p95_ms": quantiles(taken, n=20)[-1] * 1000,
            "processor_s_per_1000": (_processor_s(bots) - processor) / SUSTAINED * 1000,
        }


def _database(server: Server, name: str) -> str:
    """A new, empty and migrated database; its URL."""
    engine = sa.create_engine(
        sa.make_url(server.url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        connection.execute(sa.text(f'CREATE DATABASE "{name}"'))
    engine.dispose()
    return sa.make_url(server.url).set(drivername="postgresql+psycopg", database=name).render_as_string(False)


@contextlib.contextmanager
def _bots(telegram: Timed, url: str, home: Path, models: Path, count: int) -> Iterator[list[Service]]:
    """``count`` processes that are ready."""
    env = environment(home, models, TRIAGEBOT_DATABASE_URL=url, TRIAGEBOT_TELEGRAM_RATE="100000")
    if url.startswith("postgresql"):
        migrated = triagebot(env, "db", "upgrade")
        assert migrated.returncode == 0, migrated.stderr
    bots = [Service(env, telegram.base, home, name=f"bot{n}") for n in range(count)]
    for bot in bots:
        bot.start()
    try:
        for bot in bots:
            telegram.wait(lambda bot=bot: b'"run.started"' in bot.log.read_bytes(), "a process that has started", 60)
        yield bots
    finally:
        for bot in bots:
            bot.stop()


def _processor_s(bots: list[Service]) -> float:
    return sum(processor_s(bot.pid) for bot in bots)


def _memory(folder: Path, models: Path) -> dict[str, float]:
    """Resident memory of one process on the embedded database: after a tenth of the messages, and after all."""
    messages = int(os.environ.get("TRIAGEBOT_BENCH_MESSAGES", MESSAGES))
    home = folder / "memory"
    home.mkdir()
    seen: list[float] = []
    with Timed() as telegram, _bots(telegram, f"sqlite:///{home / 'bot.db'}", home, models, 1) as (bot,):
        users, began = itertools.count(1000), time.perf_counter()
        for _ in range(LOOKS):
            answered(telegram, users, messages // LOOKS, AT_ONCE)
            seen.append(rss_mb(bot.pid))
            telegram.forget()
        took = time.perf_counter() - began
    return {
        "messages": messages,
        "sustained_per_s": round(messages / took, 1),
        "rss_mb_after_a_tenth": round(seen[0], 1),
        "rss_mb_at_the_end": round(seen[-1], 1),
        "rss_growth": round(seen[-1] / seen[0], 2),
    }
