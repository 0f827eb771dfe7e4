"""Personal data in what was read off a screen: what privacy finds, also where a figure was misread, and what labels announce.

A reader takes 0 for O and 1 for l, breaks a number over two lines, and loses the colon between a label and its value. So this
hides more than privacy does in what people type: one stretch too many costs little here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from triagebot.privacy.kinds import Kind, Span
from triagebot.privacy.names import is_name
from triagebot.privacy.redaction import personal

_LIKE_FIGURES = "OoQDIl|!ZzSsBbGgq"
_MEANT = str.maketrans(_LIKE_FIGURES, "00001111225588669")
_MIXED = re.compile(rf"(?<![A-Za-z])[0-9{_LIKE_FIGURES}](?:[ \-]?[0-9{_LIKE_FIGURES}]){{6,}}(?![A-Za-z])")
_MOSTLY = 0.6
"""Share of true figures from which the letters among them are misread ones."""

_GONE = "█"
"""Stands for each character that was found, so that the others keep their places."""

_GAP = r"(?:[ \t]*[:：][ \t]*\n?|[ \t]{1,8}|\n)"
_VALUE = r"(?P<value>[^\n:：，。；]{1,60}?)(?=  |\n|[，。；]|$)"
_PERSON = re.compile(
    r"(?:姓名|户名|持卡人|收款人|付款人|收款方|付款方|联系人|申请人|开户人|账户名|账户名称|客户名称|登记人|经办人|办理人|借款人"
    rf"|被查询者|用户名称){_GAP}{_VALUE}"
)
_GREETED = re.compile(r"(?:尊敬的|亲爱的)?(?P<value>[一-鿿]{2,4}?)(?=先生|女士|[，,]?(?:您好|你好))")
_LIVES = re.compile(
    r"(?:(?:家庭|居住|通讯|通信|户籍|单位|公司|收货|邮寄|联系|详细|注册)?(?:地址|住址)|户口所在地)"
    r"(?:[ \t]*[:：][ \t]*\n?|[ \t]{1,8}|\n)(?P<value>[^\n]{4,120})"
)
_PLACE = re.compile("[省市区县镇乡村路街巷号室栋幢楼弄苑]")
_LATIN_NAME = re.compile(r"[A-Za-z][A-Za-z'’\-]+(?: [A-Za-z][A-Za-z'’\-]+){1,3}")
_SHORT_NAME = re.compile(r"[一-鿿]{2,4}")
_NO_VALUE = re.compile(
    "^(?:请|未|不|必|无|有|与|和|及|信息|证件|身份|手机|银行|性别|号码|填写|输入|核对|本人|国籍|民族|学历|邮箱|密码|登录|验证)"
)
_LONG_NUMBER = re.compile(r"[0-9](?:[ \-.·]?[0-9]){10,}")


def find(text: str) -> list[Span]:
    """Spans of personal data in the text of a screen, in order, without overlaps. Never raises. Looked for again after each
    find, because what one number hid from a pattern may show once it is gone."""
    plain = _MIXED.sub(_as_figures, text)
    found: list[Span] = []
    while True:
        spans = [span for span in (*personal(plain), *_labelled(plain)) if span.end > span.start]
        if not spans:
            return _apart(found)
        found += spans
        for start, end, _ in spans:
            plain = plain[:start] + _GONE * (end - start) + plain[end:]


def is_suspect(text: str) -> bool:
    """Whether a line should not be shown although nothing personal was recognised in it: a long row of figures."""
    return _LONG_NUMBER.search(_MIXED.sub(_as_figures, text)) is not None


def _as_figures(m: re.Match[str]) -> str:
    seen: str = m[0]
    told = [c for c in seen if c not in " -"]
    mostly = sum(c.isdigit() for c in told) >= _MOSTLY * len(told)
    return seen.translate(_MEANT) if mostly else seen


def _labelled(text: str) -> Iterator[Span]:
    for m in _PERSON.finditer(text):
        if _is_a_person(m["value"].strip(), beside="\n" not in m[0][: m.start("value") - m.start()]):
            yield _span(m, "name")
    for m in _GREETED.finditer(text):
        if is_name(m["value"]):
            yield _span(m, "name")
    for m in _LIVES.finditer(text):
        if _PLACE.search(m["value"]):
            yield _span(m, "address")


def _is_a_person(value: str, *, beside: bool) -> bool:
    """Below a label often stands the next label, so that there only what is written like a name counts."""
    if _GONE in value or _NO_VALUE.match(value):
        return False
    if is_name(value):
        return True
    return beside and (_SHORT_NAME.fullmatch(value) or _LATIN_NAME.fullmatch(value)) is not None


def _span(m: re.Match[str], kind: Kind) -> Span:
    return Span(m.start("value"), m.end("value"), kind)


def _apart(spans: list[Span]) -> list[Span]:
    apart: list[Span] = []
    for span in sorted(spans):
        if apart and span.start < apart[-1].end:
            apart[-1] = apart[-1]._replace(end=max(apart[-1].end, span.end))
        else:
            apart.append(span)
    return apart
