"""Chinese or English, from the letters alone."""

from __future__ import annotations

import pytest

from triagebot.triage.language import language
from triagebot.triage.normalise import normalise


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("刷脸不过", "zh"),
        ("wechat 打不开", "zh"),
        ("页面提示 Connection reset by peer, please try again later", "zh"),
        ("I cannot open my 信用报告 on the website since this morning", "en"),
        ("what does 呆账 mean", "en"),
        ("zhuan ren gong", "zh"),
        ("zen me cha zheng xin", "zh"),
        ("can you hang on", "en"),
        ("hi", "en"),
        ("ok", "en"),
        ("???", "zh"),
        ("", "zh"),
        ("123", "zh"),
    ],
)
def test_language(text: str, lang: str) -> None:
    assert language(normalise(text)) == lang
