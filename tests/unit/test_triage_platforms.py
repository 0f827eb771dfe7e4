"""Which platform the person speaks of."""

from __future__ import annotations

import pytest
from triage_pack import book

from triagebot.triage.normalise import normalise
from triagebot.triage.platforms import PlatformNames


@pytest.mark.parametrize(
    ("text", "platform"),
    [
        ("微信查征信刷脸不过", "wechat"),
        ("WeChat check fails", "wechat"),
        ("小程序打不开", "wechat"),
        ("官网登不上", "pboc_web"),
        ("微信和官网不一样", "wechat"),
        ("不是微信,是支付宝", "alipay"),
        ("没用微信 在支付宝弄的", "alipay"),
        ("用的不是支付宝而是手机银行", "bank_app"),
        ("是不是微信的问题", "wechat"),
        ("支付宝那份比手机银行新", "alipay"),
        ("刷脸不过", "unknown"),
        ("wechatty", "unknown"),
    ],
)
def test_platform(text: str, platform: str) -> None:
    assert PlatformNames(book().platforms).find(normalise(text)) == platform


def test_a_rulebook_without_names_knows_no_platform() -> None:
    assert PlatformNames({}).find("微信") == "unknown"
