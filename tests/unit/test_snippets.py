"""Snippets: the words around what was found, in the spelling in which they were written."""

from __future__ import annotations

import pytest

from triagebot.desk.finding.grams import Phrase, phrase
from triagebot.desk.finding.snippets import marked, snippet


def looked_for(*words: str) -> list[Phrase]:
    return [found for word in words if (found := phrase(word)) is not None]


@pytest.mark.parametrize(
    ("text", "words", "shown"),
    [
        ("刷脸老是不过", ["老是"], "刷脸【老是】不过"),
        ("刷臉老是不過", ["不过"], "刷臉老是【不過】"),
        ("我 的 WeChat 打不开", ["wechat"], "我 的 【WeChat】 打不开"),
        ("刷脸，\n刷脸", ["刷脸"], "【刷脸】， 【刷脸】"),
        ("刷 脸 失败", ["刷脸"], "【刷 脸】 失败"),
        ("ＡＢＣ 123", ["abc"], "【ＡＢＣ】 123"),
        ("脸", ["脸"], "【脸】"),
        ("刷脸失败", ["刷脸失", "脸失败"], "【刷脸失】【败】"),
        ("刷脸", ["别的"], "刷脸"),
        ("", ["刷脸"], ""),
    ],
)
def test_what_was_found_is_marked_as_it_was_written(text: str, words: list[str], shown: str) -> None:
    assert marked(snippet(text, looked_for(*words))) == shown


def test_of_a_long_text_the_part_around_the_find_is_shown() -> None:
    shown = marked(snippet("前" * 200 + "刷脸" + "后" * 200, looked_for("刷脸")))
    assert shown == "…" + "前" * 16 + "【刷脸】" + "后" * 54 + "…"


def test_a_long_text_without_a_find_is_shown_from_its_beginning() -> None:
    assert marked(snippet("前" * 200, [])) == "前" * 72 + "…"
