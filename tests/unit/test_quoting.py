"""Of all that stands on a screen, what the bot repeats: the lines that say what is wrong."""

from __future__ import annotations

import pytest

from triagebot.dialogue.quoting import MOST_CHARACTERS, telling

SCREEN = "12:01 5G 88%\n〈 征信查询\n人脸识别失败，请重试\n错误码：66100018\n确定\n取消"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (SCREEN, ["人脸识别失败，请重试", "错误码：66100018"]),
        ("9:41\n征信中心\n登录\n请输入登录名\n验证码已过期，请重新获取", ["验证码已过期，请重新获取"]),
        ("Alipay\nVerification failed. Try again later.\nOK", ["Verification failed. Try again later."]),
        ("查询今天的信用报告\n确定", ["查询今天的信用报告"]),
        ("无法打开页面\n无法打开页面", ["无法打开页面"]),
        ("确定\n取消", ["确定", "取消"]),
        ("", []),
    ],
)
def test_the_lines_that_say_what_is_wrong_in_their_order(text: str, lines: list[str]) -> None:
    assert telling(text) == lines


def test_it_stays_short_however_much_there_is() -> None:
    long = "验证失败" * 40
    (line,) = telling(long)
    assert len(line) == MOST_CHARACTERS
    assert line.endswith("…")
    many = telling("\n".join(f"第 {n} 步验证失败，请重试，如果还是失败请联系客服处理" for n in range(20)))
    assert 1 < len(many) <= 3
    assert sum(map(len, many)) <= MOST_CHARACTERS
