"""The composition root: builds the parts, starts and stops the loops. The only place that knows all of them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property, partial
from typing import Protocol

import structlog

from triagebot import rulebook
from triagebot.access.addresses import Addresses
from triagebot.desk import schedules
from triagebot.desk.office import Office, open_office
from triagebot.desk.schedules import Schedule
from triagebot.errors import ModelError, StoreUnavailable
from triagebot.flow.bell import Bell
from triagebot.flow.clock_watch import ClockWatch
from triagebot.flow.converse import Converse
from triagebot.flow.deliver import Deliver
from triagebot.flow.intake import intake_into
from triagebot.flow.looking import Looking
from triagebot.flow.metered import Metered
from triagebot.flow.new_words import NewWords
from triagebot.flow.ownership import Ownership
from triagebot.flow.persevere import persevering
from triagebot.flow.standby import Held, Standby
from triagebot.flow.surges import Surges
from triagebot.flow.tick import LEASE as TICK
from triagebot.flow.tick import Tick
from triagebot.flow.viewing import Viewing
from triagebot.messages import Address, Batch, Fetches, Receives, Seen, Sends
from triagebot.meter import UNREAD, Meter
from triagebot.opening import open_brain, open_eyes, open_store, utc_now
from triagebot.pace import Pace
from triagebot.settings import Settings
from triagebot.store import holders, inbox, leases
from triagebot.store.replica import Replica, open_replica
from triagebot.store.store import Store
from triagebot.triage.brain import Brain
from triagebot.triage.danger import danger
from triagebot.vision.eyes import Blind, Eyes
from triagebot.vision.keepsakes import Keepsakes

log = structlog.get_logger()

PARTS = ("web", "worker", "sender", "scheduler")
"""What a process may do: receive, converse, send, tick. On a shared database they may be apart, and several of each."""
SENDING, SPEAKING_TO_STAFF = "send", "staff"
"""Leases: of the process that sends for a bot, and of the one that, whatever its bot, speaks to colleagues on a channel."""
_PATIENCE_S = 0.2
"""Other processes put work into a shared database without ringing our bells."""
_LOOK_FOR_THE_DEAD_S = 5.0


class Channel(Receives, Sends, Protocol):
    """Both halves. ``staff``: agents are reached through this channel too. ``pace``: None for no limits. ``room``: where they
    work together, if anywhere."""

    @property
    def staff(self) -> bool: ...
    @property
    def pace(self) -> Pace | None: ...
    @property
    def room(self) -> Address | None: ...


@dataclass
class App:
    """Everything that one process runs. ``owners`` are the (channel, bot) pairs that it handles.

    ``brain``: None until ``learn``, and in a process that is no worker; it needs no model. ``replica``: where reports are
    read, if not here. ``addresses``: where links lead to. ``eyes``: who looks at pictures; ``keepsakes``: those that may be
    shown for a while."""

    settings: Settings
    store: Store
    office: Office
    brain: Brain | None
    channels: Sequence[Channel]
    clock: Callable[[], datetime] = utc_now
    schedules: Sequence[Schedule] = ()
    work: Bell = field(default_factory=Bell)
    said: Bell = field(default_factory=Bell)
    pictures: Bell = field(default_factory=Bell)
    holder: str = field(default_factory=holders.own)
    meter: Meter = UNREAD
    replica: Replica | None = None
    addresses: Addresses = field(default_factory=Addresses)
    eyes: Eyes = field(default_factory=Blind)
    keepsakes: Keepsakes = field(default_factory=Keepsakes)

    def __post_init__(self) -> None:
        self.owners = {(c.channel, c.bot) for c in self.channels} | {(c.channel, "") for c in self.channels if c.staff}
        self._ownership = Ownership(self.store, self.owners, self.holder, self.clock)
        self.viewing = Viewing(self.store, self.eyes, self.keepsakes)
        networks = {c.channel: c for c in self.channels if isinstance(c, Fetches)} if self.eyes.open else {}
        self.intake = intake_into(self.store, self.clock, self.work, danger(self.office.book), networks, self.pictures)
        self.looking = Looking(
            self.store, self.viewing, networks, self.owners, self.clock, self.pictures, self.work, self.holder
        )
        self.deliver = Deliver(
            self.store, self.office, {c.channel: Metered(c, self.meter) for c in self.channels}, self.owners, self.clock,
            self.said,
            paces={c.channel: c.pace for c in self.channels if c.pace is not None},
            keepsakes=self.keepsakes,
            replica=self.replica,
            addresses=self.addresses,
        )  # fmt: skip
        if self.store.shared:
            self.deliver.patience_s = _PATIENCE_S
        self.tick = Tick(
            self.store,
            self.office,
            self.holder,
            self.clock,
            self.settings.tick_seconds,
            keep=timedelta(days=self.settings.retention_days),
            bells=(self.work, self.said),
            watch=ClockWatch() if self.clock is utc_now else None,
            schedules=self.schedules,
            surges=Surges(self.store, self.office),
            words=NewWords(self.store, self.office),
        )

    def learn(self, parts: Collection[str] = PARTS, progress: Callable[[str], None] | None = None) -> None:
        """What takes a worker a moment, and a minute where these rules were never used: its model. Messages may be taken
        in meanwhile."""
        if "worker" in parts:
            self.brain = open_brain(self.settings, self.office.book, progress)

    async def look(self, address: Address, data: bytes) -> Seen:
        """What is in a picture, for channels whose network does not keep it: asked before the message is committed."""
        return await self.viewing.look(address, data)

    def close(self) -> None:
        """Lets go of the databases. What looks at pictures is closed before, with ``eyes.close``."""
        if self.replica is not None:
            self.replica.close()
        self.store.close()

    @cached_property
    def converse(self) -> Converse:
        """The loop of a worker; ModelError in a process that was built without one."""
        if self.brain is None:
            raise ModelError("this process was started without the part worker; add --only worker")
        limited = {c.channel for c in self.channels if c.pace is not None}
        loop = Converse(
            self.store, self.office, self.brain, self.owners, self.clock, self.work, self.said, self.holder, limited
        )
        loop.meter, loop.can_look = self.meter, self.eyes.open
        if self.store.shared:
            loop.patience_s = _PATIENCE_S
        return loop

    async def run(self, parts: Collection[str] = PARTS) -> None:
        """The loops of ``parts`` until cancelled. They outlast a database that cannot be used for a while; any other error
        that ends one ends all, so that whoever watches us starts us again. A channel is this process's alone on SQLite; on a
        shared database any number of processes serve it."""
        owning = contextlib.nullcontext() if self.store.shared else self._ownership.held(outlasting=True)
        async with (
            owning,
            self._ticking("scheduler" in parts),
            self._claiming("worker" in parts),
            asyncio.TaskGroup() as tasks,
        ):
            for channel in self.channels if "web" in parts else ():
                tasks.create_task(self._receive(channel))
            if "worker" in parts:
                tasks.create_task(persevering("converse", self.converse.run))
                if self.looking.networks:
                    tasks.create_task(persevering("looking", self.looking.run))
                tasks.create_task(persevering("claims", self._free_the_dead))
            if "sender" in parts:
                self.deliver.outlasts = True
                tasks.create_task(persevering("deliver", self._send))
            if "scheduler" in parts:
                tasks.create_task(asyncio.Event().wait())  # it ticks by itself, and may be all there is to do

    @contextlib.asynccontextmanager
    async def owning(self) -> AsyncIterator[None]:
        """Our channels are ours alone, the tick goes, and pictures are looked at, for as long as the block lasts."""
        try:
            async with self._ownership.held(), self._ticking(), self._claiming():
                yield
        finally:
            await self.eyes.close()

    async def _receive(self, channel: Channel) -> None:
        if self.store.shared and channel.polls:
            name, standby = f"poll:{channel.channel}:{channel.bot}", Standby(self.store, self.holder, self.clock)
            await persevering("poll", lambda: standby.alone(name, lambda _: channel.listen(self._take_in)))
        else:
            await channel.listen(self._take_in)

    async def _take_in(self, batch: Batch) -> int:
        """What was fetched is kept until the inbox takes it. A network that posts is told to come again instead."""
        return await persevering("intake", lambda: self.intake(batch))

    async def _send(self) -> None:
        """On a shared database one process sends for a bot at a time: its messages keep one pace, and those of a chat their
        order. Colleagues are one bot's to speak to, lest they hear everything from each."""
        if not self.store.shared:
            await self.deliver.run()
            return
        bots = ",".join(f"{channel}:{bot}" for channel, bot in sorted(self.owners) if bot)
        await Standby(self.store, self.holder, self.clock).alone(f"{SENDING}:{bots}", self._send_alone)

    async def _send_alone(self, held: Held) -> None:
        loops = [asyncio.ensure_future(self.deliver.run(held))]
        for channel in [c.channel for c in self.channels if c.staff]:
            loops.append(asyncio.ensure_future(persevering("staff", partial(self._speak_to_staff, channel))))
        try:
            ended, _ = await asyncio.wait(loops, return_when=asyncio.FIRST_COMPLETED)
            for loop in ended:
                loop.result()
        finally:
            for loop in loops:
                loop.cancel()
            await asyncio.gather(*loops, return_exceptions=True)

    async def _speak_to_staff(self, channel: str) -> None:
        standby = Standby(self.store, self.holder, self.clock)
        await standby.alone(f"{SPEAKING_TO_STAFF}:{channel}", partial(self.deliver.speak_to_staff, channel))

    @contextlib.asynccontextmanager
    async def _ticking(self, wanted: bool = True) -> AsyncIterator[None]:
        if not wanted:
            yield
            return
        scheduler = self.tick.scheduler()
        scheduler.start()
        try:
            yield
        finally:
            scheduler.shutdown(wait=False)
            with contextlib.suppress(StoreUnavailable):
                await self.store.write(leases.release, TICK, self.holder)

    @contextlib.asynccontextmanager
    async def _claiming(self, wanted: bool = True) -> AsyncIterator[None]:
        """What we have taken up and not handled is given back at the end."""
        try:
            yield
        finally:
            if wanted and self.store.shared:
                with contextlib.suppress(StoreUnavailable):
                    await self.store.write(inbox.let_go_all, self.holder)

    async def _free_the_dead(self) -> None:
        """What a process had that died on this machine need not wait until its claim runs out."""
        while self.store.shared:
            for holder in await self.store.write(inbox.free_the_dead):
                log.warning("claims.of_a_dead_process", holder=holder)
            await asyncio.sleep(_LOOK_FOR_THE_DEAD_S)


