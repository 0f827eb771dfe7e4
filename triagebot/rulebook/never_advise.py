"""Finds advice to use a VPN or its like. Warning against one, or asking whether one is on, is fine."""

from __future__ import annotations

import re

_FLAGS = re.IGNORECASE | re.VERBOSE
_TUNNEL = r"(?:vpns?|梯子|翻墙(?:软件|工具)?|(?:科学|魔法)上网|代理(?:服务器|软件|工具|ip|网络)|prox(?:y|ies))"
_TUNNELS = rf"{_TUNNEL}(?:\s*(?:、|,|，|/|和|或者?|及|\bor\b|\band\b)\s*{_TUNNEL})*"
_AGAINST_ZH = (
    r"(?:不要|别|请勿|切勿|勿|不建议|不推荐|不必|不用|无需|不需要|不得|禁止|避免|关掉|关闭|退出|断开|停用|停掉|卸载)"
)
_BETWEEN_ZH = (
    r"(?:再|去|先|因此|为此|为这个|为了[^，。；]{1,6}|尝试|试着|使用|用|开启|开|挂着|挂|装|安装|下载|购买|买|走|通过|借助|依赖|靠"
    r"|任何|所谓的?|这类|类似|正在用?的?|第三方|违规的?|非法的?|“|\s)*"
)
_BETWEEN_EN = (
    r"(?:\s(?:using|use|from|try|install|buy|download|advise|recommend|rely"
    r"|on|with|via|to|for|of|an?|any|the|your|such))*"
)
_NO_ADVICE = re.compile(
    rf"""
    {_AGAINST_ZH}{_BETWEEN_ZH}{_TUNNELS}
    | (?:有没有|是否|是不是|有无)(?:正在|在|开|挂|使用|用|连|装|着|了)*\s?{_TUNNELS}
    | (?:开|挂|用|连|装)(?:着|了|过)\s?{_TUNNELS}(?:吗|么|没有?)
    | {_TUNNELS}”?(?:先|都|要|请|一律)*(?:关掉|关闭|断开|退出|停用|卸载|不要用|别用|不能用|不合规|违法)
    | \b(?:do\ not|don't|never|not|avoid|without|no\ need|turn\ off|switch\ off|disable|disconnect|close|quit)
        {_BETWEEN_EN}\s{_TUNNELS}
    | \b(?:are\ you|is|do\ you|did\ you)\ (?:using|use|on|behind|have)?\s?(?:an?|any|your|the)?\s?{_TUNNELS}
    | {_TUNNELS}\ (?:off|is\ not|are\ not|is\ never|are\ never)
    """,
    _FLAGS,
)
_ADVICE = re.compile(_TUNNEL, _FLAGS)


def tunnel(text: str) -> str:
    """What is wrong with ``text``, or "": everything harmless is cut out, a tunnel named in the rest is advice."""
    found = _ADVICE.search(_NO_ADVICE.sub(" ", text))
    return f"recommends `{found.group()}`; never advise that, offer the counter or another channel" if found else ""
