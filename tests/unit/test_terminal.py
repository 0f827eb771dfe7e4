"""What the terminal channel writes, character by character."""

from __future__ import annotations

import asyncio
import io
from datetime import UTC, datetime

import pytest
from rich.console import Console

from triagebot.channels.terminal import Terminal
from triagebot.messages import Button, Outgoing


def shown(form: str, prompt: str) -> str:
    file = io.StringIO()
    console = Console(file=file, width=60, force_terminal=False)
    terminal = Terminal("wang", form, console, lambda: datetime(2026, 11, 23, tzinfo=UTC), prompt=prompt)
    message = Outgoing("您好", ((Button("转人工", "human"),),))
    asyncio.run(terminal.send(terminal.address, message, ""))
    return file.getvalue()


def test_a_reply_that_comes_while_the_prompt_waits_does_not_share_its_line() -> None:
    out = shown("rich", "您：")
    assert out.startswith("\r\x1b[K")
    assert out.endswith("您：")


@pytest.mark.parametrize("form", ["plain", "json"])
def test_a_pipe_gets_no_control_characters(form: str) -> None:
    assert not {"\r", "\x1b"} & set(shown(form, ""))
