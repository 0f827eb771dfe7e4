"""How much of people's pictures this process holds at once, while they come and are looked at: memory has an end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from triagebot.errors import RequestRefused

MOST_BYTES = 64 * 1024 * 1024
"""Of all people together. Uploads that would need more are asked to come again; their pages do so by themselves."""
_LATER_S = 5.0
_NEXT_S = 2.0

More = Callable[[int], None]
"""Called with the bytes that have come. RequestRefused when they are too many to hold."""


@dataclass
class Hands:
    most_bytes: int = MOST_BYTES
    _held: dict[str, int] = field(default_factory=dict)

    @contextmanager
    def taking(self, chat: str) -> Iterator[More]:
        """While a picture of ``chat`` is held: one at a time, so that nobody has all hands to themselves."""
        if chat in self._held:
            raise RequestRefused(429, "web.chat.too_fast", _NEXT_S)
        self._held[chat] = 0
        try:
            yield lambda size: self._more(chat, size)
        finally:
            del self._held[chat]

    def _more(self, chat: str, size: int) -> None:
        if sum(self._held.values()) + size > self.most_bytes:
            raise RequestRefused(503, "web.chat.busy", _LATER_S)
        self._held[chat] += size
