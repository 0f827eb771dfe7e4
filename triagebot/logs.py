"""Logs: structlog to stderr, every string redacted on its way out, as people read it or as JSON lines."""

from __future__ import annotations

import contextlib
import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from triagebot.privacy import redact_structure


def _redact(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Personal numbers never reach a log, wherever they came from (exception texts included)."""
    for key in [k for k in event if k not in ("timestamp", "level")]:
        event[key] = redact_structure(event[key])
    return event


def configure(level: str, form: str) -> None:
    """``form``: console or json. Messages of libraries (aiogram, apscheduler) take the same way from WARNING on."""
    render: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    before: list[Any] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    after: list[Any] = [structlog.processors.format_exc_info, _redact]
    structlog.configure(
        processors=[*before, *after, render],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=_to_stderr,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=before, processors=[_drop_record, *after, render])
    )
    logging.basicConfig(handlers=[handler], level=max(logging.WARNING, logging.getLevelName(level)), force=True)


class _Stderr(structlog.PrintLogger):
    """A line that cannot be written (the disk is full, nobody reads any more) is lost; the work goes on."""

    def msg(self, message: str) -> None:
        with contextlib.suppress(OSError):
            super().msg(message)

    debug = info = warning = error = critical = exception = msg


def _to_stderr(*_: Any) -> structlog.PrintLogger:
    """Whatever stderr is at that moment: it may have been replaced since logging was set up."""
    return _Stderr(sys.stderr)


def _drop_record(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return structlog.stdlib.ProcessorFormatter.remove_processors_meta(logger, method, event)
