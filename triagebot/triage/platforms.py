"""Which platform the person speaks of, from the names in rules/platforms.yaml."""

from __future__ import annotations

import re
from collections.abc import Mapping

import re2

from triagebot.rulebook.schema import Platform
from triagebot.triage.negation import denied
from triagebot.triage.normalise import normalise

UNKNOWN = "unknown"
_AVOIDED = re.compile(
    r"(?:不想|不要|不会|不能|别|不|没)(?:再)?(?:用|在|走|去|从|通过|装)\s?$"
    r"|\b(?:not|isn'?t|without|don'?t (?:have|use)) (?:(?:on|in|with|using|via|the) )*$"
)
"""不用微信, 没在支付宝, without WeChat: named, but not where it happened."""


class PlatformNames:
    """Finds platform names in normalised text. Built once for a rulebook, then only read."""

    def __init__(self, platforms: Mapping[str, Platform]) -> None:
        self._full = {normalise(alias): p.id for p in platforms.values() for alias in p.aliases}
        self._loose = {normalise(alias): p.id for p in platforms.values() for alias in p.weak_aliases}
        self._names = sorted({*self._full, *self._loose}, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(_whole, self._names))) if self._names else None
        self._any = re2.compile("|".join(map(re2.escape, self._names)))

    def find(self, text: str) -> str:
        """The platform id, or "unknown". Full names win over loose ones (官网, 小程序). Of several names that nobody denies
        the first is where it happened; what follows is mostly a comparison. Names do not overlap: the longest one counts,
        and 网点 is none in 官网点提交."""
        if self._pattern is None or not self._any.search(text):
            return UNKNOWN
        loose = ""
        for match in self._pattern.finditer(text):
            start, end = match.span()
            if denied(text, start, end) or _AVOIDED.search(text, max(0, start - 24), start):
                continue
            if platform := self._full.get(match.group()):
                return platform
            loose = loose or self._loose[match.group()]
        return loose or UNKNOWN


def _whole(alias: str) -> str:
    left = r"(?<![a-z0-9])" if alias[:1].isascii() else ""
    right = r"(?![a-z0-9])" if alias[-1:].isascii() else ""
    return f"{left}{re.escape(alias)}{right}"
