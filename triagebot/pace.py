"""How fast a network may be spoken to: one bucket for everything, one for each chat. Wall seconds, clock injected."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

_MOST_CHATS = 10_000


@dataclass(frozen=True)
class Limit:
    """``burst`` at once, then ``rate`` a second: in any ``t`` seconds at most ``burst + rate * t``."""

    rate: float
    burst: float


@dataclass
class Bucket:
    """A token bucket. It may be overdrawn: what was said although nobody asked is paid for by waiting longer."""

    limit: Limit
    level: float | None = None
    at: float = 0.0

    def wait(self, now: float) -> float:
        """Seconds until one token is there; 0 when it is there now. Takes nothing."""
        level = self.level_at(now)
        return 0.0 if level >= 1 else (1 - level) / self.limit.rate

    def take(self, now: float) -> None:
        self.level = self.level_at(now) - 1

    def level_at(self, now: float) -> float:
        """How many tokens there are; full when nothing was ever taken. A clock that goes back gives nothing away."""
        if self.level is None:
            self.level = self.limit.burst
        else:
            self.level = min(self.limit.burst, self.level + max(0.0, now - self.at) * self.limit.rate)
        self.at = now
        return self.level


@dataclass
class Pace:
    """A channel's limits: over all chats, and what ``of_chat`` says for each."""

    overall: Limit
    of_chat: Callable[[str], Limit]
    monotonic: Callable[[], float]
    _all: Bucket = field(init=False)
    _chats: dict[str, Bucket] = field(default_factory=dict)
    _silent_until: float = float("-inf")

    def __post_init__(self) -> None:
        self._all = Bucket(self.overall)

    def ready_in(self, chat: str) -> float:
        """Seconds until ``chat`` may be spoken to again."""
        return max(self.silent_s(), self._bucket(chat).wait(self.monotonic()))

    def silent_s(self) -> float:
        """Seconds until anybody may be spoken to."""
        now = self.monotonic()
        return max(self._silent_until - now, self._all.wait(now), 0.0)

    def room(self, chat: str) -> int:
        """How many messages ``chat`` by itself could be told at once."""
        return max(0, int(self._bucket(chat).level_at(self.monotonic())))

    def spoken(self, chat: str) -> None:
        self._take(chat, self.monotonic())

    def recall(self, spoken: Iterable[tuple[str, float]]) -> None:
        """Begin anew: all that was said lately, by whomever, is that these chats were spoken to, each so many seconds ago."""
        now = self.monotonic()
        self._all, self._chats = Bucket(self.overall), {}
        for chat, ago in sorted(spoken, key=lambda one: -one[1]):
            self._take(chat, now - ago)

    def hold(self, seconds: float) -> None:
        """Silence in all chats."""
        self._silent_until = max(self._silent_until, self.monotonic() + seconds)

    def _take(self, chat: str, at: float) -> None:
        self._all.take(at)
        self._bucket(chat).take(at)

    def _bucket(self, chat: str) -> Bucket:
        if chat not in self._chats and len(self._chats) >= _MOST_CHATS:
            now = self.monotonic()
            self._chats = {c: b for c, b in self._chats.items() if b.level_at(now) < b.limit.burst}
        return self._chats.setdefault(chat, Bucket(self.of_chat(chat)))
