"""Pictures that may be shown for a while, in this process's memory only: gone with it, never on disk, never in a log."""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

KEPT_S = 2 * 3600.0
"""Wall seconds: as long as somebody may still be looking at the conversation."""
MOST_BYTES = 64 * 1024 * 1024


@dataclass
class Keepsakes:
    """``seconds``: a clock that only goes forward. Used from one thread."""

    seconds: Callable[[], float] = time.monotonic
    most_bytes: int = MOST_BYTES
    _kept: OrderedDict[str, tuple[float, bytes]] = field(default_factory=OrderedDict)
    _size: int = 0

    def keep(self, picture: bytes) -> str:
        """The name that nobody can guess under which ``picture`` is found again; the oldest ones give way to it."""
        name = secrets.token_urlsafe(12)
        self._kept[name] = (self.seconds(), picture)
        self._size += len(picture)
        while self._kept and (self._size > self.most_bytes or self._is_over(next(iter(self._kept.values()))[0])):
            _, (_, gone) = self._kept.popitem(last=False)
            self._size -= len(gone)
        return name

    def find(self, name: str) -> bytes:
        """b"" once it is gone."""
        at, picture = self._kept.get(name, (0.0, b""))
        return b"" if not picture or self._is_over(at) else picture

    def forget(self, name: str) -> None:
        _, picture = self._kept.pop(name, (0.0, b""))
        self._size -= len(picture)

    def _is_over(self, since: float) -> bool:
        return self.seconds() - since > KEPT_S
