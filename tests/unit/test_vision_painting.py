"""What is personal on a screen cannot be read any more once it is painted over; the error beside it can."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random

import pytest
from PIL import Image, ImageDraw, ImageFont

from tests.screens.camera import photographed
from tests.screens.drawing import faces
from triagebot.vision.ocr import Reader
from triagebot.vision.painting import painted
from triagebot.vision.screen import screen

ERROR = "银行卡验证失败，请核对后重新提交"
FORM = (
    ("姓名", "欧阳明月"),
    ("身份证号", "110105199003072938"),
    ("银行卡号", "6217 0012 3456 7890 123"),
    ("预留手机号", "138 1234 5678"),
    ("邮箱", "ming.yue@example.com"),
    ("居住地址", "北京市海淀区中关村大街27号"),
)
SECRET = ("欧阳", "明月", "110105", "19900307", "6217", "7890", "1381", "5678", "ming", "example", "海淀", "中关村")


def _form(face: Path, *, dark: bool) -> Image.Image:
    image = Image.new("RGB", (1080, 1500), (20, 20, 22) if dark else (250, 250, 250))
    pen, font = ImageDraw.Draw(image), ImageFont.truetype(str(face), 42)
    ink = (230, 230, 230) if dark else (30, 30, 30)
    for n, (label, value) in enumerate(FORM):
        pen.text((60, 120 + 140 * n), label, font=font, fill=ink)
        pen.text((360, 120 + 140 * n), value, font=font, fill=ink)
    pen.text((60, 1200), ERROR, font=font, fill=(220, 60, 60))
    return image


@pytest.mark.parametrize("nth", range(3))
def test_nothing_personal_can_be_read_again_and_the_error_can(screen_reader: Reader, nth: int) -> None:
    form = _form(faces()[nth], dark=nth == 1)
    image = photographed(form, Random(nth)) if nth == 2 else form
    seen, personal = screen(screen_reader.read(image))
    again = "\n".join(line.text for line in screen_reader.read(painted(image, personal)))
    assert set(seen.hidden) == {"name", "id_card", "bank_card", "phone", "email", "address"}
    assert ERROR[:7] in seen.text
    assert ERROR[:7] in again
    for part in SECRET:
        assert part not in seen.text
        assert part not in again
    assert not re.search(r"\d", again)


def test_a_screen_without_personal_data_is_shown_as_it_is(screen_reader: Reader) -> None:
    image = Image.new("RGB", (600, 300), (255, 255, 255))
    font = ImageFont.truetype(str(faces()[0]), 40)
    ImageDraw.Draw(image).text((30, 100), "人脸识别失败 错误码 90008", font=font, fill=(0, 0, 0))
    seen, personal = screen(screen_reader.read(image))
    assert seen.text == "人脸识别失败 错误码 90008"
    assert personal == ()
    assert painted(image, personal).tobytes() == image.tobytes()


def test_a_picture_without_words_has_none(screen_reader: Reader) -> None:
    assert screen_reader.read(Image.new("RGB", (720, 1280), (90, 120, 60))) == ()
