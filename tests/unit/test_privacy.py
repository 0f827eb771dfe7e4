"""What is hidden and what stays, as tables (see privacy_cases.py); and what is said about it."""

from __future__ import annotations

import time

import pytest
from privacy_cases import HIDDEN, KEPT

from triagebot.privacy import PLACEHOLDER, Redacted, hidden_kinds_in_words, redact, redact_name, redact_structure


@pytest.mark.parametrize(("text", "expected"), HIDDEN, ids=ascii)
def test_personal_data_is_hidden_and_nothing_else(text: str, expected: str) -> None:
    redacted = redact(text)
    assert redacted.text == expected
    assert set(redacted.kinds) == {kind for kind, word in PLACEHOLDER.items() if word in expected}


@pytest.mark.parametrize("text", KEPT, ids=ascii)
def test_what_is_not_personal_stays(text: str) -> None:
    assert redact(text) == Redacted(text, ())


@pytest.mark.parametrize("text", [text for text, _ in HIDDEN], ids=ascii)
def test_a_second_time_changes_nothing(text: str) -> None:
    once = redact(text).text
    assert redact(once) == Redacted(once, ())


def test_kinds_come_once_each_in_the_order_of_the_text() -> None:
    text = "13800138000 110101199003071234 13900139000 6217888800001234"
    assert redact(text).kinds == ("phone", "id_card", "bank_card")


def test_kinds_are_told_as_a_person_says_them() -> None:
    assert hidden_kinds_in_words(("id_card", "phone", "id_card"), "zh") == "身份证号、手机号"
    assert hidden_kinds_in_words(("id_card", "phone"), "en") == "ID number, phone number"
    assert hidden_kinds_in_words((), "zh") == ""
    assert hidden_kinds_in_words(("of a later version",), "en") == "personal data"


def test_every_kind_has_a_placeholder_and_words_in_both_languages() -> None:
    for kind, placeholder in PLACEHOLDER.items():
        assert placeholder == f"[{hidden_kinds_in_words((kind,), 'zh')}]"
        assert hidden_kinds_in_words((kind,), "en") != "personal data"


@pytest.mark.parametrize(
    ("display_name", "expected"),
    [
        ("小太阳🌞", "小太阳🌞"),
        ("张三13800138000", "张三[手机号]"),
        ("  Zhang\n San\t", "Zhang San"),
        ("a@qq.com", "[邮箱]"),
        ("", ""),
    ],
)
def test_a_display_name_keeps_what_the_person_chose_without_numbers(display_name: str, expected: str) -> None:
    assert redact_name(display_name) == expected


def test_structures_are_walked_and_their_shape_stays() -> None:
    update = {
        "update_id": 138001380001380,
        "message": {
            "text": "我的手机13800138000",
            "photo": [{"file_id": "AgAD", "caption": "身份证110101199003071234"}, None, 1.5, True],
            "13800138000": ("a@b.cn", b"raw"),
        },
    }
    assert redact_structure(update) == {
        "update_id": 138001380001380,
        "message": {
            "text": "我的手机[手机号]",
            "photo": [{"file_id": "AgAD", "caption": "身份证[身份证号]"}, None, 1.5, True],
            "[手机号]": ("[邮箱]", b"raw"),
        },
    }
    assert update["message"]["text"] == "我的手机13800138000", "the original is not touched"  # type: ignore[index]


def test_a_structure_too_deep_to_walk_is_cut_not_leaked() -> None:
    deep: object = "13800138000"
    for _ in range(5000):
        deep = [deep]
    assert "13800138000" not in repr(redact_structure(deep))


HOSTILE = {
    "digits": "1",
    "digits and spaces": "1 ",
    "identity numbers": "110101199003071234 ",
    "nearly identity numbers": "11010119900307123",
    "phones cut short": "138 0013 800",
    "half cards": "6 2 ",
    "groups of four": "6217 ",
    "at signs": "a@",
    "dots": "a.",
    "domain without end": "a@b.b.b.",
    "passwords": "密码是",
    "code words": "验证码我收到的是",
    "names": "my name is ",
    "labels": "姓名：",
    "long gaps": "1" + " " * 16,
    "zero width": "1\u200b",
    "spelled": "一",
    "full width": "１，",
    "amounts": "12,",
    "times": "12:30 ",
    "plus signs": "+86 ",
    "everything": "手机13800138000 6217验证码6 a@b.cn 密码是x1 ",
}


@pytest.mark.parametrize("pattern", HOSTILE.values(), ids=HOSTILE.keys())
def test_twenty_thousand_hostile_characters_take_no_time(pattern: str) -> None:
    text = (pattern * (20_000 // len(pattern) + 1))[:20_000]
    spent = []
    for _ in range(3):
        start = time.process_time()
        redact(text)
        spent.append(time.process_time() - start)
    assert min(spent) < 0.05


def test_the_work_grows_with_the_text_and_not_faster() -> None:
    def cost(length: int) -> float:
        text = ("6217 1380 验证码6 110101 a@b 姓名：" * 20_000)[:length]
        spent = []
        for _ in range(3):
            start = time.process_time()
            redact(text)
            spent.append(time.process_time() - start)
        return min(spent)

    assert cost(80_000) < 10 * cost(20_000)
