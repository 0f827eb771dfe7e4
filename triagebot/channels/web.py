"""The web chat as a network: what is to be said needs no posting, for the browser is shown the outbox itself.

What people type comes through web.chat, which puts it into the inbox.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field

from triagebot.messages import Address, Incoming, Intake, Outgoing, Receipt
from triagebot.pace import Limit, Pace
from triagebot.store import mailbox

_ALL = Limit(rate=1000.0, burst=1000)
_CHAT = Limit(rate=20.0, burst=100)
"""Far more than anybody reads. That there is a limit at all bounds how many turns one person may have (flow.hurry)."""


@dataclass(frozen=True)
class Web:
    """Agents are not reached through it: they have the desk."""

    channel: str = mailbox.CHANNEL
    bot: str = mailbox.CHANNEL
    staff: bool = False
    polls: bool = False
    room: Address | None = None
    pace: Pace = field(default_factory=lambda: Pace(_ALL, lambda chat: _CHAT, time.monotonic))

    async def listen(self, intake: Intake) -> None:
        """The web server hears."""
        await asyncio.Event().wait()

    async def send(self, to: Address, message: Outgoing, known_ref: str) -> Receipt:
        """Said is what the outbox notes as sent. A message that had to be edited is shown as a new one."""
        return Receipt(message_ref="")

    async def acknowledge(self, message: Incoming) -> None:
        """The page shows by itself that an answer is on its way."""
