"""Pictures in tests: a network that keeps them, and eyes that see in them what a test says. A picture is a few bytes here."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.conftest import FakeClock
from tests.unit.house import House, incoming
from triagebot.flow.bell import Bell
from triagebot.flow.intake import intake_into
from triagebot.flow.looking import Looking
from triagebot.flow.viewing import Viewing
from triagebot.messages import Batch, Incoming, Seen
from triagebot.store.store import Store
from triagebot.vision.keepsakes import Keepsakes
from triagebot.vision.look import Look, Purpose

FAILED = Seen("screen", text="12:01 5G 88%\n微信\n人脸识别失败，请重试\n刷脸未通过\n确定")
NO_WORDS, DARK = Seen("nothing", why="no_words"), Seen("light", faults=("dark", "blurred"))


def photo(number: int | str, file: str = "", chat: str = "7", **more: Any) -> Incoming:
    return incoming(
        number, more.pop("text", ""), chat, **{"kind": "photo", "file": file, "message_ref": str(number), **more}
    )


@dataclass
class Eyes:
    """``sights``: what is in a picture, by its bytes; ``hangs``: pictures that take until ``goes_on`` is set; ``looking``: set
    once one is looked at."""

    sights: dict[bytes, Seen | Exception] = field(default_factory=dict)
    hangs: set[bytes] = field(default_factory=set)
    goes_on: asyncio.Event = field(default_factory=asyncio.Event)
    looking: asyncio.Event = field(default_factory=asyncio.Event)
    asked: list[tuple[bytes, Purpose]] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    open: bool = True

    async def look(self, data: bytes, purpose: Purpose) -> Look:
        self.asked.append((data, purpose))
        self.at_once += 1
        self.looking.set()
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            if data in self.hangs:
                await self.goes_on.wait()
            await asyncio.sleep(0)
        finally:
            self.at_once -= 1
        seen = self.sights.get(data, FAILED)
        if isinstance(seen, Exception):
            raise seen
        return Look(seen, b"painted " + data if seen.what in ("screen", "light") else b"")

    async def close(self) -> None:
        """Nothing to end."""


@dataclass
class Gallery:
    """The network's half: a file's bytes are its name. ``trouble``: what happens to the next tries to fetch a file; ``hangs``:
    files that never come."""

    channel: str = "telegram"
    bot: str = "1"
    staff: bool = False
    pace: None = None
    room: None = None
    trouble: dict[str, list[Exception]] = field(default_factory=dict)
    hangs: set[str] = field(default_factory=set)
    fetched: list[str] = field(default_factory=list)

    async def fetch(self, file: str) -> bytes:
        self.fetched.append(file)
        if self.trouble.get(file):
            raise self.trouble[file].pop(0)
        if file in self.hangs:
            await asyncio.Event().wait()
        return file.encode()


@dataclass
class Darkroom:
    """A house whose network keeps pictures, with somebody who looks at them when a test says so."""

    house: House
    eyes: Eyes = field(default_factory=Eyes)
    gallery: Gallery = field(default_factory=Gallery)
    keepsakes: Keepsakes = field(default_factory=Keepsakes)
    holder: str = "house"
    paused: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.house.loop.can_look = True
        self.work = Bell()
        self.looking = self.looker(self.store, self.holder)
        self.intake = intake_into(
            self.store, self.clock, self.work, lambda text: "骗" in text, {"telegram"}, self.looking.pictures
        )

    @property
    def store(self) -> Store:
        return self.house.store

    @property
    def clock(self) -> FakeClock:
        assert isinstance(self.house.clock, FakeClock)
        return self.house.clock

    def looker(self, store: Store, holder: str) -> Looking:
        """Another process's, on the same network, with the same eyes."""

        async def pause(seconds: float) -> None:
            self.paused.append(seconds)

        networks: Mapping[str, Any] = {"telegram": self.gallery}
        return Looking(store, Viewing(store, self.eyes, self.keepsakes), networks, self.house.loop.owners, self.house.clock,
                       Bell(), self.work, holder, pause=pause)  # fmt: skip

    async def arrive(self, *messages: Incoming) -> None:
        await self.intake(Batch(messages))
