"""From a person's message to the bot's answer over a fake Bot API: the product, durable and classifying, beside a bare aiogram
echo bot on the same server in the same run. Both are processes of their own; they take turns.

Every person writes once or twice, as in real life: most messages open a ticket. The product's own pace (Telegram takes about
28 messages a second) is lifted with TRIAGEBOT_TELEGRAM_RATE; the pace of a single chat stays.
"""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from tests.acceptance.fake_telegram import TOKEN, FakeTelegram
from tests.acceptance.service import command, environment, triagebot

ROUNDS = 3
ONE_BY_ONE = 150
AT_ONCE = 32
SUSTAINED = 1500
WORDS = (
    "刷脸老是不过，试了好几次",
    "提交两天了报告还没出来",
    "验证码一直收不到",
    "登录说密码错误",
    "报告里有笔贷款不是我的",
)
_TICK = os.sysconf("SC_CLK_TCK")
_PAGE_MB = os.sysconf("SC_PAGE_SIZE") / 1e6


class Timed(FakeTelegram):
    """Notes when each chat was first answered after it last wrote."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: dict[int, float] = {}
        self.taken: list[float] = []

    def ask(self, user: int, words: str) -> None:
        self.asked[user] = time.perf_counter()
        self.says(user, words)

    def forget(self) -> None:
        """What was sent and called so far, which would fill the memory of this process."""
        self.sent.clear()
        self.calls.clear()

    def _send(self, data: dict[str, Any]) -> Any:
        began = self.asked.pop(int(data["chat_id"]), None)
        if began is not None:
            self.taken.append(time.perf_counter() - began)
        return super()._send(data)


def run() -> dict[str, Any]:
    figures: dict[str, list[dict[str, float]]] = {"triagebot": [], "echo": []}
    with tempfile.TemporaryDirectory() as name:
        models = Path(name) / "models"
        triagebot(environment(Path(name), models), "classify", "刷脸老是不过")
        for n in range(ROUNDS):
            folder = Path(name) / str(n)
            folder.mkdir()
            figures["triagebot"].append(_measured(our_command(folder, models)))
            figures["echo"].append(
                _measured(lambda base: [sys.executable, "-m", "tests.benchmarks.echo_bot", base, TOKEN])
            )
    told = {
        f"{side}_{key}": round(median(one[key] for one in rounds), 2)
        for side, rounds in figures.items()
        for key in rounds[0]
    }
    return {
        "throughput_to_echo": round(told["triagebot_per_s"] / told["echo_per_s"], 2),
        "p95_to_echo": round(told["triagebot_p95_ms"] / told["echo_p95_ms"], 2),
        **told,
    }


def our_command(folder: Path, models: Path) -> Callable[[str], list[str]]:
    def started(base: str) -> list[str]:
        env = environment(folder, models, TRIAGEBOT_TELEGRAM_TOKEN=TOKEN, TRIAGEBOT_TELEGRAM_API_BASE=base,
                          TRIAGEBOT_TELEGRAM_RATE="100000", TRIAGEBOT_LOG_LEVEL="ERROR")  # fmt: skip
        return [
            "env",
            *(f"{key}={value}" for key, value in env.items() if key.startswith("TRIAGEBOT_")),
            *command("run"),
        ]

    return started


def _measured(start: Callable[[str], list[str]]) -> dict[str, float]:
    with Timed() as server, running(start(server.base)) as process:
        users = itertools.count(1000)
        answered(server, users, 20, 1)
        one_by_one = answered(server, users, ONE_BY_ONE, 1)
        processor, began = processor_s(process.pid), time.perf_counter()
        answered(server, users, SUSTAINED, AT_ONCE)
        took = time.perf_counter() - began
        return {
            "p50_ms": median(one_by_one) * 1000,
            "p95_ms": quantiles(one_by_one, n=20)[-1] * 1000,
            "per_s": SUSTAINED / took,
            "processor_s_per_1000": (processor_s(process.pid) - processor) / SUSTAINED * 1000,
            "rss_mb": rss_mb(process.pid),
        }


@contextmanager
def running(arguments: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def answered(server: Timed, users: Iterator[int], count: int, at_once: int) -> list[float]:
    """Seconds to the answer of ``count`` messages, ``at_once`` of them under way at any time."""
    server.taken.clear()
    for n in range(count):
        server.ask(next(users), WORDS[n % len(WORDS)])
        server.wait(lambda: len(server.asked) < at_once, "an answer", 60)
    server.wait(lambda: not server.asked, "the last answers", 60)
    return list(server.taken)


def processor_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


def rss_mb(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE_MB
