"""When two messages count as copies of each other."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from triagebot.rulebook.likeness import LIKE, alike, bare, parts


def likeness(one: str, other: str) -> Fraction:
    a, b = parts(one), parts(other)
    return Fraction(len(a & b), len(a | b)) if a | b else Fraction(0)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("刷脸 总是不过！", "刷脸总是不过"),
        ("ＰＤＦ打不开…", "pdf打不开"),
        ("What's this?", "whats this"),
    ],
)
def test_the_same_message(one: str, other: str) -> None:
    assert bare(one) == bare(other)


def test_a_message_without_letters_is_still_itself() -> None:
    assert bare("？ ？") == bare("??") != bare("...")


@pytest.mark.parametrize(
    ("one", "other", "copy"),
    [
        ("验证码一直不来", "验证码一直都不来", True),  # one put in
        ("报告里面有一笔错", "报告里头有一笔错", False),  # one replaced of 8
        ("报告里面有一笔错的", "报告里头有一笔错的", True),  # one replaced of 9
        ("微信刷脸一直提示光线太暗怎么办", "微信刷脸老是提示光线太暗怎么办", True),  # two neighbours of 15
        ("查征信要钱吗", "企业查征信要钱吗", False),
        ("is there an English version of the dispute form", "is there an English version of the website", False),
        ("my report is stuck at 99 percent", "my report was stuck at 99 percent", True),
        ("不想要了", "不想要了吧", False),  # too short: only equal ones are copies
    ],
)
def test_copies_and_others(one: str, other: str, copy: bool) -> None:
    assert [(n, m) for n, m, _ in alike([parts(bare(one)), parts(bare(other))])] == ([(1, 0)] if copy else [])


def test_it_finds_what_comparing_all_with_all_finds() -> None:
    draw = random.Random(7)
    first = ["".join(draw.choices("abcdefgh", k=draw.randint(3, 16))) for _ in range(150)]
    later = [text.replace(draw.choice(text), draw.choice("abcdefghx"), 1) for text in first]
    texts = first + later
    expected = {
        (n, m, float(likeness(texts[n], texts[m])))
        for n in range(len(texts))
        for m in range(n)
        if likeness(texts[n], texts[m]) >= LIKE
    }
    assert len(expected) > 50
    assert set(alike([parts(text) for text in texts])) == expected
    across = alike([parts(text) for text in later], [parts(text) for text in first])
    assert {(n + 150, m) for n, m, _ in across} == {(n, m) for n, m, _ in expected if n >= 150 > m}
