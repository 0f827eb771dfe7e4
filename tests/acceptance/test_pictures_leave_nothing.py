"""Pictures through every door of a real service, with the real eyes: read and measured, and nothing of them is left."""

from __future__ import annotations

import base64
import io
import json
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from PIL import Image

from tests.acceptance.fake_telegram import TOKEN, FakeTelegram
from tests.acceptance.service import Service, delivered, environment, triagebot
from tests.pictures import saved, slices
from tests.screens.shots import shots
from tests.screens.wordings import HELD

pytest.importorskip("rapidocr")
data = pytest.importorskip("skimage.data")

READER, MEASURED, ID_PAGE = 7001, 7002, 7003
_SPARSE = 4001
"""Bytes from one slice of pixels to the next."""


@pytest.fixture(scope="module")
def screen() -> bytes:
    """The face check failed, as an app says it."""
    return saved(next(shots(HELD[:1], seed=1)).image, "JPEG", quality=90)


@pytest.fixture(scope="module")
def face() -> bytes:
    """An astronaut (NASA, public domain)."""
    return saved(Image.fromarray(data.astronaut()), "JPEG", quality=92)


@pytest.fixture
def env(tmp_path: Path, models: Path) -> dict[str, str]:
    for name in ("tmp", "home"):
        (tmp_path / name).mkdir()
    places = {"TMPDIR": str(tmp_path / "tmp"), "HOME": str(tmp_path / "home")}
    return environment(tmp_path, models, **places, TRIAGEBOT_LOG_LEVEL="DEBUG")


def everywhere(folder: Path) -> bytes:
    """Database, its write-ahead log, logs, temporary files."""
    files = sorted(f for f in folder.rglob("*") if f.is_file() and "models" not in f.relative_to(folder).parts)
    return b"\n".join(file.read_bytes() for file in files)


def traces(picture: bytes) -> Iterator[bytes]:
    """Pieces of the file, of its pixels, and of both as text."""
    pixels = Image.open(io.BytesIO(picture)).convert("RGB").tobytes()
    for raw, every in ((picture, 97), (pixels, _SPARSE)):
        yield from slices(raw, every=every)
        yield from slices(base64.b64encode(raw), every=every)


def found(folder: Path, *pictures: bytes) -> list[bytes]:
    disk = everywhere(folder)
    assert b"run.started" in disk, "the log is among what is searched"
    assert any(words in disk for words in ("截图里写着".encode(), json.dumps("截图里写着")[1:-1].encode())), (
        "so is the chat"
    )
    pieces = [piece for picture in pictures for piece in traces(picture)]
    assert len(pieces) > 1000 * len(pictures)
    return [piece for piece in pieces if piece in disk]


def posted_on_the_page(url: str, picture: bytes) -> None:
    with httpx.Client(base_url=url, headers={"origin": url}, timeout=60) as browser:
        assert browser.post("/chat/begin").status_code == 204
        answer = browser.post("/chat/pictures?id=picture-0001", content=picture, headers={"content-type": "image/jpeg"})
        assert answer.status_code == 200, answer.text


def test_pictures_are_read_measured_and_gone(
    service: Service, telegram: FakeTelegram, env: dict[str, str], tmp_path: Path, screen: bytes, face: bytes
) -> None:
    telegram.sends_photo(READER, screen)
    told = telegram.wait(
        lambda: next((m for m in telegram.sent if m.chat == READER and "截图里写着" in m.text), None),
        "words",
        timeout=90,
    )
    assert "核身失败" in told.text or "光线过暗" in told.text
    telegram.says(MEASURED, "刷脸老是不过")
    telegram.wait_text(MEASURED, "光")
    telegram.press(MEASURED, "测一测光线")
    telegram.wait_text(MEASURED, "照片只用来量光线")
    telegram.sends_photo(MEASURED, face)
    shown = telegram.wait(
        lambda: next((m for m in telegram.sent if m.chat == MEASURED and m.kind == "photo"), None),
        "a photo",
        timeout=60,
    )
    Image.open(io.BytesIO(shown.file)).verify()
    telegram.wait(lambda: service.web, "the page")
    posted_on_the_page(service.web, screen)
    (tmp_path / "given").mkdir()
    file = tmp_path / "given" / "screen.jpg"
    file.write_bytes(screen)
    typed = triagebot(env, "chat", "--json", given=f"/photo {file}\n")
    assert "截图里写着" in json.loads(typed.stdout.splitlines()[0])["text"], typed.stderr
    file.unlink()
    end = time.monotonic() + 30
    while not delivered(tmp_path):
        assert time.monotonic() < end
        time.sleep(0.05)
    assert found(tmp_path, screen, face, shown.file) == []
    assert service.stop() == 0
    assert found(tmp_path, screen, face, shown.file) == []
    left = [file for name in ("tmp", "home") for file in (tmp_path / name).rglob("*")]
    assert left == [], "also of what libraries would like to remember"
    assert TOKEN.partition(":")[2].encode() not in everywhere(tmp_path)
