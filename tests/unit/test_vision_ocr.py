"""The reader of screens: what it finds and where, without a network and without a word of its own."""

from __future__ import annotations

import socket

import pytest
from PIL import Image, ImageDraw, ImageFont

from tests.screens.drawing import faces
from triagebot.vision.ocr import Reader


def _page(wide: int, high: int, size: int, lines: tuple[str, ...]) -> Image.Image:
    image = Image.new("RGB", (wide, high), (255, 255, 255))
    pen, font = ImageDraw.Draw(image), ImageFont.truetype(str(faces()[0]), size)
    for n, line in enumerate(lines):
        pen.text((2 * size, 2 * size + 3 * n * size), line, font=font, fill=(20, 20, 20))
    return image


def test_lines_come_from_top_to_bottom_with_their_place_in_the_picture_that_was_given(screen_reader: Reader) -> None:
    said = ("人脸识别失败", "请重新验证", "错误码 90008")
    lines = screen_reader.read(_page(1200, 2400, 60, said))
    assert [line.text.replace(" ", "") for line in lines] == [text.replace(" ", "") for text in said]
    for n, line in enumerate(lines):
        (left, top), _, (right, bottom), _ = line.box
        assert left == pytest.approx(120, abs=30)
        assert top < 120 + 180 * n + 45 < bottom
        assert right > left + 200
        assert line.score > 0.9


def test_a_small_picture_and_a_strip_are_read_too(screen_reader: Reader) -> None:
    assert [line.text for line in screen_reader.read(_page(300, 90, 24, ("系统繁忙",)))] == ["系统繁忙"]
    assert screen_reader.read(_page(2400, 140, 40, ("系统繁忙，请稍后再试",)))[0].text.startswith("系统繁忙")


def test_it_asks_no_network_and_says_nothing(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def refused(*_: object) -> None:
        raise AssertionError("asked the network")

    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    assert [line.text for line in Reader().read(_page(600, 200, 40, ("登录名不存在",)))] == ["登录名不存在"]
    assert capfd.readouterr() == ("", "")
