"""One read for all who ask, a new one when it is old, an answer in time whatever happens."""

from __future__ import annotations

import asyncio

import pytest

from triagebot.web.recent import Recent


class Source:
    """Counts how often it was read; ``hold`` keeps the readers waiting."""

    def __init__(self) -> None:
        self.reads = 0
        self.hold: asyncio.Event | None = None
        self.fails = False

    async def __call__(self) -> int:
        self.reads += 1
        if self.hold is not None:
            await self.hold.wait()
        if self.fails:
            raise OSError("gone")
        return self.reads


def test_a_value_is_read_once_while_it_is_young() -> None:
    async def run() -> None:
        now, source = [0.0], Source()
        recent = Recent(source, keep_s=5, patience_s=1, monotonic=lambda: now[0])
        assert await asyncio.gather(*(recent.get() for _ in range(10))) == [1] * 10
        now[0] = 4.9
        assert await recent.get() == 1
        now[0] = 5.0
        assert await recent.get() == 2

    asyncio.run(run())


def test_who_waits_too_long_gets_an_error_and_does_not_read_again() -> None:
    async def run() -> None:
        source = Source()
        source.hold = asyncio.Event()
        recent = Recent(source, keep_s=5, patience_s=0.01)
        for _ in range(3):
            with pytest.raises(TimeoutError):
                await recent.get()
        assert source.reads == 1
        source.hold.set()
        assert await recent.get() == 1

    asyncio.run(run())


def test_an_error_is_told_and_read_again_when_it_is_old() -> None:
    async def run() -> None:
        now, source = [0.0], Source()
        recent = Recent(source, keep_s=1, patience_s=1, monotonic=lambda: now[0])
        source.fails = True
        with pytest.raises(OSError):
            await recent.get()
        source.fails = False
        now[0] = 1.0
        assert await recent.get() == 2

    asyncio.run(run())
