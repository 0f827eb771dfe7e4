"""A wording -> the picture of a phone's screen, with what stands around an error: bars, page, buttons, keyboard of tabs."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest
from PIL import Image, ImageDraw, ImageFont

from tests.screens.wordings import Told
from triagebot.report import fonts

Colour = tuple[int, int, int]
WIDTH, HEIGHT = 1080, 2340
FACES = (
    Path(fonts.__file__).with_name("NotoSansSC-subset.ttf"),
    Path("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc"),
    Path("/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc"),
)
"""One ships with the product, the others with Debian (fonts-wqy-microhei, fonts-wqy-zenhei)."""


@dataclass(frozen=True)
class Theme:
    back: Colour
    card: Colour
    ink: Colour
    grey: Colour
    accent: Colour


LIGHT = Theme((244, 245, 247), (255, 255, 255), (26, 26, 28), (140, 142, 148), (22, 119, 255))
DARK = Theme((17, 17, 19), (38, 38, 41), (232, 232, 234), (138, 138, 144), (76, 150, 255))


def faces() -> tuple[Path, ...]:
    """Fails on CI, skips the test on a developer's machine, where fonts are missing."""
    if missing := [str(face) for face in FACES if not face.exists()]:
        words = f"no fonts {', '.join(missing)}; Debian: apt-get install fonts-wqy-microhei fonts-wqy-zenhei"
        if os.environ.get("CI"):
            raise RuntimeError(words)
        pytest.skip(words)
    return FACES


