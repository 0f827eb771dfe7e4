"""The weekly report over a year of traffic: 100,000 tickets and more than 800,000 events, made up from a seed, in SQLite.

Each form is made by ``triagebot sla report`` in a process of its own, so that time includes start, rules and imports, and
memory is all that the process ever held.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.desk_traffic import fill
from triagebot import rulebook
from triagebot.desk.office import open_office
from triagebot.report.forms import FORMS
from triagebot.resources import bundled
from triagebot.store import migrate
from triagebot.store.store import Store

TICKETS, DAYS, SEED = 100_000, 365, 7
UNTIL = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
"""Midnight in Shanghai, from Sunday to Monday."""
_RUN = """
import re, sys
from triagebot.cli import main
try:
    main(sys.argv[1:])
finally:
    print(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read()).group(1), file=sys.stderr)
"""
"""VmHWM, in kB: what getrusage tells a child begins with what its parent held."""


def run() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as name:
        url = f"sqlite:///{Path(name) / 'year.db'}"
        tickets, events = _year(url)
        last, middle = UNTIL, UNTIL - timedelta(days=26 * 7)
        figures: dict[str, Any] = {"tickets": tickets, "events": events}
        for form in FORMS:
            seconds, cpu_s, peak_mb = _report(url, form, last, Path(name))
            figures |= {f"{form}_s": seconds, f"{form}_cpu_s": cpu_s, f"{form}_peak_mb": peak_mb}
        seconds, _, _ = _report(url, "text", middle, Path(name))
        return {**figures, "text_half_a_year_ago_s": seconds}


def _year(url: str) -> tuple[int, int]:
    migrate.upgrade(url)
    office = open_office(rulebook.load(bundled("rules")), ZoneInfo("Asia/Shanghai"))
    store = Store.open(url)
    try:
        return store.write_now(fill, office, tickets=TICKETS, days=DAYS, until=UNTIL, seed=SEED)
    finally:
        store.close()


def _report(url: str, form: str, until: datetime, folder: Path) -> tuple[float, float, float]:
    """Wall and processor seconds of the whole process, and the most memory that it held (MB)."""
    env = {**os.environ, "TRIAGEBOT_DATABASE_URL": url, "TRIAGEBOT_DATA_DIR": str(folder)}
    before, began = os.times(), time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", _RUN, "sla", "report", "--since", "7d", "--until", until.isoformat(), "--format", form,
         "--out", str(folder / form)],
        env=env, capture_output=True, text=True, check=True,
    )  # fmt: skip
    took, after = time.perf_counter() - began, os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return round(took, 2), round(cpu, 2), round(int(done.stderr.split()[-1]) / 1024)
