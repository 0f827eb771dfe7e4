"""Which words around a hit deny it."""

from __future__ import annotations

import pytest

from triagebot.triage.negation import denied


def _denied(text: str, word: str) -> bool:
    start = text.index(word)
    return denied(text, start, start + len(word))


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("不是人脸的问题", "人脸"),
        ("不是因为刷脸,是短信", "刷脸"),
        ("我说了并不是验证码的事", "验证码"),
        ("没有人脸的问题", "人脸"),
        ("跟验证码没关系", "验证码"),
        ("和刷脸无关", "刷脸"),
        ("刷脸没问题,是短信收不到", "刷脸"),
        ("人脸已经过了 卡在银行卡", "人脸"),
        ("it is not about the payment", "payment"),
        ("i mean the text message, not the face", "face"),
        ("no problem with my face, the code is missing", "face"),
        ("face check was fine, the code never came", "face check"),
    ],
)
def test_denied(text: str, word: str) -> None:
    assert _denied(text, word)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("是不是人脸的问题", "人脸"),
        ("不是人脸的问题吗?", "人脸"),
        ("会不会不是人脸的问题呢", "人脸"),
        ("没有验证码", "验证码"),
        ("没收到验证码", "验证码"),
        ("不是我的贷款", "贷款"),
        ("刷脸过不了", "刷脸"),
        ("人脸没通过", "人脸"),
        ("刷脸没问题吗", "刷脸"),
        ("和刷脸一样", "刷脸"),
        ("not my loan", "loan"),
        ("the face does not match", "face"),
        ("刷脸", "刷脸"),
    ],
)
def test_not_denied(text: str, word: str) -> None:
    assert not _denied(text, word)
