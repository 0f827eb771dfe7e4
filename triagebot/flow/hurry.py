"""How often one person may have the bot's attention: who goes on beyond it waits a few seconds, is told so once, and is then
heard all at once."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from triagebot.messages import Address
from triagebot.pace import Bucket, Limit

MOST_TURNS = 20
TURN_S = 3.0
"""So many turns at once, then one in so many seconds: who reads the answers stays far below it, and chat networks take one
answer a second in a chat, so that more could not be said anyway."""
MOST_WAIT_S = 3 * TURN_S
"""However much was heard at once, nobody waits for longer: what waits meanwhile would be more still the next time."""
_LIMIT = Limit(rate=1 / TURN_S, burst=MOST_TURNS)
_DEEPEST = 1 - MOST_WAIT_S / TURN_S
_FORGET = timedelta(seconds=MOST_TURNS * TURN_S)
"""After so much silence everybody has all turns again: nothing needs to be known of them."""
_MOST_CHATS = 10_000


@dataclass(slots=True)
class _Turns:
    """``told``: whether the person knows that they are too fast, since they were last quiet."""

    left: Bucket
    last: datetime
    told: bool = False


@dataclass
class Hurry:
    """The turns of those who spoke lately, the longest silent first. In memory only: a restart forgives."""

    _known: OrderedDict[Address, _Turns] = field(default_factory=OrderedDict)

    def __len__(self) -> int:
        """How many people are kept in mind."""
        return len(self._known)

    def turn(self, to: Address, now: datetime) -> None:
        """The person had a turn."""
        known = self._known.setdefault(to, _Turns(Bucket(_LIMIT), now))
        known.left.take(now.timestamp())
        known.left.level = max(known.left.level or 0.0, _DEEPEST)
        known.last = now
        self._known.move_to_end(to)
        self._forget(now)

    def until(self, to: Address, now: datetime) -> datetime | None:
        """When the person is heard again; None: now. A clock that goes back makes nobody wait for longer."""
        known = self._known.get(to)
        if known is None or now < known.last:
            return None
        wait_s = known.left.wait(now.timestamp())
        return now + timedelta(seconds=wait_s) if wait_s > 0 else None

    def tell(self, to: Address) -> bool:
        """Whether the person is still to be told that they must wait; asked once, it is done."""
        known = self._known.get(to)
        if known is None or known.told:
            return False
        known.told = True
        return True

    def _forget(self, now: datetime) -> None:
        while self._known:
            longest_silent = next(iter(self._known.values()))
            if len(self._known) <= _MOST_CHATS and now - longest_silent.last < _FORGET:
                return
            self._known.popitem(last=False)
