"""Whether pictures are looked at: by the settings and by what is installed; without either, a service pays nothing for them."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from triagebot.cli import doctor
from triagebot.opening import open_eyes
from triagebot.settings import Settings, load_settings
from triagebot.vision import watch
from triagebot.vision.look import refused

ROOT = Path(__file__).parents[2]


def _without(monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    monkeypatch.setattr(watch, "find_spec", lambda name: None if name == package else object())


def test_with_the_extra_there_are_eyes() -> None:
    eyes = open_eyes(Settings())
    assert eyes.open
    asyncio.run(eyes.close())
    (finding,) = doctor._pictures(Settings())
    assert (finding.state, "nothing of them is stored" in finding.detail) == ("ok", True)


@pytest.mark.parametrize("package", watch.NEEDS)
def test_without_a_part_of_the_extra_nothing_is_looked_at_and_doctor_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    _without(monkeypatch, package)
    eyes = open_eyes(Settings())
    assert not eyes.open
    assert asyncio.run(eyes.look(b"\x89PNG\r\n\x1a\n", "screen")) == refused("blind")
    (finding,) = doctor._pictures(Settings())
    assert finding.state == "warning"
    assert package in finding.detail
    assert "pip install 'triagebot[ocr]'" in finding.detail


def test_who_does_not_want_them_looked_at_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIAGEBOT_PICTURES", "off")
    settings = load_settings(Settings)
    assert not open_eyes(settings).open
    (finding,) = doctor._pictures(settings)
    assert (finding.state, "TRIAGEBOT_PICTURES" in finding.detail) == ("ok", True)


_LOOKS = """
import asyncio, sys
from tests import looking
from triagebot.opening import open_eyes
from triagebot.settings import Settings
from triagebot.vision.watch import Watched

async def main():
    await open_eyes(Settings()).close()
    eyes = Watched(program=looking.STAND_IN)
    look = await eyes.look(bytes.fromhex(sys.argv[1]), "screen")
    await eyes.close()
    print(look.seen.text.split()[0], {"PIL", "numpy", "onnxruntime", "rapidocr", "skimage", "cv2"} & {*sys.modules})

asyncio.run(main())
"""


def test_the_service_itself_imports_nothing_that_decodes_or_reads_pictures() -> None:
    from tests import pictures

    picture = pictures.plain(80, 60, "JPEG").hex()
    done = subprocess.run([sys.executable, "-c", _LOOKS, picture], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout == "80x60 set()\n"
