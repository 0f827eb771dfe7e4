"""Durable conversation steps a second, against what the disk can do, and what ``triagebot chat`` costs to start.

A step is one message of a person: committed to the inbox, triaged, decided on, ticket and events and reply written.
"""

from __future__ import annotations

import asyncio
import os
import queue
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import Any

USERS = 16
SECONDS = 4.0
WORDS = (
    "刷脸老是不过",
    "还不行",
    "收不到验证码",
    "报告一直没出来",
    "微信",
    "忘记登录名了",
    "页面打不开",
    "查一次要钱吗",
)
_ROW = "INSERT INTO t (chat, text) VALUES (?, ?)"


def run() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        from triagebot.app import open_brain
        from triagebot.rulebook import load
        from triagebot.settings import Settings

        settings = Settings(data_dir=folder, database_url=f"sqlite:///{folder / 'bot.db'}")
        book = load(settings.rules_dir)
        brain = open_brain(settings, book)
        single = _one_by_one(folder / "single.db")
        grouped = _group_commit(folder / "grouped.db")
        steps = asyncio.run(_steps(settings, book, brain))
        return {
            "users": USERS,
            "steps_per_s": round(steps),
            "raw_group_commits_per_s": round(grouped),
            "one_by_one_commits_per_s": round(single),
            "steps_to_one_by_one": round(steps / single, 2),
            "steps_to_raw_group": round(steps / grouped, 3),
            **_start_up(folder),
        }


def _database(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    for line in (
        "PRAGMA journal_mode=WAL",
        "PRAGMA synchronous=FULL",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, chat, text)",
    ):
        connection.execute(line)
    return connection


def _one_by_one(file: Path) -> float:
    """One row, one durable transaction, one after the other."""
    with closing(_database(file)) as connection:
        done, began = 0, time.perf_counter()
        while time.perf_counter() - began < SECONDS / 2:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(_ROW, (1, WORDS[0]))
            connection.execute("COMMIT")
            done += 1
        return done / (time.perf_counter() - began)


def _group_commit(file: Path) -> float:
    """``USERS`` threads with one row each at a time; one writer puts what waits into one durable transaction."""
    waiting: queue.SimpleQueue[threading.Event] = queue.SimpleQueue()
    end = time.perf_counter() + SECONDS / 2
    counts = [0] * USERS

    def person(n: int) -> None:
        while time.perf_counter() < end:
            done = threading.Event()
            waiting.put(done)
            done.wait(5)
            counts[n] += 1

    people = [threading.Thread(target=person, args=(n,)) for n in range(USERS)]
    with closing(_database(file)) as connection:
        began = time.perf_counter()
        for p in people:
            p.start()
        while any(p.is_alive() for p in people):
            group = []
            while not waiting.empty():
                group.append(waiting.get())
            if not group:
                continue
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(_ROW, [(1, WORDS[0])] * len(group))
            connection.execute("COMMIT")
            for done in group:
                done.set()
        return sum(counts) / (time.perf_counter() - began)


class _Silent:
    """A channel that takes everything at once: the network is not what is measured."""

    channel, bot, staff, pace = "bench", "1", False, None

    def __init__(self) -> None:
        self.answered: dict[str, asyncio.Event] = {}

    async def listen(self, intake: Any) -> None:
        """Messages are put in by the benchmark itself."""

    async def send(self, to: Any, message: Any, known_ref: str) -> Any:
        from triagebot.messages import Receipt

        self.answered.setdefault(to.chat, asyncio.Event()).set()
        return Receipt("1")

    async def acknowledge(self, message: Any) -> None:
        """Nobody watches."""


async def _steps(settings: Any, book: Any, brain: Any) -> float:
    """``USERS`` people who write again as soon as they are answered; counts answers that were sent."""
    from triagebot.app import App, open_store, utc_now
    from triagebot.desk.office import open_office
    from triagebot.messages import Address, Batch, Incoming

    channel, store = _Silent(), open_store(settings)
    app = App(settings, store, open_office(book, settings.zone), brain, [channel])
    done = 0
    end = time.perf_counter() + SECONDS

    async def person(n: int) -> None:
        nonlocal done
        chat, sent = str(n), 0
        while time.perf_counter() < end:
            answered = channel.answered.setdefault(chat, asyncio.Event())
            answered.clear()
            text = WORDS[sent % len(WORDS)]
            message = Incoming(Address("bench", "1", chat), f"{n}-{sent}", chat, utc_now(), text=text)
            await app.intake(Batch([message]))
            await asyncio.wait_for(answered.wait(), 30)
            sent += 1
            done += 1

    async with app.owning():
        loops = [asyncio.create_task(app.converse.run()), asyncio.create_task(app.deliver.run())]
        began = time.perf_counter()
        await asyncio.gather(*(person(n) for n in range(USERS)))
        taken = time.perf_counter() - began
        for loop in loops:
            loop.cancel()
        await asyncio.gather(*loops, return_exceptions=True)
    store.close()
    return done / taken


def _start_up(folder: Path) -> dict[str, float]:
    """Seconds from the start of the process to its first reply, and its memory then; the model is cached."""
    env = {**os.environ, "TRIAGEBOT_DATA_DIR": str(folder), "TRIAGEBOT_DATABASE_URL": f"sqlite:///{folder / 'chat.db'}"}
    taken, memory = [], []
    for _ in range(3):
        began = time.perf_counter()
        process = subprocess.Popen([sys.executable, "-m", "triagebot", "chat"], env=env, stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE)  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("刷脸老是不过\n".encode())
        process.stdin.flush()
        process.stdout.readline()
        taken.append(time.perf_counter() - began)
        status = Path(f"/proc/{process.pid}/status").read_text() if sys.platform == "linux" else ""
        memory += [int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM")]
        process.stdin.close()
        process.wait(30)
    return {"first_reply_s": round(sorted(taken)[1], 2), "chat_rss_mb": round(max(memory, default=0.0))}
