"""Signs of life: at once for buttons, after a moment for words, none when the answer was quicker."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from tests.unit.house import incoming
from triagebot.channels.telegram.signs import MOST_DOTS, MOST_UNDER_WAY, Signs
from triagebot.messages import Incoming


class Loop(asyncio.SelectorEventLoop):
    """Time stands still until a test moves it."""

    ahead = 0.0

    def time(self) -> float:
        return super().time() + self.ahead


def given(story: Callable[[Signs, Callable[[float], object]], object]) -> list[str]:
    """The external ids of the messages for which a sign was given during ``story``."""
    signs_given: list[str] = []
    loop = Loop()

    async def give(message: Incoming) -> None:
        signs_given.append(message.external_id)

    async def passes(seconds: float) -> None:
        loop.ahead += seconds
        for _ in range(3):
            await asyncio.sleep(0)

    async def run() -> None:
        await story(Signs(give, dots_after_s=100.0), passes)  # type: ignore[misc]

    loop.run_until_complete(run())
    loop.close()
    return signs_given


def test_a_button_at_once_words_after_a_moment() -> None:
    async def story(signs: Signs, passes: Callable[[float], object]) -> None:
        signs.heard([incoming(1, "刷脸不过"), incoming(2, kind="press", action="human:1", ack_ref="q")])
        await passes(99)  # type: ignore[misc]
        assert signs._dots
        await passes(2)  # type: ignore[misc]
        assert not signs._dots

    assert given(story) == ["2", "1"]


def test_an_answer_in_time_needs_no_dots_and_several_messages_get_them_once() -> None:
    async def story(signs: Signs, passes: Callable[[float], object]) -> None:
        signs.heard([incoming(1, "刷脸", chat="7"), incoming(2, "不过", chat="7"), incoming(3, "急", chat="8")])
        signs.answered("7")
        signs.answered("9")
        await passes(101)  # type: ignore[misc]

    assert given(story) == ["3"]


def test_groups_see_no_dots() -> None:
    async def story(signs: Signs, passes: Callable[[float], object]) -> None:
        signs.heard([incoming(1, "大家好", mine=False)])
        await passes(101)  # type: ignore[misc]

    assert given(story) == []


def test_when_thousands_wait_only_some_see_dots_and_nothing_is_kept() -> None:
    async def story(signs: Signs, passes: Callable[[float], object]) -> None:
        signs.heard([incoming(n, "刷脸", chat=str(n)) for n in range(1000)])
        await passes(101)  # type: ignore[misc]
        await passes(0)  # type: ignore[misc]
        assert not signs._dots
        assert not signs._under_way

    assert 0 < len(given(story)) <= MOST_DOTS.burst + 1


def test_a_network_that_hangs_is_asked_for_a_few_signs_only() -> None:
    async def run() -> int:
        asked: list[Incoming] = []
        hangs = asyncio.Event()

        async def give(message: Incoming) -> None:
            asked.append(message)
            await hangs.wait()

        signs = Signs(give)
        signs.heard([incoming(n, kind="press", action="human:1", ack_ref=f"q{n}") for n in range(500)])
        for _ in range(3):
            await asyncio.sleep(0)
        assert len(asked) == len(signs._under_way)
        hangs.set()
        for _ in range(3):
            await asyncio.sleep(0)
        assert not signs._under_way
        return len(asked)

    assert asyncio.run(run()) == MOST_UNDER_WAY
