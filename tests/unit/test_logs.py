"""The log is not worth the service: a line that cannot be written ends nothing."""

from __future__ import annotations

import errno
import io
import logging

import pytest
import structlog

from triagebot import logs


class Disk(io.StringIO):
    full = True

    def write(self, text: str) -> int:
        if self.full:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(text)


@pytest.mark.parametrize("level", ["info", "warning", "error", "exception"])
def test_a_full_disk_costs_lines_and_nothing_else(level: str, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = Disk()
    monkeypatch.setattr("sys.stderr", disk)
    before, root = structlog.get_config(), logging.getLogger()
    handlers, threshold = root.handlers[:], root.level
    try:
        logs.configure("INFO", "json")
        log = structlog.get_logger()
        getattr(log, level)("lost")
        disk.full = False
        getattr(log, level)("kept")
    finally:
        structlog.configure(**before)
        logging.basicConfig(handlers=handlers, level=threshold, force=True)
    assert "lost" not in disk.getvalue()
    assert '"event": "kept"' in disk.getvalue()
