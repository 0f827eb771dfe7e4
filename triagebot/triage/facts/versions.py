"""The version of the app that a person uses, from what they say or their screen shows."""

from __future__ import annotations

import re

from triagebot.triage.normalise import normalise

_NUMBER = r"(?<![\d.])(?P<number>\d{1,2}(?:\.\d{1,3}){1,2}(?:\.\d{1,5})?)(?![\d.]*\d|[%元块万])"
_APP = r"微信|支付宝|云闪付|手机银行|银行|app|软件|客户端|小程序|wechat|weixin|wx|vx|alipay|zfb|unionpay"
_WORD = r"版本号?|版本名|客户端|version|ver\b\.?|build"
_BETWEEN = r"[ :：,，(（]{0,2}(?:是|为|的|is)?[ :：]{0,2}"
_SYSTEM = re.compile(
    r"(?:ios|ipados|iphone ?os|苹果系统|安卓|android|鸿蒙|harmony ?os|hyperos|澎湃|miui|coloros|originos|emui|magicos|one ?ui"
    r"|windows|win|macos|chrome|safari|edge|浏览器|内核|系统|固件|os)(?:的)?(?:系统)?(?:版本号?|version|ver\.?)?"
    r"[ :：,，(（]{0,2}(?:是|为|is)?[ :：]{0,2}v?$"
)
_OF_A_REPORT = re.compile(r"(?:征信|报告|信用|report)[^\d,.，。;；]{0,6}$")
_TOLD = (
    re.compile(rf"(?:{_WORD}){_BETWEEN}v?{_NUMBER}"),
    re.compile(rf"(?<![a-z])v ?{_NUMBER}"),
    re.compile(rf"(?:{_APP})(?:的|当前|现在)?(?:app|软件|客户端)?{_BETWEEN}v?{_NUMBER}"),
    re.compile(rf"{_NUMBER} ?(?:版本?|version)(?![a-z])"),
)
"""From the surest to the vaguest: a word for it, a v, the name of an app before it, a word after it."""
_LEAST_PARTS = 3
"""A number of two parts is a version only where a word before it says so: 2.0版征信, 微信 12.50."""


def app_version(text: str) -> str:
    """As written ("8.0.50"), "" where none is named. Versions of the phone's system and of the report's form are none, nor are
    amounts, dates and addresses."""
    normal = normalise(text)
    for sureness, expression in enumerate(_TOLD):
        for match in expression.finditer(normal):
            number, before = match["number"], normal[: match.start("number")]
            parts = number.count(".") + 1
            if _SYSTEM.search(before) or (sureness and parts < _LEAST_PARTS):
                continue
            if (parts < _LEAST_PARTS and _OF_A_REPORT.search(normal[: match.start()])) or _is_date(number):
                continue
            return number
    return ""


def _is_date(number: str) -> bool:
    """26.11.23: such a year, a month and a day, where a version of these figures is not to be expected."""
    parts = [int(part) for part in number.split(".")]
    return len(parts) == 3 and 20 <= parts[0] <= 40 and 1 <= parts[1] <= 12 and 1 <= parts[2] <= 31
