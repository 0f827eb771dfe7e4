"""One-time codes and query codes: hidden only where they are called by their name.

A bare number of six figures can be anything; "验证码是 123456" cannot. An error code next to such a word
("验证码错误 90008") stays, because it tells what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from triagebot.privacy.kinds import Span
from triagebot.privacy.public import DATE, SPLIT_DATE, is_public

# The look-ahead names every first letter of what follows it: it is what makes the search quick.
_NAME = (
    r"(?=[身短手验校动查授激安确ocpvsiq])(?P<name>"
    r"(?:身份|短信|手机)?验证码|(?:短信)?校验码|动态(?:密码|口令|码)|短信码|查询码|身份码|授权码|激活码|安全码|确认码"
    r"|(?<![a-z])(?:otp|cvv2?|cvc2?|passcode|(?P<plain>code)"
    r"|(?:verification|verify|security|identity|sms|confirmation|one[ \-]time|query) ?(?:code|password))(?![a-z]))"
)
# Words that people put between the name of a code and the code; "错误", "提示" and the like are not among them.
_FILLER = (
    r"(?:\s|我|收到|发来|发给|短信|号码|数字|刚才|刚刚|现在|输入|就|填|输|的|了|给|也|，|,"
    r"|(?<![a-z])(?:i|we|that|just|got|received|entered|typed|you|they|sent|me|for|to|my|the|login|account)\b){0,10}+"
)
_LINK = r"(?P<said>(?:(?:是|为|叫|:|：|=|is\b|was\b|\(|（|\[|【|「|“|\"|')\s*){0,4}+)"
_VALUE = (
    r"(?P<value>[0-9]{3}[ \-][0-9]{3}(?![0-9a-z\-])"
    r"|[0-9](?:[ \-][0-9]){3,7}(?![ \-]?[0-9])"
    r"|[0-9]{3,8}(?![0-9a-z])"
    r"|(?=[a-z]{0,9}[0-9])[0-9a-z]{4,10}(?![0-9a-z])"
    r"|[a-z]{6}(?![0-9a-z])"
    r"|[零〇一二三四五六七八九]{4,8})"
)
_CODE = re.compile(_NAME + _FILLER + _LINK + "(?:g-)?" + _VALUE, re.IGNORECASE)
_CODE_FIRST = re.compile(
    r"(?<![0-9a-z.\-])(?P<value>[0-9]{4,8})[”\"'」】)）]?\s{0,8}(?:就?(?:是|为)|is\b)\s{0,8}"
    r"(?:(?:我的?|你的?|您的?|本次的?|收到的|发来的|my|your|the|a)\s{0,8})?" + _NAME,
    re.IGNORECASE,
)
_OF_SOMETHING_ELSE = re.compile(
    r"(?:error|err|status|exit|return|result|response|postal|zip|area|country|source|qr|bar|promo|http|错误|返回|状态)"
    r"[\s_\-]?$",
    re.IGNORECASE,
)
_UNIT = re.compile(r"\s?[年月日号点时分秒元块次个位天条%]|[:：][0-9]")
_SENT_BY = re.compile(r"\s?(?:开头|发)")
_CLAUSE_END = re.compile(r"\s{0,8}(?:$|[，。！？；,.!?;)）】」”\"'\n\[])")


def find_codes(text: str) -> Iterator[Span]:
    """``text`` is a shadow (see shadow.py)."""
    for m in _CODE.finditer(text):
        if _is_code(m):
            yield Span(m.start("value"), m.end("value"), "code")
    for m in _CODE_FIRST.finditer(text):
        if not (m["plain"] and len(m["value"]) != 6) and not is_public(m["value"]):
            yield Span(m.start("value"), m.end("value"), "code")


def _is_code(m: re.Match[str]) -> bool:
    value: str = m["value"]
    text, name, said = m.string, m["name"].lower(), bool(m["said"])
    if _is_sender(m) or _UNIT.match(text, m.end()) or SPLIT_DATE.match(text, m.start("value")):
        return False
    if name.startswith(("cvv", "cvc", "安全码")):
        return value.isdecimal() and len(value) in (3, 4)
    opens_report = "查询码" in name or "身份" in name
    if value.isascii() and value.isalpha():
        return said and opens_report
    if len(value) < 4:
        return False
    if m["plain"]:
        # "code: 90008" is an error code; six figures, or "the code is 4829", is what came by message.
        spoken = m["said"].strip().lower() in ("是", "为", "is", "was")
        other = _OF_SOMETHING_ELSE.search(text, max(0, m.start() - 12), m.start())
        return not other and value.isdecimal() and (spoken or len(value) == 6)
    if said:
        return True
    if not value.isdecimal():
        return not value.isalnum() or (opens_report and len(value) == 6)
    at_end = _CLAUSE_END.match(text, m.end()) is not None
    return len(value) == 6 or (len(value) in (4, 8) and at_end and not DATE.match(value))


def _is_sender(m: re.Match[str]) -> bool:
    """A hotline, or where the message came from ("验证码 10690 发来的"); a code may begin with 106 too."""
    value: str = m["value"]
    if value.startswith("106") and len(value) == 6:
        return _SENT_BY.match(m.string, m.end()) is not None
    return is_public(value) or value.startswith("106")
