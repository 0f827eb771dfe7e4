"""A process that writes and is killed at any moment: what it was told is written is there, and the database is whole."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

from sqlmodel import Session, select

from tests.storing import arrived
from triagebot.store import inbox, integrity
from triagebot.store.store import Store
from triagebot.store.tables import Inbox, Outbox

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 6
_WRITES_FOR_EVER = """
import asyncio, itertools, sys
from datetime import UTC, datetime
from triagebot.messages import Address, Incoming, Outgoing
from triagebot.store import inbox, outbox
from triagebot.store.store import Store

numbers = itertools.count(int(sys.argv[2]))
store = Store.open(sys.argv[1])

def take_and_answer(session, number, now):
    message = Incoming(Address("telegram", "1", str(number % 7)), str(number), "u", now, text="刷脸不过")
    inbox.commit(session, [message], [], now)
    outbox.put(session, message.address, Outgoing("试试换光线"), now=now, key=str(number))

async def person():
    for number in numbers:
        await store.write(take_and_answer, number, datetime.now(UTC))
        print(number, flush=True)

async def people():
    await asyncio.gather(*(person() for _ in range(8)))

asyncio.run(people())
"""


def killed_after(url: str, first: int, lines: int) -> list[int]:
    """The numbers that a writer reported as written before it was killed, soon after the ``lines``th."""
    call = [sys.executable, "-c", _WRITES_FOR_EVER, url, str(first)]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    # Unbuffered: communicate() knows nothing of what readline() would have read ahead, and a number would come in two.
    process = subprocess.Popen(call, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0)
    assert process.stdout is not None
    reported = [process.stdout.readline() for _ in range(lines)]
    process.kill()
    rest, error = process.communicate(timeout=60)
    assert process.returncode == -9, error
    return [int(line) for line in (*reported, *rest.splitlines(keepends=True)) if line.endswith(b"\n")]


def written(session: Session) -> tuple[set[int], set[int]]:
    """The numbers in the inbox and those in the outbox."""
    return {int(n) for n in session.exec(select(Inbox.external_id))}, {
        int(n or 0) for n in session.exec(select(Outbox.key))
    }


def test_what_was_reported_as_written_survives_kill_9(database_url: str) -> None:
    dice = random.Random(20261123)
    reported: set[int] = set()
    for round_ in range(ROUNDS):
        acknowledged = killed_after(database_url, round_ * 1_000_000, dice.randint(1, 400))
        assert acknowledged
        reported |= set(acknowledged)
    store = Store.open(database_url)
    taken, answered = store.read_now(written)
    assert reported <= taken
    assert taken == answered
    assert store.write_now(inbox.commit, [arrived("after")], [], arrived(0).at) == 1
    store.close()
    assert integrity.check(database_url) == []
