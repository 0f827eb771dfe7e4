"""Who is spoken to next when not all can be: people in a conversation and colleagues first, strangers each fourth time.

Ten thousand first answers take Telegram six minutes. Nobody who is in the middle of something waits behind them; and however
much is said to others, strangers go on being answered.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from triagebot.messages import PRIORITY_FIRST
from triagebot.store.outbox import Parcel

EACH = 4


@dataclass
class Share:
    """Remembers how many others were spoken to since a stranger was."""

    _others: int = 0

    def in_turn(self, parcels: Iterable[Parcel]) -> list[Parcel]:
        """``parcels``, best first, with the strangers' where their turn is."""
        others: deque[Parcel] = deque()
        strangers: deque[Parcel] = deque()
        for parcel in parcels:
            (strangers if _is_first(parcel) else others).append(parcel)
        found: list[Parcel] = []
        since = self._others
        while others and strangers:
            turn = since >= EACH - 1
            found.append((strangers if turn else others).popleft())
            since = 0 if turn else since + 1
        return [*found, *others, *strangers]

    def spoken(self, parcel: Parcel) -> None:
        self._others = 0 if _is_first(parcel) else self._others + 1


def _is_first(parcel: Parcel) -> bool:
    return parcel.priority >= PRIORITY_FIRST
