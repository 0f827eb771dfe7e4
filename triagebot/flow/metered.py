"""A channel's speaking half with a meter on it: how each attempt to send ended, and how long it took."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from triagebot.errors import DeliveryError
from triagebot.messages import Address, Incoming, Outgoing, Receipt, Sends
from triagebot.meter import Meter, Outcome


@dataclass(frozen=True)
class Metered:
    """Sends as ``sender`` does."""

    sender: Sends
    meter: Meter
    monotonic: Callable[[], float] = time.monotonic

    @property
    def channel(self) -> str:
        return self.sender.channel

    @property
    def bot(self) -> str:
        return self.sender.bot

    async def send(self, to: Address, message: Outgoing, known_ref: str) -> Receipt:
        started = self.monotonic()
        outcome: Outcome = "failed"
        try:
            receipt = await self.sender.send(to, message, known_ref)
            outcome = "sent"
        except DeliveryError as error:
            outcome = _outcome(error)
            raise
        finally:
            self.meter.attempted(self.channel, outcome, self.monotonic() - started)
        return receipt

    async def acknowledge(self, message: Incoming) -> None:
        await self.sender.acknowledge(message)


def _outcome(error: DeliveryError) -> Outcome:
    if error.permanent:
        return "refused"
    return "failed" if error.retry_after_s is None else "flood"
