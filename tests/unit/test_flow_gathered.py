"""Writes of several tasks, gathered while one is under way."""

import asyncio
from collections.abc import Sequence

import pytest

from triagebot.errors import StoreError
from triagebot.flow.gathered import Gathered


class Slow:
    """Each write waits until it is let go."""

    def __init__(self) -> None:
        self.calls: list[list[int]] = []
        self.free = asyncio.Semaphore(0)
        self.broken = False

    async def write(self, things: Sequence[int]) -> None:
        self.calls.append(list(things))
        await self.free.acquire()
        if self.broken:
            raise StoreError("the disk is full")


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def test_what_comes_during_a_write_goes_together_and_nobody_is_told_before_it_is_written() -> None:
    async def story() -> None:
        slow = Slow()
        gathered = Gathered(slow.write)
        tasks = []
        for n in range(4):
            tasks.append(asyncio.create_task(gathered.add(n)))
            await settled()
        assert slow.calls == [[0]]
        assert not any(task.done() for task in tasks)
        slow.free.release()
        await settled()
        assert slow.calls == [[0], [1, 2, 3]]
        assert [task.done() for task in tasks] == [True, False, False, False]
        slow.free.release()
        await asyncio.gather(*tasks)

    asyncio.run(story())


def test_an_error_is_everybodys_whose_write_it_was_and_the_next_ones_go_on() -> None:
    async def story() -> None:
        slow = Slow()
        gathered = Gathered(slow.write)
        first = asyncio.create_task(gathered.add(1))
        await settled()
        others = [asyncio.create_task(gathered.add(n)) for n in (2, 3)]
        await settled()
        slow.free.release()
        await first
        slow.broken = True
        slow.free.release()
        results = await asyncio.gather(*others, return_exceptions=True)
        assert [str(error) for error in results] == ["the disk is full"] * 2
        slow.broken = False
        slow.free.release()
        await gathered.add(4)
        assert slow.calls == [[1], [2, 3], [4]]

    asyncio.run(story())


def test_one_who_stops_waiting_costs_the_others_nothing() -> None:
    async def story() -> None:
        slow = Slow()
        gathered = Gathered(slow.write)
        gone, stays = (asyncio.create_task(gathered.add(n)) for n in (1, 2))
        await settled()
        gone.cancel()
        slow.free.release()
        slow.free.release()
        await stays
        with pytest.raises(asyncio.CancelledError):
            await gone
        assert slow.calls == [[1, 2]]

    asyncio.run(story())
