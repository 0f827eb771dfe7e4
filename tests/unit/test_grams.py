"""Grams: what the search index holds of a text, and what a text is looked for as."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triagebot.desk.finding.grams import grams, phrase


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("刷脸老是失败", "刷脸 脸老 老是 是失 失败 败"),
        ("脸", "脸"),
        ("", ""),
        ("👍！……", ""),
        ("刷臉失敗", "刷脸 脸失 失败 败"),
        ("刷脸，失败", "刷脸 脸 失败 败"),
        ("刷脸 \n 失败", "刷脸 脸失 失败 败"),
        ("WiFi连不上", "wifi 连不 不上 上"),
        ("Error Code: E-4003", "error code e 4003"),
        ("ＡＢＣ１２３", "abc123"),
        ("[手机号]打不通", "手机 机号 号 打不 不通 通"),
        ("verification.face_check", "verification face check"),
        ("x" * 100, "x" * 3),
    ],
)
def test_neighbours_of_chinese_and_whole_words_of_the_rest(text: str, expected: str) -> None:
    assert grams(text) == expected


def test_a_word_is_not_longer_than_an_index_takes() -> None:
    assert len(grams("ab" * 900)) == 64


def test_a_long_text_is_searched_to_its_end() -> None:
    assert grams("好的。" * 1500 + "量子纠缠").endswith("量子 子纠 纠缠 缠")


@pytest.mark.parametrize(
    ("text", "looked_for", "begins"),
    [
        ("刷脸", ("刷脸",), False),
        ("刷脸失败", ("刷脸", "脸失", "失败"), False),
        ("脸", ("脸",), True),
        ("连wifi", ("连", "wifi"), False),
        ("wifi连", ("wifi", "连"), True),
        ("face check", ("face", "check"), False),
        ("刷脸，失败", ("刷脸", "脸", "失败"), False),
        ("老脸。脸", ("老脸", "脸", "脸"), True),
    ],
)
def test_what_is_looked_for_may_go_on_in_the_text(text: str, looked_for: tuple[str, ...], begins: bool) -> None:
    found = phrase(text)
    assert found is not None
    assert (found.grams, found.begins) == (looked_for, begins)


@pytest.mark.parametrize("text", ["", "  ", "？！", "👍"])
def test_signs_alone_cannot_be_looked_for(text: str) -> None:
    assert phrase(text) is None


_TEXT = st.text(st.sampled_from("刷脸失败连不上的，。 ab1 W-"), max_size=30)


@given(before=st.sampled_from(["", "我", "说：", "a "]), text=_TEXT, after=st.sampled_from(["", "了", "。", " b"]))
def test_a_text_is_found_in_whatever_holds_it(before: str, text: str, after: str) -> None:
    """At its edges Latin words must be whole."""
    wanted = phrase(text)
    if wanted is None or text[:1].isascii() or text[-1:].isascii():
        return
    held = f" {grams(before + text + after)} "
    assert f" {' '.join(wanted.grams)}{'' if wanted.begins else ' '}" in held
