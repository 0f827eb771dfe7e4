"""What is heard together and what by itself; commands of agents taken apart; bells."""

from __future__ import annotations

import asyncio

import pytest

from tests.unit.house import book, incoming
from triagebot.dialogue.signals import Ears
from triagebot.flow.bell import Bell
from triagebot.flow.merging import merged
from triagebot.flow.staff import command_of
from triagebot.store.inbox import Work

EARS = Ears.of(book())


def _groups(*heard: object) -> list[int]:
    messages = [incoming(n, m) if isinstance(m, str) else m for n, m in enumerate(heard)]
    return [len(g) for g in merged([Work(n, m, 0) for n, m in enumerate(messages)], EARS)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("heard", "groups"),
    [
        (["我刷脸", "老是", "不过"], [3]),
        (["a"] * 10, [5, 5]),
        (["a"] * 12, [12]),
        ([*["a"] * 8, "解决了", *["b"] * 6, "/status"], [8, 1, 6, 1]),
        ([incoming(n, kind="photo") for n in range(15)], [15]),
        ([incoming(1, kind="photo"), incoming(2, kind="photo"), incoming(3, kind="voice"), "看图"], [2, 1, 1]),
        (["刷脸不过", "/human", "在吗"], [1, 1, 1]),
        (["刷脸不过", "解决了", "还有一个"], [1, 1, 1]),
        (["刷脸不过", "还不行！"], [1, 1]),
        (["刷脸不过", "跳过"], [1, 1]),
        (["刷脸不过", "2"], [1, 1]),
        (["刷脸不过", incoming(9, "", kind="photo"), "看图"], [1, 1, 1]),
        (["刷脸不过", incoming(9, kind="press", action="human:1")], [1, 1]),
        (["刷脸不过", incoming(9, "这条", reply_ref="5")], [1, 1]),
        ([], []),
    ],
)  # fmt: skip
def test_only_plain_fragments_are_heard_together(heard: list[object], groups: list[int]) -> None:
    assert _groups(*heard) == groups


@pytest.mark.parametrize(
    ("words", "command"),
    [
        ("/take 12", ("take", "12")),
        ("/Take@some_bot 12", ("take", "12")),
        ("/reply 12 你好\n第二行", ("reply", "12 你好\n第二行")),
        ("/reply\n12 你好", ("reply", "12 你好")),
        ("/start", ("help", "")),
        ("/", ("", "")),
        ("你好", ("", "")),
        ("", ("", "")),
    ],
)
def test_commands_of_agents(words: str, command: tuple[str, str]) -> None:
    assert command_of(None, incoming(1, words)) == command  # type: ignore[arg-type]


def test_buttons_of_agents() -> None:
    assert command_of(None, incoming(1, kind="press", action="show:12")) == ("show", "12")  # type: ignore[arg-type]
    assert command_of(None, incoming(1, "说明", kind="photo")) == ("", "")  # type: ignore[arg-type]


def test_a_bell_that_rang_before_is_heard_at_once_and_only_once() -> None:
    async def listen() -> tuple[bool, bool]:
        bell = Bell()
        bell.ring()
        await asyncio.wait_for(bell.wait(1000), 30)
        first = True
        waiting = asyncio.create_task(bell.wait(0.0))
        await waiting
        return first, bell._event.is_set()

    assert asyncio.run(listen()) == (True, False)
