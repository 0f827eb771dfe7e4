"""The text of a screen from lines and their places."""

from __future__ import annotations

from triagebot.vision.layout import page
from triagebot.vision.ocr import Line


def line(text: str, left: float, top: float, size: float = 40, *, slope: float = 0) -> Line:
    """A line as a reader finds it, ``slope`` pixels lower at its right end."""
    right = left + size * sum(1 if c > "\xff" else 0.55 for c in text)
    box = ((left, top), (right, top + slope), (right, top + size + slope), (left, top + size))
    return Line(text, box, 0.99)


def test_a_wrapped_sentence_is_one_line_again() -> None:
    lines = [line("姓名、证件类型、证件号码三项标识不匹", 100, 100), line("配，请重新输入", 100, 155)]
    assert page(lines).text == "姓名、证件类型、证件号码三项标识不匹配，请重新输入"


def test_a_centred_sentence_too_and_words_of_english_keep_their_space() -> None:
    lines = [line("Identity verification failed, please", 100, 100), line("try again", 100 + 298, 155)]
    assert page(lines).text == "Identity verification failed, please try again"


def test_what_stands_apart_stays_apart() -> None:
    title, words, button = (
        line("核身失败了请看", 300, 100, 54),
        line("环境光线过暗，请移至明亮处", 200, 200),
        line("重试", 400, 400),
    )
    assert page([button, words, title]).text == "核身失败了请看\n环境光线过暗，请移至明亮处\n重试"


def test_the_same_height_is_one_row_from_left_to_right() -> None:
    assert page([line("张三", 400, 103), line("姓名", 60, 100)]).text == "姓名  张三"
    assert page([line("确定", 600, 100), line("取消", 200, 106)]).text == "取消  确定"


def test_a_screen_seen_askew_is_read_in_the_same_order() -> None:
    lines = [line("姓名", 60, 100, slope=4), line("张三丰", 400, 112, slope=6), line("证件号码", 60, 190, slope=8)]
    assert page(lines).text == "姓名  张三丰\n证件号码"


def test_a_sentence_beside_a_column_is_not_torn_by_it() -> None:
    lines = [line("开始", 20, 110), line("您的银行卡未开通银联在线支付，", 200, 100), line("验证不成功", 200, 150)]
    assert "您的银行卡未开通银联在线支付，验证不成功" in page(lines).text


def test_each_character_knows_its_line() -> None:
    laid = page([line("姓名", 60, 100), line("张三", 400, 100)])
    assert laid.owners == (0, 0, -1, -1, 1, 1)


def test_no_lines_are_an_empty_page() -> None:
    assert page([]).text == ""
