"""Telegram's posts to us: whether it is Telegram that posts, and what it says. Nothing here speaks HTTP."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from triagebot.channels.telegram.settings import CHANNEL
from triagebot.messages import Batch, Incoming

SECRET_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105 (the name of a header)
MOST_CONNECTIONS = 40
"""How many updates Telegram may post at the same time; its own default."""


@dataclass(frozen=True)
class TelegramWebhook:
    """``url``: where Telegram posts. ``decode``: raw updates as they come from polling, too, -> a batch. ``sign``: gives
    people a sign of life, without being waited for."""

    url: str
    decode: Callable[[Sequence[Any]], Batch]
    sign: Callable[[Sequence[Incoming]], None]
    secret: str = field(repr=False)
    channel: str = CHANNEL

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    def admits(self, headers: Mapping[str, str]) -> bool:
        """In constant time: how long a wrong answer takes tells nothing about the right one."""
        given = headers.get(SECRET_HEADER, "")
        return hmac.compare_digest(given.encode(), self.secret.encode())

    def read(self, body: bytes) -> Batch:
        """One update. ValueError unless it is a JSON object with a whole number as ``update_id``."""
        try:
            update = json.loads(body)
        except RecursionError:
            raise ValueError("the JSON is nested too deeply") from None
        if not isinstance(update, dict) or type(update.get("update_id")) is not int:
            raise ValueError("not an update")
        return self.decode([update])

    def heard(self, messages: Sequence[Incoming]) -> None:
        self.sign(messages)


def address(base: str, bot: str) -> str:
    """Where Telegram posts for ``bot``: below the path that ``base`` has itself."""
    return f"{base}/telegram/{bot}"
