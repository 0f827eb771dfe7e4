"""One-time codes, query codes and passwords: hidden only where they are called by their name.

A bare number of six figures can be anything; "验证码是 123456" cannot. An error code next to such a word ("验证码错误 90008")
stays, because it tells what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from triagebot.privacy.kinds import Span
from triagebot.privacy.public import DATE, SPLIT_DATE, is_public

_LINK = r"(?P<said>(?:是|为|叫|:|：|=|is\b|was\b|\(|（|\[|【|「|“|\"|')\s*)?"
# Words that people put between the name of a code and the code; "错误", "提示" and the like are not among them.
_CODE_FILLER = (
    r"(?:\s|我|收到|发来|发给|短信|号码|数字|刚才|刚刚|现在|输入|就|填|输|的|了|给|也|，|,"
    r"|(?<![a-z])(?:i|we|that|just|got|received|entered|typed|you|they|sent|me)\b){0,10}+"
)
_CODE_NAME = (
    r"(?P<name>(?:身份|短信|手机)?验证码|(?:短信)?校验码|动态(?:密码|口令|码)|短信码|查询码|身份码|授权码|激活码|安全码|确认码"
    r"|(?<![a-z])(?:otp|cvv2?|cvc2?|(?:verification|verify|security|identity|sms|confirmation|one[ \-]time|query) ?(?:code|password)"
    r"|passcode|(?P<plain>code)))(?![a-z])"
)
_VALUE = (
    r"(?P<value>[0-9]{3,8}(?![0-9a-z])|[0-9]{3}[ \-][0-9]{3}(?![0-9a-z])|[0-9](?:[ \-][0-9]){3,7}(?![ \-]?[0-9])"
    r"|(?=[a-z]{0,9}[0-9])[0-9a-z]{4,10}(?![0-9a-z])|[a-z]{6}(?![0-9a-z])|[零〇一二三四五六七八九]{4,8})"
)
_CODE = re.compile(_CODE_NAME + _CODE_FILLER + _LINK + _VALUE, re.IGNORECASE)
_CODE_FIRST = re.compile(
    r"(?<![0-9a-z.\-])(?P<value>[0-9]{4,8})[”\"'」】)）]?\s*(?:就?(?:是|为)|is\b)\s*(?:我的?|你的?|您的?|本次的?|收到的|发来的|my|your|the|a)?\s*"
    + _CODE_NAME,
    re.IGNORECASE,
)
_PLAIN_CODE_OF = re.compile(
    r"(?:error|err|status|exit|return|result|response|postal|zip|area|country|source|qr|bar|promo|http|错误|返回|状态)[\s_\-]?$",
    re.IGNORECASE,
)
_UNIT = re.compile(r"\s?[年月日号点时分秒元块次个位天条%]|[:：][0-9]")
_CLAUSE_END = re.compile(r"\s*(?:$|[，。！？；,.!?;)）】」”\"'\n\[])")

_PASSWORD = re.compile(
    r"(?:(?:登录|交易|支付|查询|取款)?密码|口令|(?<![a-z])(?:password|passwd|pwd|pin(?: code| number)?)(?![a-z]))"
    r"(?:我|设置|设|改|填|输入|输|就|应该|好像|现在|还|用|的|了|也|成|\s){0,8}+"
    r"(?P<said>[是为:：=]|(?<![a-z])(?:is|was|to)\b)?[\s:：=是为“\"'「【(（]{0,6}+(?P<value>[!-~]{3,64}+)",
    re.IGNORECASE,
)
_AFTER_PASSWORD = re.compile(r"\s?[位个次种年月日号点时分秒元块条天]")
_NOT_A_PASSWORD = frozenset(
    "wrong incorrect invalid not locked expired forgotten forgot lost too being always the my required reset correct right "
    "rejected never still error needed missing different weak strong changed set case sensitive but and what unknown same "
    "blocked refused accepted saved empty blank failing failed that this for must should can cannot only now also please "
    "pdf app sms wechat email gone old new very really just they you your from with too-short too-long".split()
)
_MASKED = re.compile(r"[*xX.•_\-#]+")


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
    spoken = said and m["said"].strip().lower() in ("是", "为", "is", "was")
    if is_public(value) or value.startswith("106") or _UNIT.match(text, m.end()) or SPLIT_DATE.match(text, m.start("value")):
        return False
    if value.isalpha() and value.isascii():
        return said and ("查询码" in name or "身份" in name)
    if name.startswith(("cvv", "cvc", "安全码")):
        return value.isdecimal() and len(value) in (3, 4)
    if len(value) < 4:
        return False
    if m["plain"]:
        # "code: 90008" is an error code; six figures, or "the code is 4829", is what came by message.
        of = _PLAIN_CODE_OF.search(text, max(0, m.start() - 12), m.start())
        return not of and value.isdecimal() and (spoken or len(value) == 6)
    if said or not value.isdecimal():
        return said or (len(value) == 6 and "查询码" in name) or (len(value) == 6 and "身份" in name) or " " in value
    return len(value) == 6 or (len(value) in (4, 8) and not DATE.match(value) and bool(_CLAUSE_END.match(text, m.end())))


def find_passwords(text: str) -> Iterator[Span]:
    """``text`` is a shadow (see shadow.py)."""
    for m in _PASSWORD.finditer(text):
        value = m["value"].rstrip(".,;:!?)'\"") or m["value"]
        if _is_password(m, value):
            yield Span(m.start("value"), m.start("value") + len(value), "password")


def _is_password(m: re.Match[str], value: str) -> bool:
    if value.lower().strip("'") in _NOT_A_PASSWORD or _MASKED.fullmatch(value) or len(value) < 3:
        return False
    if is_public(value) or value.startswith(("106", "http", "www.")) or _AFTER_PASSWORD.match(m.string, m.end()):
        return False
    if m["said"]:
        return True
    # "账号 zhangsan 密码 abc123": nothing says "is", so it must look like one.
    return len(value) >= 6 and any(map(str.isdigit, value)) and not DATE.match(value)
