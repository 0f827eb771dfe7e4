"""Real processes of the product, started and killed by tests; nothing here imports the package's internals."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.acceptance.fake_telegram import TOKEN


def environment(folder: Path, models: Path, **more: str) -> dict[str, str]:
    """A clean environment: its own database and log, the test run's model cache."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("TRIAGEBOT_") or k == "TRIAGEBOT_RULES_DIR"}
    if models.is_dir() and not (folder / "models").exists():
        (folder / "models").symlink_to(models)
    return {
        **kept,
        "TRIAGEBOT_DATABASE_URL": f"sqlite:///{folder / 'bot.db'}",
        "TRIAGEBOT_DATA_DIR": str(folder),
        "TRIAGEBOT_LOG_FORMAT": "json",
        "TRIAGEBOT_WEB_PORT": "0",
        "NO_COLOR": "1",
        **more,
    }


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "triagebot", *arguments]


def triagebot(env: dict[str, str], *arguments: str, given: str | bytes = "") -> subprocess.CompletedProcess[str]:
    """Run a command to its end; output is text."""
    done = subprocess.run(
        command(*arguments), env=env, input=given.encode() if isinstance(given, str) else given,
        capture_output=True, timeout=120, check=False,
    )  # fmt: skip
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


Hire = Callable[..., None]
"""``hire(env, *people)``: each of them as ``triagebot agents add`` takes them."""


def hire_once(env: dict[str, str], people: Sequence[Sequence[str]]) -> Path:
    """The embedded database of ``env`` with these people in it, whole in its one file."""
    for person in people:
        done = triagebot(env, "agents", "add", *person)
        assert done.returncode == 0, done.stderr
    file = Path(env["TRIAGEBOT_DATABASE_URL"].removeprefix("sqlite:///"))
    with contextlib.closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return file


class Service:
    """``triagebot run`` against a fake Bot API, to be killed and started at will. ``call``: started in another way."""

    def __init__(
        self, env: dict[str, str], base: str, folder: Path, *, name: str = "service", call: Sequence[str] = ()
    ) -> None:
        self.env = {"TRIAGEBOT_TELEGRAM_TOKEN": TOKEN, **env, "TRIAGEBOT_TELEGRAM_API_BASE": base}
        self.log = folder / f"{name}.log"
        self.call = call or command("run")
        self.process: subprocess.Popen[bytes] | None = None
        self._start_of_log = 0

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._start_of_log = log.tell()
            self.process = subprocess.Popen(self.call, env=self.env, stdout=log, stderr=log)

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    @property
    def web(self) -> str:
        """Where the newest process serves HTTP, "" until it does: port 0 is any that is free, and the log says which."""
        lines = self.log.read_bytes()[self._start_of_log :].splitlines() if self.log.exists() else []
        said = [json.loads(line) for line in lines if b'"web.listening"' in line]
        return f"http://127.0.0.1:{said[0]['port']}" if said else ""

    def kill(self) -> None:
        """kill -9: no farewell, no flush."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait(30)
            self.process = None

    def pause(self) -> None:
        """SIGSTOP: it does nothing, and does not know."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def wake(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGCONT)

    def says(self, event: str) -> bool:
        """Whether the newest process has written ``event`` into its log."""
        return f'"{event}"'.encode() in self.log.read_bytes()[self._start_of_log :]

    def count(self, *signs: str) -> int:
        """How many lines of the newest process's log have all of ``signs``."""
        lines = self.log.read_bytes()[self._start_of_log :].splitlines()
        return sum(all(sign.encode() in line for sign in signs) for line in lines)

    def stop(self) -> int:
        """SIGTERM, as a service manager does; returns the exit code."""
        assert self.process is not None
        self.process.terminate()
        code = self.process.wait(30)
        self.process = None
        return code

    def again(self) -> None:
        self.kill()
        self.start()


def rules_folder() -> Path:
    """The rule pack under test."""
    given = os.environ.get("TRIAGEBOT_RULES_DIR")
    return Path(given) if given else Path(__file__).resolve().parents[2] / "rules"


def delivered(folder: Path) -> bool:
    """A kill between Telegram's yes and our note of it says a thing twice: at least once is the promise there."""
    with sqlite3.connect(folder / "bot.db") as database:
        return database.execute("SELECT count(*) FROM outbox WHERE state = 'pending'").fetchone() == (0,)
