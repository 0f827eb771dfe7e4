"""Pictures are looked at in a process that can do nothing else, and that may end at any moment without harm to the service.

The child is the product's own, with stand-ins for what reads a picture (tests.looking).
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests import looking, pictures
from triagebot.messages import Seen
from triagebot.vision.look import Look, refused
from triagebot.vision.process import Child
from triagebot.vision.watch import BOUNDS, Bounds, Watched

ROOT = Path(__file__).parents[2]


@asynccontextmanager
async def watched(**bounds: Any) -> AsyncIterator[Watched]:
    eyes = Watched(Bounds(**{"look_s": 30.0, "start_s": 60.0, "wait_s": 90.0, **bounds}), looking.STAND_IN)
    try:
        yield eyes
    finally:
        await eyes.close()


def text(look: Look) -> str:
    return look.seen.text


def gone(pid: int) -> bool:
    """Ended: nothing of it is left but perhaps a line in the system's table."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def wait_for(true: Callable[[], bool], seconds: float = 20.0) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until
        time.sleep(0.02)


GOOD = pictures.plain(300, 200)


def test_the_child_starts_with_the_first_picture_that_is_one_and_ends_with_the_service() -> None:
    async def scene() -> None:
        async with watched() as eyes:
            assert eyes.open
            assert await eyes.look(b"%PDF-1.7", "screen") == refused("pdf")
            assert await eyes.look(bytes(50 << 20), "screen") == refused("bytes")
            assert eyes.pid is None
            assert text(await eyes.look(GOOD, "screen")).startswith("300x200 RGB")
            pid = eyes.pid
            assert text(await eyes.look(GOOD, "light")).startswith("300x200 RGB"), "no face: read as a screen"
            assert eyes.pid == pid is not None
        assert gone(pid)
        assert await eyes.look(GOOD, "screen") == refused("gone")

    asyncio.run(scene())


def test_what_is_shown_is_a_small_jpeg_made_anew_and_never_a_face_to_others() -> None:
    async def scene() -> None:
        async with watched() as eyes:
            screen = await eyes.look(pictures.plain(1500, 900), "screen")
            face = await eyes.look(pictures.plain(looking.FACE, 200), "screen")
            own = await eyes.look(pictures.plain(looking.FACE, 200), "light")
        assert screen.shown.startswith(b"\xff\xd8\xff")
        assert (face.seen.what, face.shown) == ("screen", b"")
        assert own.seen == Seen("light", faults=("dark",), measures=(("mean", 0.25),))
        assert own.shown.startswith(b"\xff\xd8\xff")

    asyncio.run(scene())


def test_inside_nothing_can_be_opened_written_or_learnt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIAGEBOT_TELEGRAM_TOKEN", "1:secret")

    async def scene() -> None:
        async with watched() as eyes:
            assert text(await eyes.look(pictures.plain(looking.TRIES, 50), "screen")).startswith("nothing")
            assert "rgb" in text(await eyes.look(GOOD, "screen"))

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("width", "why"),
    [(looking.DIES, "broken"), (looking.EATS, "slow"), (looking.RAISES, "broken"), (looking.BABBLES, "broken"),
     (looking.BOASTS, "broken")],
    ids=["dies", "eats memory", "raises", "says what makes no sense", "says too much"],
)  # fmt: skip
def test_a_picture_that_breaks_the_child_is_refused_and_the_next_one_is_looked_at(width: int, why: str) -> None:
    async def scene() -> None:
        async with watched() as eyes:
            with capture_logs() as logs:
                assert await eyes.look(pictures.plain(width, 50), "screen") == refused(why)  # type: ignore[arg-type]
            assert text(await eyes.look(GOOD, "screen")).startswith("300x200")
        assert len(logs) == 1
        assert looking.SECRET not in str(logs), "an error's text may hold what the picture says"

    asyncio.run(scene())


def test_what_libraries_print_is_no_answer() -> None:
    async def scene() -> None:
        async with watched() as eyes:
            assert text(await eyes.look(pictures.plain(looking.PRINTS, 50), "screen")).startswith("150x50")
            assert text(await eyes.look(GOOD, "screen")).startswith("300x200")

    asyncio.run(scene())


def test_a_picture_that_takes_too_long_is_refused_and_its_child_is_gone() -> None:
    async def scene() -> None:
        async with watched(look_s=3.0) as eyes:
            await eyes.look(GOOD, "screen")
            hanging = asyncio.ensure_future(eyes.look(pictures.plain(looking.HANGS, 50), "screen"))
            await asyncio.sleep(0)
            pid = eyes.pid
            assert await hanging == refused("slow")
            assert pid is not None
            assert gone(pid)

    asyncio.run(scene())


def test_a_child_that_somebody_kills_costs_one_picture_at_most() -> None:
    async def scene() -> None:
        async with watched() as eyes:
            await eyes.look(GOOD, "screen")
            pid = eyes.pid
            hanging = asyncio.ensure_future(eyes.look(pictures.plain(looking.HANGS, 50), "screen"))
            await asyncio.sleep(0.05)
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            assert await hanging == refused("slow"), "the system ends so what takes too much memory"
            assert text(await eyes.look(GOOD, "screen")).startswith("300x200")
            assert eyes.pid != pid

    asyncio.run(scene())


