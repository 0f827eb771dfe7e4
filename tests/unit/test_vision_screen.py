"""What is kept of a screen's words, and which lines nobody else may see."""

from __future__ import annotations

import pytest

from tests.unit.test_vision_layout import line
from triagebot.vision.ocr import Line
from triagebot.vision.personal import find
from triagebot.vision.screen import screen


def hidden(text: str) -> list[str]:
    return [text[start:end] for start, end, _ in find(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("身份证号  11O1O519900307293X", ["11O1O519900307293X"]),
        ("银行卡号  62l7 OO12 3456 789O 123", ["62l7 OO12 3456 789O 123"]),
        ("已发送至 l38I2345678", ["l38I2345678"]),
        ("62170012\n34567890123", ["62170012\n34567890123"]),
        ("姓名  欧阳明月", ["欧阳明月"]),
        ("姓名\n张三", ["张三"]),
        ("户名：李四\n开户行：工商银行", ["李四"]),
        ("收款人  王小二  金额  100", ["王小二"]),
        ("持卡人姓名  覃塘", ["覃塘"]),
        ("尊敬的赵敏女士，您的申请", ["赵敏"]),
        ("联系人: Zhang San\n电话", ["Zhang San"]),
        ("居住地址  北京市海淀区中关村大街27号\n下一步", ["北京市海淀区中关村大街27号"]),
        ("邮箱  a.b@example.com", ["a.b@example.com"]),
    ],
)
def test_what_is_personal_is_found_as_it_stands_on_screens(text: str, expected: list[str]) -> None:
    assert hidden(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "姓名\n证件类型\n证件号码",
        "姓名  请输入姓名",
        "姓名与身份证号不匹配",
        "已发送至 138****0000",
        "户名  *三",
        "错误码 90008",
        "官方热线 400-810-8866",
        "21:48  5G  53%",
        "Lessons BooZ OIl",
        "邮箱地址\n手机号",
    ],
)
def test_labels_masks_and_public_numbers_stay(text: str) -> None:
    assert hidden(text) == []


def test_the_lines_with_personal_data_are_named_both_halves_of_a_number_too() -> None:
    lines = [
        line("卡号", 60, 100),
        line("6217 0012 3456", 400, 100),
        line("7890 123", 400, 160),
        line("验证失败", 60, 400),
    ]
    seen, personal = screen(lines)
    assert seen.what == "screen"
    assert seen.hidden == ("bank_card",)
    assert "验证失败" in seen.text
    assert "[银行卡号]" in seen.text
    assert [one.text for one in personal] == ["6217 0012 3456", "7890 123"]


def test_a_long_number_is_painted_over_even_if_it_may_stay_in_the_text() -> None:
    seen, personal = screen([line("业务流水号 202611290018", 60, 100), line("支付失败了", 60, 300)])
    assert "202611290018" in seen.text
    assert [one.text for one in personal] == ["业务流水号 202611290018"]


def test_what_was_hardly_read_is_not_said_but_painted_over_when_it_may_be_personal() -> None:
    blurred = Line("手机号 13812345678", line("手机号 13812345678", 60, 200).box, 0.51)
    guess = Line("氵丶丿", line("氵丶丿", 60, 300).box, 0.52)
    seen, personal = screen([line("系统繁忙，请稍后再试", 60, 100), blurred, guess])
    assert seen.text == "系统繁忙，请稍后再试"
    assert seen.hidden == ()
    assert personal == (blurred,)


@pytest.mark.parametrize("lines", [[], [line("21:48", 60, 30), line("5G", 700, 30), line("53%", 900, 30)]])
def test_a_clock_and_a_battery_are_no_words(lines: list[Line]) -> None:
    seen, _ = screen(lines)
    assert (seen.what, seen.why, seen.text) == ("nothing", "no_words", "")
