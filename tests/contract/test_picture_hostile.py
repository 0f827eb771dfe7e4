"""Odd pictures and such as mean harm: each is looked at or refused with its reason, and nothing of it is left anywhere.

The bounds, the child, its fence and the decoding are the product's; stand-ins read what was decoded (tests.looking).
"""

from __future__ import annotations

import asyncio
import base64
import gc
import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests import looking, pictures
from tests.conftest import FakeClock
from tests.storing import arrived, take_in
from triagebot.messages import Seen
from triagebot.store.store import Store
from triagebot.vision.look import Look
from triagebot.vision.watch import Bounds, Watched

MB = 1 << 20
JPEG, WEBP = pictures.plain(400, 300, "JPEG"), pictures.plain(400, 300, "WEBP")
PACKED = pictures.zeros(700 * MB)
"""700 MB of zeros in 0.7 MB."""
DEEP = Image.fromarray(np.full((90, 300), 200 << 8, np.uint16))
BLACK = Image.new("L", (300, 90), 0).convert("P")
WHITE = "RGB rgb (255, 255, 255)"

HARMFUL: dict[str, tuple[Callable[[], bytes], str]] = {
    "no bytes": (lambda: b"", "empty"),
    "50 MB": (lambda: JPEG + bytes(50 * MB), "bytes"),
    "a PNG of 2^31 x 2^31": (lambda: pictures.png(2**31 - 1, 2**31 - 1, PACKED), "pixels"),
    "a PNG of 12,000 x 12,000 in 0.7 MB": (lambda: pictures.png(12_000, 12_000, PACKED), "pixels"),
    "a PNG of 1 x 100,000": (lambda: pictures.png(1, 100_000, PACKED), "pixels"),
    "a PNG of 100,000 x 1": (lambda: pictures.png(100_000, 1, PACKED), "pixels"),
    "a PNG whose notes unpack to 700 MB": (lambda: pictures.png(64, 64, pictures.zeros(MB),
                                           extra=pictures.chunk(b"zTXt", b"a\0\0" + PACKED)), "broken"),
    "a PNG whose colours unpack to 700 MB": (lambda: pictures.png(64, 64, pictures.zeros(MB),
                                             extra=pictures.chunk(b"iCCP", b"a\0\0" + PACKED)), "broken"),
    "a PNG without its pixels": (lambda: pictures.png(64, 64, b""), "broken"),
    "a PNG of rubbish": (lambda: pictures.png(64, 64, os.urandom(5000)), "broken"),
    "a JPEG of 65,535 x 65,535": (lambda: pictures.jpeg_of(65_535, 65_535), "pixels"),
    "a JPEG of 5,000 x 0": (lambda: pictures.jpeg_of(5_000, 0), "broken"),
    "a JPEG of rubbish": (lambda: JPEG[:200] + os.urandom(5000), "broken"),
    "a WebP of 16,384 x 16,384": (lambda: pictures.webp_lossless_of(16_384, 16_384), "pixels"),
    "a WebP of 2^24 x 2^24": (lambda: pictures.webp_extended_of(1 << 24, 1 << 24), "pixels"),
    "a WebP that is empty": (lambda: pictures.webp_extended_of(400, 400), "broken"),
    "a WebP of rubbish": (lambda: pictures.webp_of(b"VP8L", b"\x2f\x8f\x01\x19\x00" + os.urandom(5000)), "broken"),
    "a small WebP around a large one": (lambda: pictures.webp_of(b"VP8X", bytes(4) + b"\x3f\0\0" * 2 + WEBP[12:]), "broken"),
    "half a PNG": (lambda: pictures.plain()[: len(pictures.plain()) // 2], "broken"),
    "half a JPEG": (lambda: JPEG[: len(JPEG) // 2], "broken"),
    "half a WebP": (lambda: WEBP[: len(WEBP) // 2], "broken"),
    "a PNG that is a PDF as well": (lambda: pictures.png(9, 9, b"", extra=pictures.chunk(b"tEXt", b"a\0%PDF-1.7")), "pdf"),
    "a report as PDF": (lambda: pictures.saved(Image.new("RGB", (99, 99)), "PDF"), "pdf"),
    "an animated GIF": (lambda: pictures.animated("GIF"), "format"),
    "a TIFF": (lambda: pictures.saved(Image.new("RGB", (99, 99)), "TIFF"), "format"),
    "a ZIP archive": (pictures.zipped, "format"),
    "an SVG": (lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>', "format"),
}  # fmt: skip

ODD: dict[str, tuple[Callable[[], bytes], str]] = {
    "a PNG whose 64 x 64 unpack to 700 MB": (lambda: pictures.png(64, 64, PACKED), "64x64 RGB rgb (0, 0, 0)"),
    "a PNG of 25 million pixels": (lambda: pictures.png(5000, 5000, pictures.zeros(76 * MB)), "2400x2400 RGB rgb (0, 0, 0)"),
    "a JPEG of CMYK": (lambda: pictures.saved(Image.new("CMYK", (300, 90), (0, 255, 255, 0)), "JPEG"), "300x90 RGB rgb (25"),
    "16 bits of grey": (lambda: pictures.saved(DEEP), "300x90 RGB rgb (200, 200, 200)"),
    "a palette with a hole": (lambda: pictures.saved(BLACK, transparency=0), f"300x90 {WHITE}"),
    "glass": (lambda: pictures.saved(Image.new("RGBA", (300, 90), (0, 0, 0, 0)), "WEBP", lossless=True), f"300x90 {WHITE}"),
    "one bit": (lambda: pictures.saved(Image.new("1", (300, 90), 1)), f"300x90 {WHITE}"),
    "an animated WebP": (lambda: pictures.animated("WEBP"), "240x60 RGB rgb (25"),
    "an animated PNG": (lambda: pictures.animated("PNG"), "240x60 RGB rgb (255, 0, 0)"),
    "a JPEG before a ZIP archive": (lambda: JPEG + pictures.zipped(), "400x300 RGB"),
    "a JPEG before a page": (lambda: JPEG + b"<html><script>alert(1)</script>", "400x300 RGB"),
    "a JPEG that lies on its side": (lambda: pictures.turned(6), "80x40 RGB"),
    "a JPEG whose notes are rubbish": (lambda: pictures.plain(300, 90, "JPEG", exif=b"Exif\0\0MM\0*" + os.urandom(400)),
                                       "300x90 RGB"),
    "a JPEG with other pictures in it": (lambda: pictures.saved(Image.new("RGB", (300, 90), "red"), "MPO", save_all=True,
                                         append_images=[Image.new("RGB", (99, 99))]), "300x90 RGB rgb (25"),
}  # fmt: skip


@pytest.fixture(scope="module")
def ask() -> Iterator[Callable[[bytes], Look]]:
    """Looks at one picture as a screen; all those of this file in one child, unless it must be replaced."""
    with asyncio.Runner() as runner:
        eyes = runner.run(_opened())
        yield lambda data: runner.run(eyes.look(data, "screen"))
        runner.run(eyes.close())


async def _opened() -> Watched:
    return Watched(Bounds(look_s=30.0, start_s=60.0, wait_s=60.0), looking.STAND_IN)


@pytest.mark.parametrize("name", HARMFUL)
def test_a_harmful_picture_is_refused_with_its_reason(ask: Callable[[bytes], Look], name: str) -> None:
    make, why = HARMFUL[name]
    assert ask(make()) == Look(Seen("refused", why=why))


@pytest.mark.parametrize("name", ODD)
def test_an_odd_picture_is_seen_as_people_see_it(ask: Callable[[bytes], Look], name: str) -> None:
    make, seen = ODD[name]
    look = ask(make())
    assert look.seen.text.replace("\n", " ").startswith(seen)
    assert b"Secret" not in look.shown
    assert b"Exif" not in look.shown


@pytest.mark.parametrize("size", [(1, 1), (1, 16_000), (23, 900)])
def test_a_picture_too_narrow_for_a_word_has_none(ask: Callable[[bytes], Look], size: tuple[int, int]) -> None:
    assert ask(pictures.saved(Image.new("RGB", size))) == Look(Seen("nothing", why="no_words"))


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_of_a_picture_that_was_damaged_anywhere_something_sensible_is_said(
    ask: Callable[[bytes], Look], form: str
) -> None:
    chance = random.Random(form)
    for _ in range(25):
        data = bytearray(pictures.plain(60, 40, form))
        for _ in range(chance.randrange(1, 6)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        assert ask(bytes(data)).seen.what in ("screen", "nothing", "refused")


def test_a_jpeg_that_is_drawn_over_and_over_is_given_up() -> None:
    """A hundredth of a megabyte for each second of work: nothing in its header tells."""
    data = pictures.saved(Image.new("RGB", (4900, 4900)), "JPEG", progressive=True)
    scan = data[data.rindex(b"\xff\xda") : -2]
    endless = data[:-2] + scan * 4000 + b"\xff\xd9"

    async def scene() -> None:
        eyes = Watched(Bounds(look_s=1.5, start_s=60.0), looking.STAND_IN)
        assert await eyes.look(endless, "screen") == Look(Seen("refused", why="slow"))
        await eyes.close()

    asyncio.run(scene())


def test_fifty_of_them_leave_the_service_as_small_as_it_was(ask: Callable[[bytes], Look]) -> None:
    made = [make() for make, _ in (*HARMFUL.values(), *ODD.values())]
    made += [pictures.plain(900 + n, 700, "JPEG") for n in range(50 - len(made))]
    for data in made[-8:]:
        ask(data)
    before = _resident()
    for data in made:
        ask(data)
    grown = _resident() - before
    assert len(made) >= 50
    assert grown < 12 * MB, f"{grown / MB:.1f} MB"


def test_nothing_of_a_picture_is_found_on_the_disk_afterwards(
    sqlite_url: str, clock: FakeClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("temp", "home", "here"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temp"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path / "here")
    picture = pictures.plain(500, 400, "JPEG")

    async def scene() -> Look:
        eyes = Watched(Bounds(look_s=30.0, start_s=60.0), looking.STAND_IN)
        look = await eyes.look(picture, "screen")
        assert (await eyes.look(picture[:5000], "screen")).seen.why == "broken"
        assert (await eyes.look(pictures.plain(looking.DIES, 50), "screen")).seen.why == "broken"
        await eyes.close()
        return look

    look = asyncio.run(scene())
    store = Store.open(sqlite_url)
    assert take_in(store, clock, arrived(1, seen=look.seen)) == 1
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert {file.name for file in files} <= {"bot.db", "bot.db-wal", "bot.db-shm"}, "no memory dump, no copy, no cache"
    kept = b"".join(file.read_bytes() for file in files)
    store.close()
    for piece in (*pictures.slices(picture), *pictures.slices(look.shown)):
        assert piece not in kept
        assert piece.hex().encode() not in kept
        assert base64.b64encode(piece) not in kept
    assert b"500x400" in kept, "what was read stays, so the search would find what is there"


def _resident() -> int:
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
