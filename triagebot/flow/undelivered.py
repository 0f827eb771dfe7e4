"""What becomes of a message that the network did not take: tried again later, at most so often, or given up and told."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlmodel import Session

from triagebot.desk import tickets
from triagebot.desk.office import Office
from triagebot.desk.team.agents import STAFF
from triagebot.desk.watching import subscriptions
from triagebot.errors import DeliveryError
from triagebot.flow.floods import Floods
from triagebot.pace import Pace
from triagebot.store import outbox, waits
from triagebot.store.outbox import Parcel
from triagebot.store.store import Store

log = structlog.get_logger()

MOST_ATTEMPTS = 8
"""After this many tries (about four minutes of back-off) a message becomes a dead letter that agents can see."""
_LONGEST_WAIT_S = 120.0


@dataclass
class Undelivered:
    """``owners``: all (channel, bot) pairs that we speak for; ``jitter``: 0 to 1, so that not all come back at once."""

    store: Store
    office: Office
    owners: Collection[tuple[str, str]]
    clock: Callable[[], datetime]
    paces: Mapping[str, Pace]
    jitter: Callable[[], float]
    _floods: Floods = field(default_factory=Floods)

    async def note(self, parcel: Parcel, error: DeliveryError) -> None:
        now = self.clock()
        flood = error.retry_after_s is not None
        if error.permanent or (not flood and parcel.attempts + 1 >= MOST_ATTEMPTS):
            log.warning("delivery.given_up", outbox=parcel.id, ticket=parcel.ticket_id, reason=str(error))
            await self.store.write(self._give_up, parcel, str(error), error.permanent, now)
            return
        wait = error.retry_after_s if flood else min(_LONGEST_WAIT_S, 2.0**parcel.attempts * (0.5 + self.jitter()))
        until = now + min(waits.LONGEST, timedelta(seconds=wait or 1.0))
        everywhere = flood and (error.everywhere or self._floods.concerns_all(parcel.to, now, until))
        log.info("delivery.retry", outbox=parcel.id, wait_s=wait, everywhere=everywhere, reason=str(error))
        if everywhere and (pace := self.paces.get(parcel.to.channel)) is not None:
            pace.hold(wait or 1.0)
        await self.store.write(self._put_off, parcel, str(error), until, flood, everywhere)

    def _put_off(
        self, session: Session, parcel: Parcel, reason: str, until: datetime, flood: bool, everywhere: bool
    ) -> None:
        """A network that asks for patience has not refused the message: that is no failed try."""
        outbox.retry(session, parcel.id, reason, until, failed=not flood)
        for channel, bot in self.owners if everywhere else ():
            if channel == parcel.to.channel:
                outbox.hold_all(session, channel, bot, until)

    def _give_up(self, session: Session, parcel: Parcel, reason: str, permanent: bool, now: datetime) -> None:
        """A dead letter is an event on its ticket: agents must see that the person was not reached. Whoever blocked us is
        written to unasked no more."""
        outbox.dead(session, parcel.id, reason, now)
        if permanent and parcel.to.bot != STAFF:
            subscriptions.unreachable(session, parcel.to)
        ticket = tickets.held(session, parcel.ticket_id)
        if ticket is not None:
            facts = {"reason": reason, **({"staff": True} if parcel.to.bot == STAFF else {})}
            tickets.record(session, self.office, ticket, "undelivered", "system", now, facts)
