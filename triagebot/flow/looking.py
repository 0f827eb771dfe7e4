"""Pictures that a network keeps: fetched, looked at, and what was made out written beside the message, before it is heard.

Nothing of this is in a transaction, and no picture is anywhere but in memory. One person's pictures are looked at one after the
other and heard together; whoever's are slow to come holds up nobody else.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlmodel import Session

from triagebot.desk.team import agents
from triagebot.errors import ClaimLost, DeliveryError, PictureRefused, StoreUnavailable
from triagebot.flow.bell import Bell
from triagebot.flow.claims import CLAIM_S
from triagebot.flow.under_way import UnderWay
from triagebot.flow.viewing import Viewing
from triagebot.messages import Fetches, Seen
from triagebot.pace import Limit, Pace
from triagebot.store import inbox_pictures
from triagebot.store.clock import database_now
from triagebot.store.inbox import Claim, Work
from triagebot.store.inbox_pictures import Album
from triagebot.store.store import Store

log = structlog.get_logger()

MOST_OF_ALBUM = 5
"""So many pictures that came together are looked at; more say little more, and take the time of others."""
_LOOKS, _FETCHES = 2, 8
"""At once: looks cost a processor each, and each picture that was fetched is up to 10 MB in memory."""
_CONVERSATIONS = 32
_OF_ONE, _OF_ALL = Limit(rate=0.1, burst=12), Limit(rate=100, burst=1000)
"""Looks that one person may have: nobody needs more, and who sends without end must not take those of others."""
_TRIES, _PAUSE_S = 3, 1.0
_FETCH_S = 15.0
_SPARE_S = 5.0
"""What is not done so long before the time is up is given up: the rest is still heard with what was made out."""


@dataclass
class Looking:
    """The loop. ``networks``: channel -> the half that gets pictures; ``owners``, ``holder``: as in flow.converse; ``pictures``
    is rung when some have come, and rings ``work`` when they can be heard. ``pause``: how seconds are waited."""

    store: Store
    viewing: Viewing
    networks: Mapping[str, Fetches]
    owners: Collection[tuple[str, str]]
    clock: Callable[[], datetime]
    pictures: Bell
    work: Bell
    holder: str
    patience_s: float = 1.0
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    monotonic: Callable[[], float] = time.monotonic
    _looks: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_LOOKS))
    _fetches: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_FETCHES))

    def __post_init__(self) -> None:
        self._under_way = UnderWay(self.pictures)
        self._mark = self.holder if self.store.shared else ""
        self._allowed = Pace(_OF_ALL, lambda chat: _OF_ONE, self.monotonic)

    async def run(self) -> None:
        try:
            while True:
                await self._start()
                await self.pictures.wait(self.patience_s)
                self._under_way.check()
        finally:
            await self._under_way.end(0)

    async def once(self) -> int:
        """Look at what waits now, all of it; returns how many conversations that was."""
        started = await self._start()
        await self._under_way.all()
        return started

    async def _start(self) -> int:
        busy = self._under_way.chats()
        if len(busy) >= _CONVERSATIONS:
            return 0
        found = await self._take(len(busy) + _CONVERSATIONS)
        albums = [(album, is_agents) for album, is_agents in found if album.address not in busy]
        for album, is_agents in albums[: _CONVERSATIONS - len(busy)]:
            self._under_way.start(album.address, self._album(album, is_agents))
        return len(albums)

    async def _take(self, most: int) -> list[tuple[Album, bool]]:
        """Each with whether an agent sent it."""
        found = await self.store.read(self._find, most)
        if not found or not self.store.shared:
            return found
        taken = {album.address for album in await self.store.write(self._claim, most)}
        return [(album, is_agents) for album, is_agents in found if album.address in taken]

    def _find(self, session: Session, most: int) -> list[tuple[Album, bool]]:
        now = self.clock()
        albums = inbox_pictures.find(session, self.owners, now, most, self._mark, database_now(session, now))
        people = {(m.address.channel, m.user) for m in (album.works[0].message for album in albums)}
        staffed = {person for person in people if (person[0], agents.STAFF) in self.owners}
        staff = agents.by_users(session, staffed)
        return [(album, (album.address.channel, album.works[0].message.user) in staff) for album in albums]

    def _claim(self, session: Session, most: int) -> list[Album]:
        now = self.clock()
        at = database_now(session, now)
        claim = Claim(self.holder, at, at + timedelta(seconds=CLAIM_S))
        return inbox_pictures.take(session, self.owners, now, most, claim)

    async def _album(self, album: Album, is_agents: bool) -> None:
        """What agents send is no business of ours: nobody looks at it."""
        seen: dict[int, Seen] = {}
        to_look = [] if is_agents else list(album.works[:MOST_OF_ALBUM])
        ends_at = asyncio.get_running_loop().time() + (album.until - self.clock()).total_seconds() - _SPARE_S
        try:
            while True:
                for work in to_look:
                    seen[work.id] = await self._in_time(work, ends_at)
                to_look = await self.store.write(
                    inbox_pictures.release, album, seen, MOST_OF_ALBUM, self.clock(), self._mark
                )
                if not to_look:
                    break
        except ClaimLost:
            log.info("pictures.too_late", inbox=[work.id for work in album.works])
        self.work.ring()

    async def _in_time(self, work: Work, ends_at: float) -> Seen:
        try:
            async with asyncio.timeout_at(ends_at):
                return await self._look(work)
        except TimeoutError:
            log.warning("picture.slow", inbox=work.id)
            return Seen("refused", why="slow")

    async def _look(self, work: Work) -> Seen:
        """At one picture; a bug about it must cost nobody else theirs."""
        to = work.message.address
        network, person = self.networks.get(to.channel), "/".join((to.channel, to.bot, to.chat))
        if network is None:
            return Seen("refused", why="gone")
        if self._allowed.ready_in(person) > 0:
            return Seen("refused", why="busy")
        self._allowed.spoken(person)
        try:
            async with self._fetches:
                data = await self._fetched(network, work.message.file)
                async with self._looks:
                    return await self.viewing.look(to, data)
        except PictureRefused as refused:
            return Seen("refused", why=refused.why)
        except StoreUnavailable:
            raise
        except Exception:
            log.exception("picture.failed", inbox=work.id)
            return Seen("refused", why="broken")

    async def _fetched(self, network: Fetches, file: str) -> bytes:
        """Trouble that may pass is given a few tries."""
        for tries in range(1, _TRIES + 1):
            try:
                async with asyncio.timeout(_FETCH_S):
                    return await network.fetch(file)
            except (DeliveryError, TimeoutError) as error:
                permanent = isinstance(error, DeliveryError) and error.permanent
                if permanent or tries == _TRIES:
                    break
                asked = error.retry_after_s if isinstance(error, DeliveryError) else None
                await self.pause(asked if asked is not None else _PAUSE_S * 2 ** (tries - 1))
        raise PictureRefused("gone")
