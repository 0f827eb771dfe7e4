"""What the bot repeats of a screen: the lines that say what is wrong, as they stand there, and not too much of it."""

from __future__ import annotations

import pytest

from triagebot.dialogue.quoting import MOST_CHARACTERS, quoted
from triagebot.triage.normalise import normalise

SCREEN = "12:01  5G  88%\n征信查询\n人脸识别失败，请重试\n错误码：E1203\n取消  确定"


@pytest.mark.parametrize(
    ("text", "telling", "lines"),
    [
        (SCREEN, ("人脸识别失败，请重试", "错误码：E1203"), ["人脸识别失败，请重试", "错误码：E1203"]),
        ("取消  確定", ("确定",), ["確定"]),
        ("Try again\nTry again", ("try again",), ["Try again"]),
        (SCREEN, (), []),
        ("", ("",), []),
    ],
)
def test_the_lines_that_tell_in_the_screens_own_words(text: str, telling: tuple[str, ...], lines: list[str]) -> None:
    assert quoted(text, [normalise(line) for line in telling]) == lines


def test_it_stays_short_however_much_tells() -> None:
    long = "验证失败" * 40
    (line,) = quoted(long, [normalise(long)])
    assert len(line) == MOST_CHARACTERS
    assert line.endswith("…")
    lines = [f"第 {n} 步验证失败" for n in range(20)]
    assert quoted("\n".join(lines), [normalise(line) for line in lines]) == lines[:3]
