"""Outbox -> network: in order per chat, urgent chats first, paced; what fails is flow.undelivered's.

Each chat has one message under way at a time, and is written about as soon as the network has answered: a chat whose
network hangs keeps nobody else waiting, and a process that dies leaves little that has to be said again.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

import structlog
from sqlmodel import Session

from triagebot.access.addresses import Addresses
from triagebot.desk.office import Office
from triagebot.desk.team import agents
from triagebot.errors import DeliveryError
from triagebot.flow import folding, gathering
from triagebot.flow.bell import Bell
from triagebot.flow.gathered import Gathered
from triagebot.flow.orders import Orders
from triagebot.flow.persevere import persevering
from triagebot.flow.share import EACH, Share
from triagebot.flow.standby import Held
from triagebot.flow.undelivered import Undelivered
from triagebot.flow.under_way import UnderWay
from triagebot.messages import PRIORITY_FIRST, PRIORITY_ROUND, Address, Attachment, Outgoing, Receipt, Sends
from triagebot.pace import Pace
from triagebot.store import outbox
from triagebot.store.outbox import Parcel
from triagebot.store.replica import Replica
from triagebot.store.store import Store
from triagebot.vision.keepsakes import Keepsakes

log = structlog.get_logger()

T = TypeVar("T")

_AT_ONCE = 30
_ROUNDS_AT_ONCE, _ROUND_PAUSE_S = 2, 0.05
"""What many people hear unasked goes out with a pause after each (wall seconds), few at a time: of the thirty messages a second
that Telegram takes, ten are left for answers, and a process that dies seldom has one to say again, taken and not noted."""
_MOST_FOLDED = 200
_LATELY = timedelta(minutes=1)
"""The longest span over which a network counts (Telegram: 20 a minute in a group)."""
_LAST_WORDS_S = 5.0
PICTURE = "light.jpg"
"""The name under which a person gets back a picture of theirs with what was measured drawn into it."""


@dataclass(frozen=True)
class _Letter:
    """What is sent at once: a message, or ``notices`` folded into one. ``seen_at``: when it was last seen waiting."""

    parcel: Parcel
    message: Outgoing
    notices: Sequence[int]
    seen_at: float


@dataclass
class Deliver:
    """The loop. ``senders``: channel name -> the speaking half; ``paces``: channel name -> its limits, if any.

    ``held``: the lease under which this process sends, where others stand by; ``staff``: by channel, the one under which it
    speaks to colleagues too, whom any bot may reach. ``outlasts``: whether an outage of the database is waited out;
    else it is told. ``replica``: where reports are read. ``addresses``: where links lead to. ``keepsakes``: pictures
    that go along if they are still there. ``noted``: told who was spoken to, once that is in the database."""

    store: Store
    office: Office
    senders: dict[str, Sends]
    owners: Collection[tuple[str, str]]
    clock: Callable[[], datetime]
    said: Bell
    paces: dict[str, Pace] = field(default_factory=dict)
    patience_s: float = 0.5
    jitter: Callable[[], float] = random.random
    monotonic: Callable[[], float] = time.monotonic
    held: Held | None = None
    staff: dict[str, Held] = field(default_factory=dict)
    outlasts: bool = False
    replica: Replica | None = None
    addresses: Addresses = field(default_factory=Addresses)
    keepsakes: Keepsakes = field(default_factory=Keepsakes)
    noted: Callable[[Collection[Address]], None] = lambda chats: None

    def __post_init__(self) -> None:
        reading = self.replica or self.store
        self.orders = Orders(self.store, reading, self.office, self.clock, self.said, self.addresses)
        self._under_way = UnderWay(self.said)
        self._undelivered = Undelivered(self.store, self.office, self.owners, self.clock, self.paces, self.jitter)
        self._receipts = Gathered(self._note)
        self._share = Share()
        self._waiting = self._held_up = 0
        self._round_pause_s = self._next_round_at = 0.0

    async def run(self, held: Held | None = None) -> None:
        """For ever, or for as long as the lease is held."""
        self.held, self._round_pause_s = held, _ROUND_PAUSE_S
        await self._outlasting(self.recall)
        try:
            while True:
                _, pause_s = await self._outlasting(self._start)
                await self.said.wait(pause_s)
                self._under_way.check()
        finally:
            await self._under_way.end(_LAST_WORDS_S)

    async def speak_to_staff(self, channel: str, held: Held) -> None:
        """For as long as that lease is held, and ours to send as well."""
        self.staff[channel] = held
        try:
            await asyncio.Event().wait()
        finally:
            del self.staff[channel]

    async def once(self) -> int:
        """Send the next message of each chat that may be spoken to now; returns how many chats have something to hear."""
        started, pause_s = await self._start()
        await self._under_way.all()
        if self._waiting and not started:
            await self.said.wait(pause_s)
        return started + self._waiting

    async def recall(self) -> None:
        """A pace is kept across processes: what was sent before we came counts."""
        now = self.clock()
        lately = await self.store.read(outbox.sent_lately, now - _LATELY)
        for channel, pace in self.paces.items():
            pace.recall((chat, max(0.0, (now - at).total_seconds())) for name, chat, at in lately if name == channel)

    async def _start(self) -> tuple[int, float]:
        """Hand to the network what may go now; returns how many messages that was, and when to look again at the latest."""
        busy = self._under_way.chats()
        if len(busy) >= _AT_ONCE:
            return 0, self.patience_s
        if self._waiting and (silent_s := self._silent_s()) > 0:
            return 0, min(self.patience_s, silent_s)
        seen_at = self.monotonic()
        heads = await self.store.read(self._look, len(busy) + self._held_up + _AT_ONCE)
        waiting = self._share.in_turn(parcel for parcel in heads if parcel.to not in busy)
        started = 0
        for parcel in waiting:
            if len(busy) + started < _AT_ONCE and self._may_go(parcel):
                letter = await self._letter(parcel, seen_at)
                if (pace := self.paces.get(parcel.to.channel)) is not None:
                    pace.spoken(parcel.to.chat)
                self._share.spoken(parcel)
                if _is_round(parcel):
                    self._next_round_at = self.monotonic() + self._round_pause_s
                self._under_way.start(parcel.to, self._send(letter), round=_is_round(parcel))
                started += 1
        left = [parcel for parcel in waiting if parcel.to not in self._under_way.chats()]
        self._waiting, self._held_up = len(left), sum(self._is_held_up(parcel) for parcel in left)
        return started, min((self._pause_s(parcel) for parcel in left), default=self.patience_s)

    def _look(self, session: Session, most: int) -> list[Parcel]:
        """Nothing for whom another process speaks now, or may begin to before ours have gone out."""
        owners = self._speaking_for(session)
        now = self.clock()
        found: list[Parcel] = []
        for channel in sorted({channel for channel, _ in owners}):
            found += self._heads(session, [owner for owner in owners if owner[0] == channel], now, most)
        return sorted(found, key=lambda parcel: (parcel.priority, parcel.id))

    def _heads(self, session: Session, owners: Collection[tuple[str, str]], now: datetime, most: int) -> list[Parcel]:
        """Of one network: thousands who wait for one that is slow hide nobody on another."""
        found = outbox.heads(session, owners, now, most)
        if len(found) == most and found[-1].priority < PRIORITY_FIRST:
            found += outbox.heads(session, owners, now, max(1, most // EACH), PRIORITY_FIRST)
        return found

    def _speaking_for(self, session: Session) -> Collection[tuple[str, str]]:
        if self.held is None:
            return self.owners
        if not self.held.lasts(session):
            return ()
        staff = {channel for channel, held in self.staff.items() if held.lasts(session)}
        return [(channel, bot) for channel, bot in self.owners if bot != agents.STAFF or channel in staff]

    def _silent_s(self) -> float:
        """Until some channel may speak at all: before that, a look at thousands who wait helps none of them."""
        return min(self.paces[name].silent_s() if name in self.paces else 0.0 for name in self.senders)

    def _may_go(self, parcel: Parcel) -> bool:
        return self.orders.ready(parcel.message) and self._wait_s(parcel) <= 0 and not self._in_line(parcel)

    def _in_line(self, parcel: Parcel) -> bool:
        return _is_round(parcel) and (self._under_way.rounds >= _ROUNDS_AT_ONCE or self._until_next_round_s() > 0)

    def _until_next_round_s(self) -> float:
        return self._next_round_at - self.monotonic()

    def _wait_s(self, parcel: Parcel) -> float:
        pace = self.paces.get(parcel.to.channel)
        return pace.ready_in(parcel.to.chat) if pace is not None else 0.0

    def _is_held_up(self, parcel: Parcel) -> bool:
        """By itself, not by all the others: next time we look past it."""
        pace = self.paces.get(parcel.to.channel)
        return not self.orders.ready(parcel.message) or (pace is not None and pace.room(parcel.to.chat) == 0)

    def _pause_s(self, parcel: Parcel) -> float:
        """Until it can go; something urgent may come before."""
        if not self.orders.ready(parcel.message):
            return self.patience_s
        wait_s = self._until_next_round_s() if self._in_line(parcel) else self._wait_s(parcel)
        return min(self.patience_s, max(0.01, wait_s))

    async def _letter(self, parcel: Parcel, seen_at: float) -> _Letter:
        """Notices to colleagues become one message when more wait than their chat may be told at once."""
        pace = self.paces.get(parcel.to.channel)
        if parcel.message.topic or parcel.message.forum:
            room = pace.room(parcel.to.chat) if pace is not None else _MOST_FOLDED
            return _Letter(parcel, *await self.store.read(self._for_topic, parcel, room), seen_at)
        if pace is not None and folding.foldable(parcel):
            behind, lang = await self.store.read(self._behind, parcel)
            notices = folding.together(parcel, behind)
            if len(notices) > 1 and 1 + len(behind) > pace.room(parcel.to.chat):
                return _Letter(parcel, folding.folded(notices, lang), [n.id for n in notices], seen_at)
        return _Letter(parcel, parcel.message, [parcel.id], seen_at)

    def _for_topic(self, session: Session, parcel: Parcel, room: int) -> tuple[Outgoing, list[int]]:
        """With the network's id of its topic, "" when that was never opened."""
        behind = outbox.behind(session, parcel, self.clock(), _MOST_FOLDED)
        message, numbers = gathering.together(parcel, behind, room)
        if message.topic and message.forum != "delete":
            message = replace(message, topic=outbox.ref_of(session, parcel.to, message.topic))
        return message, numbers

    def _behind(self, session: Session, parcel: Parcel) -> tuple[list[Parcel], str]:
        reader = agents.by_user(session, parcel.to.channel, parcel.to.chat)
        found = outbox.behind(session, parcel, self.clock(), _MOST_FOLDED)
        return found, reader.lang if reader is not None else "zh"

    async def _send(self, letter: _Letter) -> None:
        parcel = letter.parcel
        if self.held is not None and self.monotonic() - letter.seen_at > self.held.sure_s:
            log.warning("delivery.too_late", outbox=parcel.id)  # this process was stopped; another may have sent it
            return
        try:
            message = self._illustrated(self.orders.carried_out(letter.message))
            if parcel.message.topic and not message.topic:
                raise DeliveryError("its topic in the group could not be opened; see: triagebot doctor", permanent=True)
            receipt = await self.senders[parcel.to.channel].send(parcel.to, message, parcel.known_ref)
        except DeliveryError as error:
            await self._outlasting(partial(self._undelivered.note, parcel, error))
        except Exception as error:  # a bug about one message must not cost the others theirs
            log.exception("delivery.failed", outbox=parcel.id)
            trouble = DeliveryError(type(error).__name__, permanent=False)
            await self._outlasting(partial(self._undelivered.note, parcel, trouble))
        else:
            await self._outlasting(partial(self._receipts.add, (letter, receipt)))

    def _illustrated(self, message: Outgoing) -> Outgoing:
        picture = self.keepsakes.find(message.keepsake) if message.keepsake else b""
        return replace(message, attachment=Attachment(PICTURE, picture, picture=True)) if picture else message

    async def _outlasting(self, work: Callable[[], Awaitable[T]]) -> T:
        """A loop that ended with an outage would take what is under way with it: what is not noted is said again."""
        return await (persevering("deliver", work) if self.outlasts else work())

    async def _note(self, receipts: Sequence[tuple[_Letter, Receipt]]) -> None:
        await self.store.write(self._delivered, receipts)
        self.noted({letter.parcel.to for letter, _ in receipts})

    def _delivered(self, session: Session, receipts: Sequence[tuple[_Letter, Receipt]]) -> None:
        outbox.sent(
            session, {number: receipt for letter, receipt in receipts for number in letter.notices}, self.clock()
        )


def _is_round(parcel: Parcel) -> bool:
    """What many people hear unasked."""
    return parcel.priority == PRIORITY_ROUND
