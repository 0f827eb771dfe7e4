"""The sweep beside many open tickets: what it costs when nothing is due, and when a thousand are due at once.

Rows are inserted directly. Tickets that are not due have no events: nobody may look at them, that is the point. Those that
are due broke their promise hours ago, all at once, as after a long stop: each has its warnings, the word to its person, the
breach and the raised priority to be done; all of it is in the figure, down to the message that each person gets.
"""

from __future__ import annotations

import json
import sqlite3
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from sqlmodel import Session, func, select

SIZES = (10_000, 100_000, 1_000_000)
DUE = 1000
ROUNDS = 200
BATCH = 200
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def run() -> dict[str, Any]:
    from triagebot.desk.office import open_office
    from triagebot.rulebook import load
    from triagebot.settings import Settings
    from triagebot.store import migrate
    from triagebot.store.store import Store

    settings = Settings()
    office = open_office(load(settings.rules_dir), settings.zone)
    with tempfile.TemporaryDirectory() as name:
        files = {size: Path(name) / f"{size}.db" for size in SIZES}
        stores = {}
        for size, file in files.items():
            migrate.upgrade(f"sqlite:///{file}")
            _fill(file, size)
            stores[size] = Store.open(f"sqlite:///{file}")
        figures = _idle(stores, office) | _due(files[SIZES[-1]], stores[SIZES[-1]], office)
        for store in stores.values():
            store.close()
    return figures


def _fill(file: Path, size: int) -> None:
    """Open tickets with a due moment ahead, each of a person of its own."""
    at, ahead = NOW - timedelta(days=1), NOW + timedelta(days=1)

    def conversations() -> Iterator[tuple[Any, ...]]:
        for n in range(1, size + 1):
            yield n, "bench", "1", str(n), str(n), "", "zh", "idle", "{}", 0, _text(at), _text(at)

    def tickets() -> Iterator[tuple[Any, ...]]:
        for n in range(1, size + 1):
            due = _text(ahead + timedelta(seconds=n))
            yield (n, n, "queued", "verification.face", "unknown", "P3", "security", "zh", "", "{}", _text(at), _text(at),
                   _text(at), due)  # fmt: skip

    with closing(sqlite3.connect(file)) as database, database:
        database.executemany(
            "INSERT INTO conversation (id, channel, bot, chat, user, user_name, lang, state, memory, version, created_at,"
            " updated_at) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)", conversations())  # fmt: skip
        database.executemany(
            "INSERT INTO ticket (id, conversation_id, status, category, platform, priority, queue, lang, summary, sla,"
            " created_at, updated_at, escalated_at, next_due_at) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)", tickets())  # fmt: skip


def _text(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S.%f")


def _idle(stores: dict[int, Any], office: Any) -> dict[str, Any]:
    """Milliseconds, medians: one sweep, and everything that a tick does, when nothing is due. The sizes take turns, so that
    a mood of the machine meets all of them."""
    from triagebot.desk import erase, promises
    from triagebot.desk.afterwards import followups

    def tick(session: Session) -> None:
        promises.sweep(session, office, NOW, BATCH)
        followups.run_due(session, office, NOW, BATCH)
        followups.close_idle(session, office, NOW, BATCH)
        erase.purge(session, office, NOW, timedelta(days=180), BATCH)

    def sweep(session: Session) -> None:
        promises.sweep(session, office, NOW, BATCH)

    taken: dict[str, list[float]] = defaultdict(list)
    for _ in range(ROUNDS):
        for size, store in stores.items():
            for name, what in (("idle", sweep), ("idle_tick", tick)):
                began = time.perf_counter()
                store.write_now(what)
                taken[f"{name}_ms_{size}"].append((time.perf_counter() - began) * 1000)
    figures: dict[str, Any] = {name: round(median(values), 3) for name, values in taken.items()}
    first, last = (figures[f"idle_ms_{size}"] for size in (SIZES[0], SIZES[-1]))
    return {**figures, "idle_growth": round(last / first, 2)}


def _due(file: Path, store: Any, office: Any) -> dict[str, Any]:
    """Seconds until ``DUE`` tickets of the last size were claimed, acted on and told of, in batches as the tick does it."""
    from triagebot.desk import promises
    from triagebot.desk.team import agents
    from triagebot.store.tables import Notice, Outbox

    for name, role in (("a", "agent"), ("b", "agent"), ("c", "agent"), ("d", "agent"), ("boss", "supervisor")):
        store.write_now(lambda s, n=name, r=role: agents.add(s, n, NOW, role=r, channel="bench", user=n).id)
    promise = office.promise("security", "P3")
    began = NOW - timedelta(hours=5)
    step = SIZES[-1] // DUE
    numbers = range(1, SIZES[-1] + 1, step)
    data = {"queue": "security", "priority": "P3", "reason": "bench", "promise": promise}
    with closing(sqlite3.connect(file)) as database, database:
        database.executemany(
            "UPDATE ticket SET next_due_at = ?, escalated_at = ?, sla = ? WHERE id = ?",
            [(_text(began + timedelta(hours=2)), _text(began), json.dumps(promise), n) for n in numbers])  # fmt: skip
        database.executemany(
            "INSERT INTO event (ticket_id, at, type, actor, data) VALUES (?,?,?,?,?)",
            [(n, _text(began), type, "bot", json.dumps(d)) for n in numbers
             for type, d in (("opened", {"verdict": None}), ("escalated", data))])  # fmt: skip
    processor = 0.0

    def swept(session: Session) -> int:
        nonlocal processor
        began = time.thread_time()
        found = promises.sweep(session, office, NOW, BATCH)
        session.flush()
        processor += time.thread_time() - began
        return found

    batches, started = [], time.perf_counter()
    while True:
        one = time.perf_counter()
        found = store.write_now(swept)
        batches.append(time.perf_counter() - one)
        if found < BATCH:
            break
    taken = time.perf_counter() - started
    count = {table.__tablename__: store.read_now(lambda s, t=table: s.exec(select(func.count()).select_from(t)).one())
             for table in (Notice, Outbox)}  # fmt: skip
    left = store.write_now(promises.sweep, office, NOW, BATCH)
    return {
        "due": DUE, "due_s": round(taken, 2), "due_processor_s": round(processor, 2),
        "longest_transaction_s": round(max(batches), 2),
        "notices": count["notice"], "messages": count["outbox"], "left": left,
    }  # fmt: skip
