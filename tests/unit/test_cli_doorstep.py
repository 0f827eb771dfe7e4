"""Where the one who starts the service is sent, and work that nobody waits for at the end."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys

import pytest

from triagebot.cli.background import in_background
from triagebot.cli.doorstep import address
from triagebot.settings import Settings


@pytest.mark.parametrize(
    ("settings", "url"),
    [
        (Settings(web_host="127.0.0.1"), "http://127.0.0.1:{}"),
        (Settings(web_host="0.0.0.0"), "http://127.0.0.1:{}"),
        (Settings(web_host="::"), "http://[::1]:{}"),
        (Settings(web_host="fd00::5"), "http://[fd00::5]:{}"),
        (Settings(web_url="https://help.example.com/"), "https://help.example.com"),
    ],
)
def test_the_address_that_is_told_is_one_that_a_browser_opens(settings: Settings, url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        assert address(settings, listening) == url.format(listening.getsockname()[1])


def test_what_work_in_the_background_raises_is_raised() -> None:
    def fail() -> None:
        raise ValueError("no examples")

    with pytest.raises(ValueError, match="no examples"):
        asyncio.run(in_background(fail))


def test_work_in_the_background_does_not_keep_the_process_alive() -> None:
    program = (
        "import asyncio, time\n"
        "from triagebot.cli.background import in_background\n"
        "async def main():\n"
        "    task = asyncio.create_task(in_background(lambda: time.sleep(100)))\n"
        "    await asyncio.sleep(0.1)\n"
        "    task.cancel()\n"
        "asyncio.run(main())\n"
    )
    assert subprocess.run([sys.executable, "-c", program], timeout=30, check=False).returncode == 0
