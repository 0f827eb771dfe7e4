"""How much one person, one address and all the world may ask of the chat. In memory only: a restart forgives."""

from __future__ import annotations

import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from triagebot.errors import RequestRefused
from triagebot.pace import Bucket, Limit

OF_CHAT = Limit(rate=1.0, burst=20)
OF_CALLER = Limit(rate=10.0, burst=200)
"""Behind one address of a mobile network there are thousands of people."""
PICTURES = Limit(rate=0.1, burst=6)
NEW_OF_CALLER = Limit(rate=0.2, burst=30)
NEW_IN_ALL = Limit(rate=10.0, burst=300)
"""People who were never seen before: 600 a minute, all of them together."""
STREAMS_OF_CALLER, STREAMS_IN_ALL = 60, 500
"""Open pages. Below what the server has connections for (web.server), so that there is always one to post on."""
_MOST = 20_000
_LATER_S = 30.0


@dataclass
class Buckets:
    """One bucket for each name. Of more than ``most`` names the ones that were longest silent are forgotten."""

    limit: Limit
    monotonic: Callable[[], float]
    most: int = _MOST
    _known: OrderedDict[str, Bucket] = field(default_factory=OrderedDict)

    def __len__(self) -> int:
        return len(self._known)

    def take(self, name: str) -> None:
        """RequestRefused when ``name`` must wait."""
        bucket = self._known.setdefault(name, Bucket(self.limit))
        self._known.move_to_end(name)
        while len(self._known) > self.most:
            self._known.popitem(last=False)
        now = self.monotonic()
        if wait_s := bucket.wait(now):
            raise RequestRefused(429, "web.chat.too_fast", wait_s)
        bucket.take(now)


@dataclass
class Limits:
    """``caller``: see web.callers; what "" may have is only bounded by what each chat may, and all of them together."""

    monotonic: Callable[[], float] = time.monotonic
    _streams: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._chats = Buckets(OF_CHAT, self.monotonic)
        self._callers = Buckets(OF_CALLER, self.monotonic)
        self._pictures = Buckets(PICTURES, self.monotonic)
        self._new = Buckets(NEW_OF_CALLER, self.monotonic)
        self._all_new = Buckets(NEW_IN_ALL, self.monotonic)

    def request(self, caller: str) -> None:
        """Anything that is posted."""
        if caller:
            self._callers.take(caller)

    def message(self, chat: str) -> None:
        self._chats.take(chat)

    def picture(self, chat: str) -> None:
        self._pictures.take(chat)

    def stranger(self, caller: str) -> None:
        """The first word of somebody new."""
        if caller:
            self._new.take(caller)
        self._all_new.take("all")

    @contextmanager
    def stream(self, caller: str) -> Iterator[None]:
        """While a page is open."""
        self.room(caller)
        self._streams[caller] += 1
        try:
            yield
        finally:
            self._streams[caller] -= 1
            if not self._streams[caller]:
                del self._streams[caller]

    def room(self, caller: str) -> None:
        """RequestRefused when no more pages can be open."""
        many = caller and self._streams[caller] >= STREAMS_OF_CALLER
        if many or self._streams.total() >= STREAMS_IN_ALL:
            raise RequestRefused(429, "web.chat.full", _LATER_S)
