"""What a start costs: from nothing to the first question to Telegram, beside a bare aiogram echo bot, and what commands of the
shell cost from beginning to end. Processor seconds, which a busy machine distorts less than wall time, and memory."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from aiohttp import web

from tests.acceptance.fake_telegram import TOKEN, FakeTelegram
from tests.acceptance.service import command, environment, triagebot
from tests.benchmarks.telegram import our_command, processor_s, rss_mb, running

ROUNDS = 5
COMMANDS = {"help": ("--help",), "queue_list": ("queue", "list")}


class Asked(FakeTelegram):
    """Knows when it was first asked for updates: the bot is ready."""

    def __init__(self) -> None:
        super().__init__()
        self.first = threading.Event()

    async def _get_updates(self, data: dict[str, Any]) -> web.Response:
        self.first.set()
        return await super()._get_updates(data)


def run() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as name:
        folder, models = Path(name), Path(name) / "models"
        env = environment(folder, models)
        triagebot(env, "classify", "刷脸老是不过")
        triagebot(env, "queue", "list")
        ours = median_of([_started(our_command(folder, models)) for _ in range(ROUNDS)])
        echo = median_of([_started(_echo) for _ in range(ROUNDS)])
        shell = {key: median(_spent(command(*words), env) for _ in range(ROUNDS)) for key, words in COMMANDS.items()}
    return {
        "start_to_echo": round(ours["processor_s"] / echo["processor_s"], 2),
        "rss_to_echo": round(ours["rss_mb"] / echo["rss_mb"], 2),
        **{f"triagebot_{key}": round(value, 2) for key, value in ours.items()},
        **{f"echo_{key}": round(value, 2) for key, value in echo.items()},
        **{f"{key}_processor_s": round(value, 2) for key, value in shell.items()},
    }


def median_of(runs: Sequence[dict[str, float]]) -> dict[str, float]:
    return {key: median(one[key] for one in runs) for key in runs[0]}


def _echo(base: str) -> list[str]:
    return [sys.executable, "-m", "tests.benchmarks.echo_bot", base, TOKEN]


def _started(start: Callable[[str], list[str]]) -> dict[str, float]:
    with Asked() as server, running(start(server.base)) as process:
        assert server.first.wait(60), "the bot did not start"
        return {"processor_s": processor_s(process.pid), "rss_mb": rss_mb(process.pid)}


def _spent(arguments: Sequence[str], env: dict[str, str]) -> float:
    """Processor seconds of a command from its start to its end."""
    process = subprocess.Popen(arguments, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    assert status == 0, arguments
    return used.ru_utime + used.ru_stime