def test_an_answer_that_nobody_waits_for_never_becomes_that_of_the_next_picture() -> None:
    async def scene() -> None:
        async with watched() as eyes:
            await eyes.look(GOOD, "screen")
            for _ in range(3):
                left = asyncio.ensure_future(eyes.look(pictures.plain(400, 200), "screen"))
                await asyncio.sleep(0)
                left.cancel()
                assert text(await eyes.look(GOOD, "screen")).startswith("300x200")

    asyncio.run(scene())


def test_more_than_may_wait_are_refused_at_once_and_who_waits_too_long_as_well() -> None:
    async def scene() -> None:
        async with watched(waiting=2, wait_s=0.3, look_s=4.0) as eyes:
            await eyes.look(GOOD, "screen")
            hanging = asyncio.ensure_future(eyes.look(pictures.plain(looking.HANGS, 50), "screen"))
            await asyncio.sleep(0)
            waiting = [asyncio.ensure_future(eyes.look(GOOD, "screen")) for _ in range(2)]
            await asyncio.sleep(0)
            begun = time.monotonic()
            assert await eyes.look(GOOD, "screen") == refused("busy")
            assert time.monotonic() - begun < 0.3
            assert await asyncio.gather(*waiting) == [refused("busy")] * 2
            assert await hanging == refused("slow")
            assert text(await eyes.look(GOOD, "screen")).startswith("300x200")

    asyncio.run(scene())


def test_pictures_that_come_together_are_each_answered_with_their_own() -> None:
    async def scene() -> None:
        async with watched() as eyes:
            sizes = [(300 + n, 210 - n) for n in range(8)]
            looks = await asyncio.gather(*(eyes.look(pictures.plain(*size), "screen") for size in sizes))
            assert [text(look).split()[0] for look in looks] == [f"{w}x{h}" for w, h in sizes]

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("bounds", "width"), [({"looks": 2}, 300), ({"memory": 150 << 20}, looking.GROWS)], ids=["pictures", "memory"]
)
def test_a_child_is_replaced_after_so_many_pictures_or_when_it_has_grown(bounds: dict[str, int], width: int) -> None:
    async def scene() -> None:
        async with watched(**bounds) as eyes:
            await eyes.look(GOOD, "screen")
            pid = eyes.pid
            await eyes.look(pictures.plain(width, 50), "screen")
            assert pid is not None
            assert gone(pid)
            assert text(await eyes.look(GOOD, "screen")).startswith("300x200")

    asyncio.run(scene())


def test_a_child_that_nobody_needs_gives_its_memory_back() -> None:
    async def scene() -> None:
        async with watched(idle_s=0.1) as eyes:
            await eyes.look(GOOD, "screen")
            pid = eyes.pid
            assert pid is not None
            await asyncio.to_thread(wait_for, lambda: gone(pid))
            assert eyes.pid is None
            assert text(await eyes.look(GOOD, "screen")).startswith("300x200")

    asyncio.run(scene())


@pytest.mark.parametrize("program", [("-m", "tests.no_such_program"), ("-c", "import time; time.sleep(600)")])
def test_a_child_that_cannot_start_is_as_if_there_were_none(program: tuple[str, ...]) -> None:
    async def scene() -> None:
        eyes = Watched(Bounds(start_s=2.0), program)
        with capture_logs() as logs:
            assert await eyes.look(GOOD, "screen") == refused("blind")
        assert [entry["event"] for entry in logs] == ["pictures.no_child"]
        assert eyes.pid is None
        await eyes.close()

    asyncio.run(scene())


_OWNER = """
import asyncio, sys
from tests import looking, pictures
from triagebot.vision.watch import Watched

async def main():
    eyes = Watched(program=looking.STAND_IN)
    await eyes.look(pictures.plain(300, 200), "screen")
    print(eyes.pid, flush=True)
    await eyes.look(pictures.plain(looking.HANGS, 50), "screen") if sys.argv[1] == "looking" else await asyncio.sleep(600)

asyncio.run(main())
"""


@pytest.mark.parametrize("doing", ["looking", "idle"])
def test_the_child_of_a_service_that_is_killed_is_gone_with_it(doing: str) -> None:
    owner = subprocess.Popen([sys.executable, "-c", _OWNER, doing], stdout=subprocess.PIPE, cwd=ROOT)
    assert owner.stdout is not None
    child = int(owner.stdout.readline())
    assert not gone(child)
    owner.kill()
    owner.wait()
    owner.stdout.close()
    wait_for(lambda: gone(child))


def test_a_child_ends_by_its_own_clock_when_nobody_ends_it() -> None:
    async def scene() -> None:
        child = await Child.start(0.5, 60, looking.STAND_IN)
        with pytest.raises(Exception, match=f"ended with -{signal.SIGALRM:d}"):
            await child.ask(pictures.plain(looking.HANGS, 50), "screen")
        assert not child.alive

    asyncio.run(scene())


_TALKS = """
import os, time
os.write(1, bytes(12) + b"x" * (1 << 20))
time.sleep(600)
"""


def test_a_child_ends_however_much_it_has_said_that_nobody_hears() -> None:
    async def scene() -> None:
        child = await Child.start(30, 60, ("-c", _TALKS))
        reader: Any = child._process.stdout
        async with asyncio.timeout(20):
            while not reader._paused:  # noqa: ASYNC110 (asyncio tells nobody that it reads no further)
                await asyncio.sleep(0.01)
        begun = time.monotonic()
        await child.end()
        assert not child.alive
        assert time.monotonic() - begun < 3

    asyncio.run(scene())


def test_the_bounds_of_the_product_keep_its_promise_to_take_seconds() -> None:
    assert BOUNDS.look_s + BOUNDS.wait_s <= 60
