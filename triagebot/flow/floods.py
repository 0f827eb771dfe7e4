"""Whether a network that asks for silence means one chat or all of them: it does not always say."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from triagebot.messages import Address


@dataclass
class Floods:
    """Who was last asked to be left alone on each channel, and until when."""

    _last: dict[str, tuple[str, datetime]] = field(default_factory=dict)

    def concerns_all(self, to: Address, now: datetime, until: datetime) -> bool:
        """The network asks us not to speak to ``to`` before ``until``. It means everybody when it has just asked the same for
        another chat: each by itself is spoken to slowly enough."""
        chat, waits_until = self._last.get(to.channel, (to.chat, now))
        self._last[to.channel] = (to.chat, until)
        return chat != to.chat and waits_until > now
