"""Durable transactions a second through the store, against what the disk can do in the same run.

A transaction is one message taken into the inbox; each caller waits for its own commit. Disks have moods: all are
measured in turn, in short slices, and figures are medians over the rounds, with the ratios taken within each round.
"""

from __future__ import annotations

import asyncio
import itertools
import queue
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from sqlmodel import Session

from triagebot.messages import Address, Incoming, Outgoing
from triagebot.store import inbox, migrate, outbox
from triagebot.store.store import Store

CALLERS = 16
CROWD = 200
ROUNDS = 7
SLICE_S = 0.4
WORDS = "刷脸老是不过"
_ROW = "INSERT INTO t (chat, text) VALUES (?, ?)"
_PUTS = 2000
_numbers = itertools.count()


def run() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = f"sqlite:///{folder / 'store.db'}"
        migrate.upgrade(url)
        store = Store.open(url)
        with closing(database(folder / "single.db")) as single, closing(database(folder / "grouped.db")) as grouped:
            measures: dict[str, Callable[[], float]] = {
                "one_by_one_commits_per_s": lambda: one_by_one(single),
                "raw_group_commits_per_s": lambda: group_commit(grouped),
                "writes_per_s": lambda: asyncio.run(_writes(store, CALLERS)),
                f"writes_per_s_of_{CROWD}": lambda: asyncio.run(_writes(store, CROWD)),
                "writes_per_s_of_one": lambda: asyncio.run(_writes(store, 1)),
            }
            rounds = [{name: measure() for name, measure in measures.items()} for _ in range(ROUNDS)]
        put_us = store.write_now(_put_cost)
        store.close()
        return {
            "callers": CALLERS,
            **{name: round(median(one[name] for one in rounds)) for name in measures},
            **{
                f"writes_to_{other.removesuffix('_commits_per_s')}": round(
                    median(one["writes_per_s"] / one[other] for one in rounds), 2
                )
                for other in ("one_by_one_commits_per_s", "raw_group_commits_per_s")
            },
            "outbox_put_cpu_us": round(put_us),
        }


def database(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    for line in (
        "PRAGMA journal_mode=WAL",
        "PRAGMA synchronous=FULL",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, chat, text)",
    ):
        connection.execute(line)
    return connection


def one_by_one(connection: sqlite3.Connection) -> float:
    """One row, one durable transaction, one after the other: commits a second."""
    done, began = 0, time.perf_counter()
    while time.perf_counter() - began < SLICE_S:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(_ROW, (1, WORDS))
        connection.execute("COMMIT")
        done += 1
    return done / (time.perf_counter() - began)


def group_commit(connection: sqlite3.Connection) -> float:
    """``CALLERS`` threads with one row each at a time; what waits shares a durable transaction: rows a second."""
    waiting: queue.SimpleQueue[threading.Lock | None] = queue.SimpleQueue()
    began = time.perf_counter()
    done = 0

    def caller() -> None:
        written = threading.Lock()
        written.acquire()
        while time.perf_counter() - began < SLICE_S:
            waiting.put(written)
            written.acquire()
        waiting.put(None)

    threads = [threading.Thread(target=caller) for _ in range(CALLERS)]
    for thread in threads:
        thread.start()
    at_work = CALLERS
    while at_work:
        arrived = [waiting.get()]
        while not waiting.empty():
            arrived.append(waiting.get())
        group = [written for written in arrived if written is not None]
        at_work -= len(arrived) - len(group)
        if not group:
            continue
        connection.execute("BEGIN IMMEDIATE")
        for _ in group:
            connection.execute(_ROW, (1, WORDS))
        connection.execute("COMMIT")
        done += len(group)
        for written in group:
            written.release()
    return done / (time.perf_counter() - began)


async def _writes(store: Store, callers: int) -> float:
    """Messages a second that ``callers`` coroutines have taken into the inbox, each waiting for its commit."""
    done, began = 0, time.perf_counter()

    async def caller() -> None:
        nonlocal done
        while time.perf_counter() - began < SLICE_S:
            number, now = next(_numbers), datetime.now(UTC)
            message = Incoming(Address("bench", "1", str(number % CALLERS)), str(number), "u", now, text=WORDS)
            await store.write(inbox.commit, [message], [], now)
            done += 1

    await asyncio.gather(*(caller() for _ in range(callers)))
    return done / (time.perf_counter() - began)


def _put_cost(session: Session) -> float:
    """Microseconds of processor time for one message put into the outbox."""
    to, message, now = Address("bench", "1", "7"), Outgoing(WORDS), datetime.now(UTC)
    began = time.thread_time()
    for _ in range(_PUTS):
        outbox.put(session, to, message, now=now)
    return (time.thread_time() - began) / _PUTS * 1e6
