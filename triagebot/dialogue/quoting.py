"""The few lines of a screen that say what is wrong: the bot repeats them, so that the person sees what it has read. Pure."""

from __future__ import annotations

import re

from triagebot.text import clip

MOST_LINES, MOST_CHARACTERS = 3, 80
_TROUBLE = re.compile(
    r"失败|错误|异常|未(通过|成功|完成|能|知|匹配|查询)|不(通过|成功|一致|匹配|正确|存在|支持|可用|足|佳|符)|无法|没有|超时|超限|超过|上限|次数|频繁|繁忙"
    r"|维护|重试|稍后|稍候|拒绝|过期|失效|锁定|冻结|风险|权限|请(先|重新|确认|检查|稍|您|在|使用|前往|联系)|提示"
    r"|error|fail|invalid|unable|cannot|can't|not |denied|expired|locked|too many|try again|time[d -]*out|unavailable|exceed",
    re.IGNORECASE,
)
_CODE = re.compile(r"(?<![0-9A-Za-z])[A-Z]{0,6}[-_]?\d{3,8}(?![0-9A-Za-z])")
_PIECES = re.compile(r"\n|  +")
"""What stands side by side on a screen is read with two spaces between."""
_MARKED = 1.0
"""The weight from which on a line is more than any: beside one of these, no other is repeated."""
_CHROME = re.compile(
    r"[\d\s:：.,%/|+\-—·•<>〈〉×xX…]*|(\d{1,2}:\d{2}.*)|.{0,3}|(确定|取消|返回|关闭|我知道了|下一步|完成|好的|重试|ok|cancel|back|done|retry|close)",
    re.IGNORECASE,
)
"""The clock, the battery, the names of buttons: on every screen."""


def telling(text: str) -> list[str]:
    """At most ``MOST_LINES`` lines of ``text`` and ``MOST_CHARACTERS`` in all, as they stand; [] for no lines."""
    lines = list(dict.fromkeys(line.strip() for line in _PIECES.split(text) if line.strip()))
    weights = [_weight(line) for line in lines]
    best = sorted(range(len(lines)), key=lambda n: -weights[n])[:MOST_LINES]
    least = min(_MARKED, weights[best[0]]) if best else 0.0
    chosen: list[int] = []
    room = MOST_CHARACTERS
    for n in best:
        if weights[n] >= least and (not chosen or len(lines[n]) <= room):
            chosen.append(n)
            room -= len(lines[n])
    return [clip(lines[n], MOST_CHARACTERS) for n in sorted(chosen)]


def _weight(line: str) -> float:
    """Words of trouble count most, a code something; of the rest, what is long enough to be a sentence."""
    if _CHROME.fullmatch(line):
        return 0.0
    return 3.0 * bool(_TROUBLE.search(line)) + bool(_CODE.search(line)) + min(len(line), 20) / 40
