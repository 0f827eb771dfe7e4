"""How often one person may have the bot's attention: who goes on beyond it is asked to wait, and is then heard all at once."""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from triagebot.messages import Address

MOST_TURNS = 60
SPAN = timedelta(minutes=1)
"""So many turns within so much wall time: chat networks take one answer a second in a chat, so that more could not be answered
anyway, and a person who reads the answers stays far below it."""
_MOST_CHATS = 10_000


@dataclass
class Hurry:
    """The last turns of those who spoke lately. In memory only: a restart forgives."""

    _turns: OrderedDict[Address, deque[datetime]] = field(default_factory=OrderedDict)

    def turn(self, to: Address, now: datetime) -> None:
        """The person had a turn."""
        known = self._turns.setdefault(to, deque(maxlen=MOST_TURNS))
        known.append(now)
        self._turns.move_to_end(to)
        if len(self._turns) > _MOST_CHATS:
            self._turns.popitem(last=False)

    def until(self, to: Address, now: datetime) -> datetime | None:
        """When the person is heard again; None: now."""
        known = self._turns.get(to)
        if known is None or len(known) < MOST_TURNS or not timedelta(0) <= now - known[0] < SPAN:
            return None
        return known[0] + SPAN
