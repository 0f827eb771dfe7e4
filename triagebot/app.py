"""The composition root: builds the parts, starts and stops the loops. The only place that knows all of them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

import structlog
from sqlmodel import Session

from triagebot import rulebook
from triagebot.desk import schedules
from triagebot.desk.office import Office, open_office
from triagebot.desk.schedules import Schedule
from triagebot.errors import ChannelError, StoreError
from triagebot.flow.bell import Bell
from triagebot.flow.clock_watch import ClockWatch
from triagebot.flow.converse import Converse
from triagebot.flow.deliver import Deliver
from triagebot.flow.intake import intake_into
from triagebot.flow.tick import LEASE as TICK
from triagebot.flow.tick import Tick
from triagebot.messages import Receives, Sends
from triagebot.pace import Pace
from triagebot.settings import Settings
from triagebot.store import leases, migrate
from triagebot.store.store import Store
from triagebot.store.tables import Lease
from triagebot.triage.brain import Brain
from triagebot.triage.semantic import Encode

log = structlog.get_logger()

_OWNER_TTL_S = 30.0
_RENEW_S = 10.0


class Channel(Receives, Sends, Protocol):
    """Both halves. ``staff``: agents are reached through this channel too. ``pace``: None for no limits."""

    @property
    def staff(self) -> bool: ...
    @property
    def pace(self) -> Pace | None: ...


def utc_now() -> datetime:
    return datetime.now(UTC)


def open_store(settings: Settings) -> Store:
    """The database, migrated when it is the embedded one; StoreError in one clear line otherwise."""
    if settings.url.startswith("sqlite") and not settings.database_url:
        try:
            settings.data_dir.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"the data folder {settings.data_dir} cannot be made ({error.strerror}); "
                "set TRIAGEBOT_DATA_DIR to a folder that you may write to"
            ) from None
    migrate.prepare(settings.url)
    return Store.open(settings.url)


def open_brain(settings: Settings, book: rulebook.RuleBook, progress: Callable[[str], None] | None = None) -> Brain:
    """The classifier from the cache, or trained now (a few seconds, once for each version of the rules)."""
    from triagebot.triage.model import load_or_train

    encode = encoder_of(settings)
    return Brain(book, load_or_train(book, settings.data_dir / "models", progress, encode), encode)


def encoder_of(settings: Settings) -> Encode | None:
    """Sentence embeddings if they are wanted; ModelError when they are and the extra is missing."""
    if not settings.semantic:
        return None
    from triagebot.triage.semantic import encoder

    return encoder()


@dataclass
class App:
    """Everything that one process runs. ``owners`` are the (channel, bot) pairs that are this process's alone."""

    settings: Settings
    store: Store
    office: Office
    brain: Brain
    channels: Sequence[Channel]
    clock: Callable[[], datetime] = utc_now
    schedules: Sequence[Schedule] = ()
    work: Bell = field(default_factory=Bell)
    said: Bell = field(default_factory=Bell)
    holder: str = field(default_factory=lambda: f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}")

    def __post_init__(self) -> None:
        self.owners = {(c.channel, c.bot) for c in self.channels} | {(c.channel, "") for c in self.channels if c.staff}
        self.intake = intake_into(self.store, self.clock, self.work)
        limited = {c.channel for c in self.channels if c.pace is not None}
        self.converse = Converse(
            self.store, self.office, self.brain, self.owners, self.clock, self.work, self.said, limited
        )
        self.deliver = Deliver(
            self.store, self.office, {c.channel: c for c in self.channels}, self.owners, self.clock, self.said,
            paces={c.channel: c.pace for c in self.channels if c.pace is not None},
        )  # fmt: skip
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
        )

    async def run(self) -> None:
        """All loops until cancelled; an error that ends one ends all, so that whoever watches us starts us again."""
        async with self.owning(), asyncio.TaskGroup() as tasks:
            for channel in self.channels:
                tasks.create_task(channel.listen(self.intake))
            tasks.create_task(self.converse.run())
            tasks.create_task(self.deliver.run())

    @contextlib.asynccontextmanager
    async def owning(self) -> AsyncIterator[None]:
        """Hold the leases of our channels and keep the tick going for as long as the block lasts."""
        await self._acquire()
        scheduler = self.tick.scheduler()
        scheduler.start()
        renewing = asyncio.create_task(self._renew())
        try:
            yield
        finally:
            renewing.cancel()
            scheduler.shutdown(wait=False)
            await self.store.write(self._release)

    async def _acquire(self) -> None:
        holder = await self.store.write(self._try_acquire)
        if holder:
            raise ChannelError(
                f"another triagebot ({holder}) already runs {', '.join(sorted(c.channel for c in self.channels))} "
                "on this database; stop it first, or use another --user or database"
            )

    def _try_acquire(self, session: Session) -> str:
        """ "" when all are ours now, else who has one. A holder that died on this machine is no holder."""
        now = self.clock()
        for channel, bot in sorted(self.owners):
            name = f"owner:{channel}:{bot}"
            lease = session.get(Lease, name)
            if lease is not None and lease.holder != self.holder and _is_dead(lease.holder):
                leases.release(session, name, lease.holder)
            if leases.acquire(session, name, self.holder, now, _OWNER_TTL_S) is None:
                return lease.holder if lease is not None else "unknown"
        tick = session.get(Lease, TICK)
        if tick is not None and tick.holder != self.holder and _is_dead(tick.holder):
            leases.release(session, TICK, tick.holder)
        return ""

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(_RENEW_S)
            if await self.store.write(self._try_acquire):
                log.error("lease.lost", holder=self.holder)

    def _release(self, session: Session) -> None:
        for channel, bot in self.owners:
            leases.release(session, f"owner:{channel}:{bot}", self.holder)
        leases.release(session, TICK, self.holder)


def _is_dead(holder: str) -> bool:
    """Whether a lease's holder was a process of this machine that is no more."""
    host, _, rest = holder.partition(":")
    pid = rest.partition(":")[0]
    if host != socket.gethostname() or not pid.isdecimal():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return int(pid) == os.getpid()


def build(
    settings: Settings, channels: Sequence[Channel], progress: Callable[[str], None] | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> App:  # fmt: skip
    """Rules first: a broken rule pack must stop the start before anything else is touched."""
    book = rulebook.load(settings.rules_dir)
    planned = schedules.parse(settings.reports, book.queues)
    store = open_store(settings)
    office = open_office(book, settings.zone, settings.admin_ids)
    return App(settings, store, office, open_brain(settings, book, progress), channels, clock, planned)
