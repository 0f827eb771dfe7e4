"""How fast a network may be spoken to: one bucket for everything, one for each chat. Wall seconds, clock injected."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

_MOST_CHATS = 10_000


@dataclass
class Bucket:
    """A token bucket: ``burst`` at once, then ``rate`` a second."""

    rate: float
    burst: float
    level: float = -1.0
    at: float = 0.0

    def wait(self, now: float) -> float:
        """Seconds until one token is there; 0 when it is there now. Takes nothing."""
        if self.level < 0:
            self.level, self.at = self.burst, now
        self.level = min(self.burst, self.level + max(0.0, now - self.at) * self.rate)
        self.at = now
        return 0.0 if self.level >= 1 else (1 - self.level) / self.rate

    def take(self, now: float) -> None:
        self.wait(now)
        self.level -= 1


@dataclass
class Pace:
    """A channel's limits. ``rate``/``burst`` over all chats, ``chat_rate``/``chat_burst`` in one chat, per second."""

    rate: float
    burst: float
    chat_rate: float
    chat_burst: float
    monotonic: Callable[[], float]
    _all: Bucket = field(init=False)
    _chats: dict[str, Bucket] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._all = Bucket(self.rate, self.burst)

    def ready_in(self, chat: str) -> float:
        """Seconds until ``chat`` may be spoken to again."""
        now = self.monotonic()
        return max(self._all.wait(now), self._bucket(chat).wait(now))

    def spoken(self, chat: str) -> None:
        now = self.monotonic()
        self._all.take(now)
        self._bucket(chat).take(now)

    def _bucket(self, chat: str) -> Bucket:
        if len(self._chats) > _MOST_CHATS:
            now = self.monotonic()
            self._chats = {c: b for c, b in self._chats.items() if b.wait(now) or b.level < b.burst}
        return self._chats.setdefault(chat, Bucket(self.chat_rate, self.chat_burst))
