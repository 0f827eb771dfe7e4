"""Durable conversation steps a second, against what the disk can do, and what ``triagebot chat`` costs to start.

A step is one message of a person: committed to the inbox, triaged, decided on, ticket and events and reply written.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.benchmarks.store import database, group_commit, one_by_one

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


def run() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        from triagebot.app import open_brain
        from triagebot.rulebook import load
        from triagebot.settings import Settings

        settings = Settings(data_dir=folder, database_url=f"sqlite:///{folder / 'bot.db'}")
        book = load(settings.rules_dir)
        brain = open_brain(settings, book)
        with closing(database(folder / "single.db")) as file:
            single = one_by_one(file)
        with closing(database(folder / "grouped.db")) as file:
            grouped = group_commit(file)
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


class _Silent:
    """A channel that takes everything at once: the network is not what is measured."""

    channel, bot, staff, polls, pace = "bench", "1", False, True, None

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
