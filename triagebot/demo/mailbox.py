"""The channel of the made-up people: what the bot says to them is delivered at once, and read by who plays them."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass, field

from triagebot.messages import Address, Incoming, Intake, Outgoing, Receipt
from triagebot.pace import Pace

CHANNEL, BOT = "web", "web"
"""They came through the web chat: there nothing has to be posted anywhere, whatever is written to them later."""


@dataclass
class Mailbox:
    """``last``: by chat, the last message that was said to it; ``unread``: chats whose person has not looked yet."""

    channel: str = CHANNEL
    bot: str = BOT
    staff: bool = False
    polls: bool = False
    pace: Pace | None = None
    room: Address | None = None
    last: dict[str, Outgoing] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)
    _count: itertools.count[int] = field(default_factory=itertools.count)

    async def listen(self, intake: Intake) -> None:
        await asyncio.Event().wait()

    async def send(self, to: Address, message: Outgoing, known_ref: str) -> Receipt:
        self.last[to.chat] = message
        self.unread.add(to.chat)
        return Receipt(f"demo-{next(self._count)}")

    async def acknowledge(self, message: Incoming) -> None:
        """Nobody is watching."""