class Screen:
    """One screen under the pencil."""

    def __init__(self, told: Told, theme: Theme, face: Path, chance: Random) -> None:
        self.told, self.theme, self.face, self.chance = told, theme, face, chance
        self.image = Image.new("RGB", (WIDTH, HEIGHT), theme.back)
        self.pen = ImageDraw.Draw(self.image)
        self.written: list[str] = []

    def drawn(self) -> Image.Image:
        {"dialog": self._dialog, "toast": self._toast, "page": self._page, "browser": self._browser,
         "message": self._message}[self.told.shape]()  # fmt: skip
        return self.image

    def _font(self, size: int) -> ImageFont.FreeTypeFont:
        return ImageFont.truetype(str(self.face), size)

    def _text(self, x: float, y: float, text: str, size: int, colour: Colour, middle: bool = False) -> None:
        self.written.append(text)
        self.pen.text((x, y), text, font=self._font(size), fill=colour, anchor="ma" if middle else "la")

    def _wrapped(self, text: str, size: int, width: float) -> list[str]:
        font, lines = self._font(size), [""]
        for c in text:
            if font.getlength(lines[-1] + c) > width and c not in "，。、）”":
                lines.append("")
            lines[-1] += c
        return lines

    def _paragraph(self, x: float, y: float, text: str, size: int, width: float, colour: Colour, middle: bool) -> float:
        """Where it ends."""
        for line in self._wrapped(text, size, width):
            self._text(x, y, line, size, colour, middle)
            y += size * 1.5
        return y

    def _bars(self, capsule: bool = True) -> None:
        ink, chance = self.theme.ink, self.chance
        self._text(60, 36, f"{chance.randint(0, 23):02}:{chance.randint(0, 59):02}", 38, ink)
        self._text(760, 36, chance.choice(("5G", "4G", "HD 5G")), 34, ink)
        self._text(900, 36, f"{chance.randint(3, 100)}%", 34, ink)
        self._text(50, 130, "<", 60, ink)
        self._text(WIDTH / 2, 138, self.told.bar, 48, ink, middle=True)
        if capsule:
            self.pen.rounded_rectangle((830, 122, 1030, 208), 43, outline=self.theme.grey, width=2)
            for x in (868, 888, 908):
                self.pen.ellipse((x - 6, 159, x + 6, 171), fill=ink)
            self.pen.ellipse((950, 143, 994, 187), outline=ink, width=5)

    def _behind(self, top: float = 280) -> None:
        y = top
        for line in self.told.around:
            self.pen.rectangle((0, y, WIDTH, y + 130), fill=self.theme.card)
            self._text(60, y + 38, line, 44, self.theme.ink)
            y += 134
        for k, tab in enumerate(("首页", "服务", "我的")):
            self._text(180 + 360 * k, HEIGHT - 120, tab, 34, self.theme.grey, middle=True)

    def _dialog(self) -> None:
        self._bars()
        self._behind()
        self.image = Image.blend(self.image, Image.new("RGB", self.image.size, (0, 0, 0)), 0.5)
        self.pen = ImageDraw.Draw(self.image)
        lines = self._wrapped(self.told.words, 46, 700)
        tall = 150 + (90 if self.told.head else 0) + len(lines) * 69 + 150
        top = (HEIGHT - tall) / 2
        self.pen.rounded_rectangle((130, top, 950, top + tall), 32, fill=self.theme.card)
        y = top + 60
        if self.told.head:
            self._text(WIDTH / 2, y, self.told.head, 54, self.theme.ink, middle=True)
            y += 100
        self._paragraph(
            WIDTH / 2, y, self.told.words, 46, 700, self.theme.grey if self.told.head else self.theme.ink, True
        )
        self._buttons(130, 950, top + tall - 150)

    def _buttons(self, left: float, right: float, top: float) -> None:
        self.pen.line((left, top, right, top), fill=self.theme.back, width=3)
        wide = (right - left) / max(1, len(self.told.buttons))
        for k, word in enumerate(self.told.buttons):
            colour = self.theme.accent if k == len(self.told.buttons) - 1 else self.theme.ink
            self._text(left + wide * (k + 0.5), top + 45, word, 50, colour, middle=True)

    def _toast(self) -> None:
        self._bars()
        self._behind()
        lines = self._wrapped(self.told.words, 44, 640)
        tall, top = len(lines) * 66 + 80, 1150
        self.pen.rounded_rectangle((180, top, 900, top + tall), 24, fill=(60, 60, 62))
        self._paragraph(WIDTH / 2, top + 40, self.told.words, 44, 640, (255, 255, 255), True)

    def _page(self) -> None:
        self._bars()
        self.pen.ellipse((430, 330, 650, 550), fill=(250, 81, 81))
        self.pen.rectangle((528, 380, 552, 460), fill=(255, 255, 255))
        self.pen.ellipse((526, 480, 554, 508), fill=(255, 255, 255))
        self._text(WIDTH / 2, 620, self.told.head, 60, self.theme.ink, middle=True)
        y = self._paragraph(WIDTH / 2, 730, self.told.words, 44, 860, self.theme.grey, True) + 60
        for line in self.told.around:
            self._text(WIDTH / 2, y, line, 38, self.theme.grey, middle=True)
            y += 80
        for k, word in enumerate(self.told.buttons):
            top = 1760 + 160 * k
            self.pen.rounded_rectangle(
                (140, top, 940, top + 126), 16, fill=self.theme.accent if not k else self.theme.card
            )
            self._text(WIDTH / 2, top + 34, word, 48, (255, 255, 255) if not k else self.theme.ink, middle=True)

    def _browser(self) -> None:
        told = self.told
        self._bars(capsule=False)
        self.pen.rounded_rectangle((120, 118, 960, 212), 40, fill=self.theme.card)
        self._text(WIDTH / 2, 140, told.bar, 44, self.theme.ink, middle=True)
        self._text(60, 270, "中国人民银行征信中心", 50, (178, 34, 34))
        self._text(60, 345, "个人信用信息服务平台", 38, self.theme.grey)
        y = 470.0
        for line in told.around:
            self._text(60, y, line, 40, self.theme.ink)
            self.pen.rectangle((330, y - 14, 1000, y + 66), outline=self.theme.grey, width=2)
            y += 116
        y = self._paragraph(60, y + 20, told.words, 42, 940, (214, 40, 40), False) + 50
        if told.buttons:
            self.pen.rectangle((60, y, 420, y + 100), fill=self.theme.accent)
            self._text(240, y + 24, told.buttons[0], 42, (255, 255, 255), middle=True)
        self._text(
            WIDTH / 2,
            HEIGHT - 160,
            "版权所有 中国人民银行征信中心  京ICP备13030061号",
            30,
            self.theme.grey,
            middle=True,
        )

    def _message(self) -> None:
        self._bars(capsule=False)
        self._text(WIDTH / 2, 300, self.told.around[0], 34, self.theme.grey, middle=True)
        lines = self._wrapped(self.told.words, 46, 720)
        self.pen.rounded_rectangle((60, 380, 880, 440 + len(lines) * 69), 30, fill=self.theme.card)
        self._paragraph(100, 405, self.told.words, 46, 720, self.theme.ink, False)
        self._text(150, HEIGHT - 150, self.told.around[-1], 38, self.theme.grey)


def drawn(told: Told, theme: Theme, face: Path, chance: Random) -> tuple[Image.Image, tuple[str, ...]]:
    """RGB, 1080 x 2340; and every line of text that was drawn."""
    screen = Screen(told, theme, face, chance)
    return screen.drawn(), tuple(screen.written)