def build(
    settings: Settings, channels: Sequence[Channel], progress: Callable[[str], None] | None = None,
    clock: Callable[[], datetime] = utc_now, parts: Collection[str] = PARTS,
    meter: Meter = UNREAD, addresses: Addresses | None = None, eyes: Eyes | None = None,
) -> App:  # fmt: skip
    """Ready to run ``parts``."""
    built = open_app(settings, channels, clock, meter, addresses, eyes)
    built.learn(parts, progress)
    return built


def open_app(
    settings: Settings, channels: Sequence[Channel], clock: Callable[[], datetime] = utc_now, meter: Meter = UNREAD,
    addresses: Addresses | None = None, eyes: Eyes | None = None,
) -> App:  # fmt: skip
    """All but the model. Rules first: a broken rule pack must stop the start before anything else is touched.

    ``addresses``: where links lead to; as the settings say when nobody knows better. ``eyes``: who looks at pictures; as
    the settings say likewise."""
    book = rulebook.load(settings.rules_dir, settings.model_dir)
    planned = schedules.parse(settings.reports, book.queues)
    store = open_store(settings)
    replica = open_replica(store, settings.report_database_url) if settings.report_database_url else None
    room = next((channel.room for channel in channels if channel.room is not None), None)
    office = open_office(book, settings.zone, settings.admin_ids, room)
    return App(settings, store, office, None, channels, clock, planned, meter=meter, replica=replica,
               addresses=addresses or Addresses(settings.public_url), eyes=eyes or open_eyes(settings))  # fmt: skip
