"""The line between what may be said and what may not, sentence by sentence."""

from __future__ import annotations

import pytest

from triagebot.rulebook.never_advise import tunnel
from triagebot.rulebook.never_ask import secret


@pytest.mark.parametrize(
    "text",
    [
        "国外打不开就挂梯子",
        "可以用VPN试试",
        "不行就用vpn",
        "不要着急，用VPN试试",
        "需VPN，但支付环节可能受阻",
        "如果不能打开就用梯子",
        "换个代理服务器再试",
        "科学上网后再登录",
        "打开翻墙软件再查",
        "不要用手机，开梯子用电脑查",
        "use a VPN",
        "Try it with a VPN or proxy",
        "Turn on your VPN first",
        "Do not worry, use a proxy",
    ],
)
def test_advice_to_use_a_tunnel(text: str) -> None:
    assert tunnel(text)


@pytest.mark.parametrize(
    "text",
    [
        "不要用梯子、VPN这类工具",
        "请勿使用 VPN 或代理软件",
        "不建议为这个用翻墙工具，违规，也容易触发风控",
        "先关掉VPN再试",
        "把梯子关掉",
        "您现在开着VPN吗？",
        "有没有开着VPN或代理软件？",
        "委托代理人办理要带授权委托书",
        "没有官方代理机构",
        "Do not use a VPN or proxy",
        "Never install such VPNs",
        "Turn off your VPN",
        "Are you using a VPN?",
    ],
)
def test_a_warning_or_a_question_is_no_advice(text: str) -> None:
    assert tunnel(text) == ""


@pytest.mark.parametrize(
    "text",
    [
        "请发一下身份证号",
        "身份证号是多少？",
        "您的银行卡号后四位是多少？",
        "把验证码发给我",
        "麻烦提供卡号",
        "验证码报一下",
        "请输入您的密码",
        "请告诉我们登录密码",
        "收到的查询码是什么？",
        "请上传身份证正反面",
        "发一张身份证照片",
        "把完整报告发过来",
        "姓名和身份证号发一下",
        "请提供您的姓名和身份证号",
        "手机号和验证码发给我们",
        "请填写银行卡号",
        "回复验证码即可",
        "不要着急，先发身份证号",
        "What is your ID number?",
        "Please send us your card number",
        "Tell me the verification code",
        "Please provide your full ID number and name",
        "Give us the last four digits of your card number",
        "enter your password here",
    ],
)
def test_a_request_for_secrets(text: str) -> None:
    assert secret(text, asks=True)


@pytest.mark.parametrize(
    "text",
    [
        "是马上要填的验证码，还是提交后第二天才发的身份验证码？",
        "验证码没收到多久了？",
        "验证码发到哪个手机号上了？",
        "验证码输入后页面提示什么？",
        "短信验证码是哪个号码发来的？",
        "密码错误的提示是什么？",
        "和身份证照片差别大吗？",
        "是借记卡还是信用卡、哪家银行（不要发卡号）？",
        "证件类型是什么（不用发证件号）？",
        "哪家机构、什么时候发放的？（不要发证件号和卡号）",
        "方便的话发张截图，发之前先把姓名、身份证号、银行卡号遮住。",
        "不要把完整的身份证号发给我们",
        "有没有转过钱、给过验证码，或者共享过屏幕？",
        "有没有把验证码告诉对方？",
        "有人让您报验证码吗？",
        "有没有丢过身份证、把身份证照片发给过中介？",
        "请勿发送身份证号",
        "我们不会问您要密码",
        "身份证原件（放手边就好，不用发给我们）",
        "Which bank is the card from? Do not send the card number.",
        "Did you give anyone a code or a password?",
        "Has anyone asked you to tell the verification code?",
        "What does the page say after you enter the code?",
        "When did the verification code stop coming?",
        "If you can, send a screenshot; please cover name, ID number and card number first.",
    ],
)
def test_talking_about_secrets_is_no_request(text: str) -> None:
    assert secret(text, asks=True) == ""


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("登录后输入身份验证码查看", False),
        ("按提示填写银行卡号和验证码", False),
        ("不要把验证码告诉任何人", False),
        ("谁要验证码都不要给", False),
        ("Enter the identity code and save the PDF", False),
        ("Never tell anyone a code", False),
        ("把验证码发给我们，我们帮您查", True),
        ("把登录密码告诉我", True),
        ("Send us your password", True),
    ],
)
def test_in_advice_only_a_request_to_tell_us_counts(text: str, wrong: bool) -> None:
    assert bool(secret(text, asks=False)) is wrong
