"""Outbox -> network: in order per chat, urgent chats first, paced, patient with the network, honest about what failed."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlmodel import Session

from triagebot.desk import tickets
from triagebot.desk.agents import STAFF
from triagebot.desk.office import Office
from triagebot.errors import DeliveryError
from triagebot.flow.bell import Bell
from triagebot.flow.orders import Orders
from triagebot.messages import Receipt, Sends
from triagebot.pace import Pace
from triagebot.store import outbox
from triagebot.store.outbox import Parcel
from triagebot.store.store import Store
from triagebot.store.tables import Ticket

log = structlog.get_logger()

MOST_ATTEMPTS = 8
"""After this many tries (about four minutes of back-off) a message becomes a dead letter that agents can see."""
_LONGEST_WAIT_S = 120.0
_AT_ONCE = 30


@dataclass
class Deliver:
    """The loop. ``senders``: channel name -> the speaking half; ``paces``: channel name -> its limits, if any."""

    store: Store
    office: Office
    senders: dict[str, Sends]
    owners: Collection[tuple[str, str]]
    clock: Callable[[], datetime]
    said: Bell
    paces: dict[str, Pace] = field(default_factory=dict)
    patience_s: float = 0.5
    jitter: Callable[[], float] = random.random

    def __post_init__(self) -> None:
        self.orders = Orders(self.store, self.office, self.clock, self.said)

    async def run(self) -> None:
        while True:
            if not await self.once():
                await self.said.wait(self.patience_s)

    async def once(self) -> int:
        """Send the next message of each chat that may be spoken to now; returns how many were handled."""
        heads = await self.store.read(outbox.heads, self.owners, self.clock(), _AT_ONCE)
        ready = [parcel for parcel in heads if self.orders.ready(parcel.message) and self._may_speak(parcel)]
        receipts = await asyncio.gather(*(self._send(parcel) for parcel in ready))
        if taken := [(parcel.id, receipt) for parcel, receipt in zip(ready, receipts, strict=True) if receipt]:
            await self.store.write(self._delivered, taken)
        if heads and not ready:
            await self.said.wait(min(self._pause(parcel) for parcel in heads))
        return len(heads)

    def _may_speak(self, parcel: Parcel) -> bool:
        pace = self.paces.get(parcel.to.channel)
        if pace is None:
            return True
        if pace.ready_in(parcel.to.chat) > 0:
            return False
        pace.spoken(parcel.to.chat)
        return True

    def _pause(self, parcel: Parcel) -> float:
        if not self.orders.ready(parcel.message):
            return self.patience_s
        pace = self.paces.get(parcel.to.channel)
        return max(0.01, pace.ready_in(parcel.to.chat)) if pace is not None else 0.01

    async def _send(self, parcel: Parcel) -> Receipt | None:
        try:
            message = self.orders.carried_out(parcel.message)
            return await self.senders[parcel.to.channel].send(parcel.to, message, parcel.known_ref)
        except DeliveryError as error:
            await self._failed(parcel, error)
        except Exception as error:  # a bug about one message must not cost the receipts of the others
            log.exception("delivery.failed", outbox=parcel.id)
            await self._failed(parcel, DeliveryError(type(error).__name__, permanent=False))
        return None

    def _delivered(self, session: Session, taken: Sequence[tuple[int, Receipt]]) -> None:
        now = self.clock()
        for number, receipt in taken:
            outbox.sent(session, number, receipt, now)

    async def _failed(self, parcel: Parcel, error: DeliveryError) -> None:
        now = self.clock()
        flood = error.retry_after_s is not None
        if error.permanent or (not flood and parcel.attempts + 1 >= MOST_ATTEMPTS):
            log.warning("delivery.given_up", outbox=parcel.id, ticket=parcel.ticket_id, reason=str(error))
            await self.store.write(self._give_up, parcel, str(error), now)
            return
        wait = error.retry_after_s if flood else min(_LONGEST_WAIT_S, 2.0**parcel.attempts * (0.5 + self.jitter()))
        until = now + timedelta(seconds=wait or 1.0)
        log.info("delivery.retry", outbox=parcel.id, attempts=parcel.attempts + 1, wait_s=wait, reason=str(error))
        await self.store.write(outbox.retry, parcel.id, str(error), until)
        if error.everywhere:
            await self.store.write(outbox.hold_all, parcel.to.channel, parcel.to.bot, until)

    def _give_up(self, session: Session, parcel: Parcel, reason: str, now: datetime) -> None:
        """A dead letter is an event on its ticket: agents must see that the person was not reached."""
        outbox.dead(session, parcel.id, reason, now)
        ticket = session.get(Ticket, parcel.ticket_id) if parcel.ticket_id is not None else None
        if ticket is not None:
            facts = {"reason": reason, **({"staff": True} if parcel.to.bot == STAFF else {})}
            tickets.record(session, self.office, ticket, "undelivered", "system", now, facts)
