"""Another program that asks Telegram for the same bot's updates: Telegram ends one's request with 409 when the other asks.

Nothing that we confirmed can be lost by it; what the other one confirmed we never see. So people must be told, in words.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from triagebot.channels.telegram.api import tg

log = structlog.get_logger()

AGAIN_S = 3.0
"""Wall seconds until we ask again: one that is just being stopped is soon gone."""
_REMIND_S = 60.0

_POLLER = (
    "another program polls Telegram with this token, and takes messages that we then never see; stop it, "
    "or give each program a bot of its own (with PostgreSQL several triagebot run may share one: set one "
    "TRIAGEBOT_DATABASE_URL for all)"
)
_WEBHOOK = (
    "another program has set a webhook for this token, so that Telegram posts there; stop it and start triagebot "
    "again, or set TRIAGEBOT_TELEGRAM_MODE=webhook"
)


@dataclass
class Rivals:
    """Said once, and again every minute for as long as it goes on. ``monotonic``: seconds."""

    monotonic: Callable[[], float] = time.monotonic
    _said_at: float | None = None

    def seen(self, error: tg.TelegramConflictError) -> None:
        now = self.monotonic()
        if self._said_at is None or now - self._said_at >= _REMIND_S:
            self._said_at = now
            log.error("telegram.second_poller", advice=_WEBHOOK if "webhook" in error.message else _POLLER)
