"""The text as the patterns see it: plain digits and letters, nothing invisible, and the way back to the original.

People (and input methods) write ８, ①, 8️⃣ or put a zero-width space between two digits. The patterns run on a shadow in
which each of these is one plain character; a match is then carried back to the original, which is otherwise untouched.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from triagebot.privacy.kinds import Span

# Controls, soft hyphen, combining marks (keycaps too), zero-width and direction marks, fillers, variation selectors,
# lone surrogates and tags: none of them can be seen, so none of them may split a number.
_INVISIBLE = (
    "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u0300-\u036f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u20d0-\u20ff\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_ENCLOSED_DIGITS = "²³¹⁰⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉①②③④⑤⑥⑦⑧⑨⓪⓵⓶⓷⓸⓹⓺⓻⓼⓽❶❷❸❹❺❻❼❽❾➀➁➂➃➄➅➆➇➈➊➋➌➍➎➏➐➑➒⓿"
# Full-width forms but for the punctuation of everyday Chinese (！（），：；？), which the patterns know themselves.
_FULL_WIDTH = "＂-＇＊＋－-９＜-＞＠-～"
# Traditional characters of the labels, and letters that stand for the X at the end of an identity number.
_LOOKALIKE = dict(
    zip(
        "碼驗證證動態詢號護鄉臺戶銀訂單電話為爲帳賬國機發執設輸Ⅹⅹ×ХхΧχ",
        "码验证证动态询号护乡台户银订单电话为为账账国机发执设输XxXXxXx",
        strict=True,
    )
)
_ODD = re.compile(rf"(?![ -~])[\d{_INVISIBLE}{_ENCLOSED_DIGITS}{_FULL_WIDTH}{''.join(_LOOKALIKE)}]")
_PART_OF_THE_LAST = re.compile("[\u0300-\u036f\u20d0-\u20ff\ufe00-\ufe0f]*")
"""A keycap or an accent after the last character of a match goes with it; other invisible characters stay."""
_DROPPED = re.compile(f"[{_INVISIBLE}]+")

_SPELLED = "零〇○一二两三四五六七八九幺壹贰叁肆伍陆柒捌玖"
_SPELLED_VALUE = str.maketrans(_SPELLED, "0001223456789" + "1" + "123456789")
# Eleven figures in a row, read out one by one, are a number; fewer are words (二零二六年, 三四个月). Plain digits
# do not join in: in 张三13800138000 the 三 belongs to the name.
_READ_OUT = re.compile(rf"[{_SPELLED}](?:[ \-、,，.·]?[{_SPELLED}]){{10,}}")
_KEYCAP, _ENCLOSED = r"[0-9]\ufe0f?\u20e3", f"[{_ENCLOSED_DIGITS}]"
_LIST_MARK = re.compile(
    r"(?:(?<![0-9])|(?<=[0-9]{11}))"
    rf"(?:(?<!\u20e3){_KEYCAP}(?!{_KEYCAP})|(?<!{_ENCLOSED}){_ENCLOSED}(?!{_ENCLOSED}))"
)
"""One keycap or circled digit alone (①13800138000②139...) counts the lines and is no part of a number beside it."""


class Shadow:
    """``text``: what the patterns read. ``back`` carries spans of it to the original."""

    __slots__ = ("_original", "_where", "text")

    _where: list[int] | None

    def __init__(self, original: str) -> None:
        self._original = self.text = original
        self._where = None
        if _ODD.search(original):
            self.text, self._where = _fold(original)
        if _READ_OUT.search(self.text):
            self.text = _READ_OUT.sub(lambda m: m[0].translate(_SPELLED_VALUE), self.text)

    def back(self, spans: Iterable[Span]) -> Iterator[Span]:
        """The same spans, in positions of the original."""
        if self._where is None:
            yield from spans
            return
        for start, end, kind in spans:
            last = _PART_OF_THE_LAST.match(self._original, self._where[end - 1] + 1)
            yield Span(self._where[start], last.end() if last else end, kind)


def _fold(original: str) -> tuple[str, list[int] | None]:
    plain = _ODD.sub(lambda m: _plain(m[0]), _LIST_MARK.sub(lambda m: "#" * len(m[0]), original))
    seen: list[str] = []
    where: list[int] = []
    here = 0
    for dropped in _DROPPED.finditer(plain):
        seen.append(plain[here : dropped.start()])
        where.extend(range(here, dropped.start()))
        here = dropped.end()
    if not here:
        return plain, None
    where.extend(range(here, len(plain)))
    return "".join(seen) + plain[here:], where


def _plain(c: str) -> str:
    """One character for one character."""
    if "！" <= c <= "～":
        return chr(ord(c) - 0xFEE0)
    digit = unicodedata.decimal(c, -1) if c not in _ENCLOSED_DIGITS else unicodedata.digit(c, -1)
    return str(digit) if digit >= 0 else _LOOKALIKE.get(c, c)
