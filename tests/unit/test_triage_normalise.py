"""One spelling for everything that people type."""

from __future__ import annotations

import pytest

from triagebot.triage.normalise import MOST_CHARS, normalise


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("Ｕ盾插上没反应", "u盾插上没反应"),
        ("收唔到驗證碼，點解？", "收唔到验证码,点解?"),
        ("刷脸😭😭不过👍🏽", "刷脸 不过"),
        ("1️⃣ 打不开", "1 打不开"),
        ("刷\u200b脸\u00ad不\ufeff过", "刷脸不过"),
        ("  a\t\n  b\r\n", "a b"),
        ("WeChat 查询", "wechat 查询"),
        ("急急急急急急！！！！！！", "急急急!!!"),
        ("10000000", "10000000"),
        ("it isn’t “done” — no", 'it isn\'t "done" - no'),
        ("\ud800坏\x00的\x07", "坏 的"),
        ("😂🤣", ""),
        ("", ""),
    ],
)
def test_reads(typed: str, read: str) -> None:
    assert normalise(typed) == read


def test_a_pasted_book_is_cut_and_not_half_a_word_of_it_raises() -> None:
    assert len(normalise("征信" * 10_000)) == MOST_CHARS


def test_ligatures_that_unfold_into_many_characters_stay_within_the_cap() -> None:
    assert len(normalise("\ufdfa" * MOST_CHARS)) <= MOST_CHARS
