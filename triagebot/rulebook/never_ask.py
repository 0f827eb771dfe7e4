"""Finds requests for an identity or card number, a password, a code or the report itself.

Mentioning is not asking: 验证码没收到 is a topic, 把验证码发给我 is a request, 不用发验证码 is the opposite of one.
"""

from __future__ import annotations

import re

_FLAGS = re.IGNORECASE | re.VERBOSE
_THING_ZH = (
    r"(?:身份证(?:件)?(?:号码?|正面|反面|正反面|照片|复印件)|证件(?:号码?|照片?)|(?:银行|信用|储蓄)?卡号"
    r"|(?:登录|支付|查询|交易|银行卡)?密码|(?:短信|身份|手机|动态)?验证码|动态码|查询码|cvv2?|安全码|完整的?(?:信用|征信)?报告)"
)
_ASK_ZH = (
    r"(?:发送?|提供|告诉|告知|报|说|填写|填|输入|回复|回|写|上传|留下|留|贴|出示|补充|给|拍|准备好?)"
    r"(?:一下|下|给|出|上|来|过来|我们|我|一张|一份|清楚)*"
)
_WHOSE_ZH = r"(?:(?:您|你|本人)的?)?(?:姓名|手机号)?(?:和|、|与)?(?:完整的?|全部|真实的?|正确的?|18\ ?位)*"
_HAND_OVER_ZH = r"(?:发|报|告诉|提供|说|写|填|回复|传|贴|给)(?:给|一下|下|来|过来|到这|我们|我|这里)+"
_PART_ZH = r"(?:的)?(?:[后前][一二三四五六\d]位|尾号)?(?:分别)?"
_REQUEST_ZH = re.compile(
    rf"""
    {_ASK_ZH}{_WHOSE_ZH}{_THING_ZH}(?!的?(?:页面|那|后|之后|以后|时|错误|短信))
    | {_THING_ZH}(?:和|、|与|{_THING_ZH})*(?:也|都|先|请|麻烦)*{_HAND_OVER_ZH}
    | {_THING_ZH}{_PART_ZH}(?:是|为)?(?:多少|什么(?!意思|样|时候|提示|原因|情况)|啥|几号)
    """,
    _FLAGS,
)
_THING_EN = (
    r"(?:(?:id|identity|passport|permit|card|bank\ card|account)(?:\ card)?\ numbers?|pass(?:word|code)s?|pins?(?:\ codes?)?"
    r"|cvvs?|(?:verification|one-time|identity|sms|security|dynamic|query)\ codes?|otps?|(?:full|whole)\ report)"
)
_REQUEST_EN = re.compile(
    rf"""
    \b(?:send|tell|give|provide|share|enter|type|reply|state|write|confirm|upload|show|submit|what\ is|what's|what\ are)
    (?:\s(?:us|me|it|here|in|with|your|the|an?|my|full|exact|complete|real|name|and|last|first|four|six|\d|digits|of))*
    \s{_THING_EN}\b
    """,
    _FLAGS,
)
_TO_US = re.compile(r"我|这里|一下|\b(?:us|me|here)\b|\breply\b", re.IGNORECASE)
_NO_REQUEST = re.compile(
    r"(?:(?:不要|不用|不必|不需要|无需|不会|不能|不得|别|勿|遮住|打码|有没有|是否|是不是|有人(?:让|要|叫)|被要求|自称)[^，。！？；,.!?;]{0,8}"
    r"|\b(?:not|don't|never|without|no need|cover|hide|did you|have you|(?:has|did) anyone|asked you|were you asked)\b"
    r"[^，。！？；,.!?;]{0,24})$",
    re.IGNORECASE,
)
"""Right before a request: not one. 不要把证件号发给我, 有没有人让您报验证码, do not send the card number."""


def secret(text: str, *, asks: bool) -> str:
    """What is wrong with ``text``, or "". ``asks``: it is a question to the person. In advice, 输入验证码 means a field of
    a platform's page; there only a request to tell *us* counts."""
    for request in (_REQUEST_ZH, _REQUEST_EN):
        for found in request.finditer(text):
            if (asks or _TO_US.search(found.group())) and not _NO_REQUEST.search(text[: found.start()]):
                return f"asks for what we never ask for (`{found.group().strip()}`); ask for something else"
    return ""
