"""Passwords and PINs, hidden only where they are called so and the word after is not part of the complaint."""

from __future__ import annotations

import re
from collections.abc import Iterator

from triagebot.privacy.kinds import Span
from triagebot.privacy.public import DATE, is_public

# The look-ahead names every first letter; "密码]" is our own placeholder.
_PASSWORD = re.compile(
    r"(?=[登交支查取密口p])(?:(?:登录|交易|支付|查询|取款)?密码|口令"
    r"|(?<![a-z])(?:password|passwd|pwd|pin(?: code| number)?)(?![a-z]))(?!\])"
    r"(?:我|设置|设|改|填|输入|输|就|应该|好像|现在|还|用|的|了|也|成|码|\s|to\b){0,8}+"
    r"(?P<said>[是为:：=]|(?<![a-z])(?:is|was)\b)?[\s:：=是为“\"'「【(（]{0,6}+"
    r"(?P<value>[!-~]{3,}+)",
    re.IGNORECASE,
)
_COUNTED = re.compile(r"\s?[位个次种年月日号点时分秒元块条天]")
# What follows "my password is" in a complaint about a password.
_COMPLAINT = re.compile(
    "wrong|incorrect|invalid|not|locked|expired|forgotten|forgot|lost|too|being|always|the|my|required|reset|correct"
    "|right|rejected|never|still|error|needed|missing|different|weak|strong|changed|set|case|sensitive|but|and|what"
    "|unknown|same|blocked|refused|accepted|saved|empty|blank|failing|failed|that|this|for|must|should|can|cannot|only"
    "|now|also|please|pdf|app|sms|wechat|email|gone|old|new|help|how|where|when|why|via|null|none|very|really|just"
    "|they|you|your|from|with|entered|typed|unlocked|used",
    re.IGNORECASE,
)
_MASKED = re.compile(r"[*xX.•_\-#]+")


def find_passwords(text: str) -> Iterator[Span]:
    """``text`` is a shadow (see shadow.py)."""
    for m in _PASSWORD.finditer(text):
        value = m["value"].rstrip(".,;:!?)'\"") or m["value"]
        if _is_password(m, value):
            yield Span(m.start("value"), m.start("value") + len(value), "password")


def _is_password(m: re.Match[str], value: str) -> bool:
    if len(value) < 3 or _COMPLAINT.fullmatch(value) or _MASKED.fullmatch(value):
        return False
    if is_public(value) or value.startswith(("http", "www.")) or _COUNTED.match(m.string, m.end()):
        return False
    if m["said"]:
        return True
    # "账号 zhangsan 密码 abc123": nothing says "is", so it must look like one.
    return len(value) >= 6 and value[0].isalnum() and any(map(str.isdigit, value)) and not DATE.match(value)
