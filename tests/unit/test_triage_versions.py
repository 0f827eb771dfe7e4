"""The version of an app, in what people say and in what screens show."""

from __future__ import annotations

import pytest

from triagebot.triage.facts.versions import app_version


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("微信8.0.50", "8.0.50"),
        ("我的微信是8.0.50版本", "8.0.50"),
        ("版本号 8.0.47", "8.0.47"),
        ("版本号：8.0.47", "8.0.47"),
        ("当前版本 10.6.8.5200", "10.6.8.5200"),
        ("v10.6.8 打不开", "10.6.8"),
        ("V 10.6.8", "10.6.8"),
        ("支付宝 10.5.96", "10.5.96"),
        ("支付宝app版本10.5.96，刷脸不过", "10.5.96"),
        ("云闪付的版本是10.1.2", "10.1.2"),
        ("手机银行 9.1.0 闪退", "9.1.0"),
        ("微信版本 8.0", "8.0"),
        ("WeChat 8.0.50 on iOS 18.1", "8.0.50"),
        ("iOS 18.1.1，微信 8.0.50", "8.0.50"),
        ("app version: 8.0.50", "8.0.50"),
        ("８．０．５０版本的微信", "8.0.50"),
        ("用的是 8.0.50 版", "8.0.50"),
        ("微信\nVersion 8.0.50", "8.0.50"),
        ("微信升级到8.0.50还是不行, 版本号8.0.50", "8.0.50"),
        ("Android 14 支付宝10.6.0", "10.6.0"),
    ],
)
def test_a_version_is_found_as_it_was_written(text: str, version: str) -> None:
    assert app_version(text) == version


@pytest.mark.parametrize(
    "text",
    [
        "",
        "刷脸一直失败",
        "iOS 18.1",
        "iOS 18.1.1",
        "系统版本 14.0.3",
        "安卓系统版本号是 13.1.2",
        "HarmonyOS 4.2.0",
        "鸿蒙4.2.0.130",
        "浏览器版本 120.0.6099",
        "付了 12.50 元",
        "微信 12.50",
        "微信扣了25.00",
        "v 1.5 倍",
        "2026.11.23 申请的",
        "26.11.23 在微信查的",
        "微信 26.11.23 查的",
        "打 192.168.1.1 不通",
        "电话 010-66194567",
        "手机 13800138000",
        "2.0版征信",
        "征信2.0版本",
        "征信报告版本 2.0 怎么看",
        "二代征信",
        "工单 1.2",
        "错误码 10.20.30",
        "利率 3.85%",
        "8.0.50",
        "版本太低",
        "银行 4.35 万",
    ],
)
def test_what_is_no_version_of_an_app_is_none(text: str) -> None:
    assert app_version(text) == ""


def test_a_long_text_of_numbers_takes_no_long_time() -> None:
    assert app_version("1.2." * 5000) == ""
    assert app_version("版本 " * 5000) == ""
