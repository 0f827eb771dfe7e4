"""The program itself, with waits that a test can sit out, and a wall clock that a test can put wrong while it runs.

As a program: ``python altered.py '{"lease_s": 2.0}' run …``. ``run()`` makes such a command line.
"""

from __future__ import annotations

import functools
import json
import sys
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any


def run(
    *arguments: str, lease_s: float | None = None, busy_ms: int | None = None, clock: Path | None = None
) -> list[str]:
    """``lease_s``: of all leases and claims of a shared database; ``busy_ms``: see engines.BUSY_MS; ``clock``: a file with
    the seconds by which the process's wall clock is wrong, read at each look at it (its steady clock stays right)."""
    wanted = {"lease_s": lease_s, "busy_ms": busy_ms, "clock": str(clock) if clock else None}
    return [sys.executable, "-P", __file__, json.dumps(wanted), "run", *arguments]


def main(wanted: dict[str, Any], arguments: list[str]) -> None:
    from triagebot import app, cli, opening
    from triagebot.flow import claims, tick
    from triagebot.store import engines, postgres

    if lease_s := wanted["lease_s"]:
        claims.CLAIM_S = tick._SHORTEST_TERM_S = lease_s
        postgres.MOST_IDLE_MS = int(1000 * lease_s)
        app.Standby = functools.partial(app.Standby, ttl_s=lease_s)
    if busy_ms := wanted["busy_ms"]:
        engines.BUSY_MS = busy_ms
    if clock := wanted["clock"]:
        opening.datetime = _wrong_by(Path(clock))
    cli.main(arguments)


def _wrong_by(file: Path) -> type[datetime]:
    class Wrong(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Any:
            return datetime.now(tz) + timedelta(seconds=float(file.read_text()))

    return Wrong


if __name__ == "__main__":
    main(json.loads(sys.argv[1]), sys.argv[2:])
