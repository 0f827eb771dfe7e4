"""Whether the words around a pattern's hit deny it: 不是人脸的问题, 刷脸没问题, not about the payment."""

from __future__ import annotations

import re

_BEFORE = re.compile(
    r"(?:(?:不是|并非|不属于|不算|无关乎?)(?:因为|由于|说|问|想问|要问|关于)?(?:这个|那个|什么|你们的?)?"
    r"|(?:和|跟|与)(?:我的?|你们的?|这个|那个)?"
    r"|\b(?:no|not an?) (?:problem|issue|question|trouble)s? (?:with|of|about|in) (?:the |my |your )?"
    r"|\b(?:not|isn'?t|wasn'?t) (?:about|because of|due to|regarding) (?:the |my |your )?"
    r"|\bnot the "
    r")\s?$"
)
"""What a denial looks like right before the hit. 没有 alone is none (没有验证码 is the complaint itself), nor is
不是我的 (a loan that is not mine is the complaint itself)."""

_UNRELATED = re.compile(r"^.{0,6}?(?:无关|没关系|没有关系|不相关|不搭界)")
_PROBLEM = re.compile(r"^[^,.。;;!?]{0,4}?(?:的|上|这个|那个)?(?:问题|毛病|原因|事儿?|环节)")
_NO_BEFORE = re.compile(r"(?:没有?|没啥|没什么|无|不存在)(?:任何|什么|啥)?$")
_FINE_AFTER = re.compile(
    r"^(?:这步|那步|这一步|那一步|环节|验证|都|已经|已|倒是|是|也|这块|的时候){0,3}"
    r"(?:没问题|没有问题|没毛病|没事|(?:通)?过了|成功了|是好的|好的|正常|不是问题)"
    r"|^ (?:(?:step|part|check|is|was|works?|worked|went|passed|all|itself|just|already) ){0,4}"
    r"(?:fine|ok|okay|passed|through|no problem)\b"
)
_QUESTION = re.compile(r"^[^,.。;;!]{0,30}?(?:吗|么|嘛|吧|呢|\?)")
_ASKS = re.compile(r"(?:是不是|是否|莫非|难道)[^,.。;;!?]{0,4}$")


def denied(text: str, start: int, end: int) -> bool:
    """Whether the hit ``text[start:end]`` of a normalised text is denied by its surroundings.

    Looks at most 24 characters back and 36 ahead, so it costs the same on any length. Questions (是不是…, 不是…吗?)
    deny nothing.
    """
    before, after = text[max(0, start - 24) : start], text[end : end + 36]
    if _FINE_AFTER.match(after) or (_NO_BEFORE.search(before) and _PROBLEM.match(after)):
        return not _QUESTION.match(after)
    found = _BEFORE.search(before)
    if found is None:
        return False
    if found.group()[0] in "和跟与":
        return _UNRELATED.match(after) is not None
    asked = found.group().startswith("不是") and before[: found.start()].endswith("是")
    return not (asked or _ASKS.search(before) or _QUESTION.match(after))
