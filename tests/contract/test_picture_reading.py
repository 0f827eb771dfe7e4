"""The product's own child, with its models: it reads and measures behind its fence, within its memory."""

from __future__ import annotations

import asyncio
import io
import re
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from skimage.data import astronaut

from tests import pictures
from triagebot.vision.look import Look
from triagebot.vision.watch import Bounds, Watched

MB = 1 << 20
MOST_MEMORY = 600 * MB
PHONE = "13800138000"


def _screen() -> bytes:
    image = Image.new("RGB", (1080, 2000), "white")
    pen = ImageDraw.Draw(image)
    for n, words in enumerate(("Network timeout", f"Phone {PHONE}", "Please try again later", "Cancel      Retry")):
        pen.text((60, 700 + 120 * n), words, fill="black", font_size=44)
    return pictures.saved(image, "JPEG")


def _peak(pid: int | None) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) * 1024


@pytest.mark.timeout(300)
def test_the_child_reads_a_screen_measures_a_face_and_stays_within_its_memory() -> None:
    face = pictures.saved(Image.fromarray(astronaut()), "JPEG")

    async def scene() -> tuple[Look, Look, Look, Look, int]:
        eyes = Watched(Bounds(look_s=60.0, start_s=120.0))
        screen = await eyes.look(_screen(), "screen")
        light = await eyes.look(face, "light")
        unasked = await eyes.look(face, "screen")
        huge = await eyes.look(pictures.plain(5000, 4990, "WEBP", quality=1), "screen")
        peak = _peak(eyes.pid)
        await eyes.close()
        return screen, light, unasked, huge, peak

    screen, light, unasked, huge, peak = asyncio.run(scene())
    assert screen.seen.what == "screen"
    assert "timeout" in screen.seen.text
    assert PHONE not in screen.seen.text
    assert screen.seen.hidden == ("phone",)
    shown = Image.open(io.BytesIO(screen.shown))
    assert shown.width <= 720
    assert light.seen.what == "light"
    assert Image.open(io.BytesIO(light.shown)).width <= 720
    assert unasked.shown == b"", "nobody else sees a face"
    assert huge.seen.what == "nothing"
    assert peak < MOST_MEMORY, f"{peak / MB:.0f} MB"
