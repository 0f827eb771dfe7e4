"""Identity numbers, bank cards and mobile numbers in a text, however they are grouped.

The format decides; a checksum only settles what the format leaves open. Stages run from the surest to the least sure,
each on what the earlier ones left free; a stage may also keep a stretch (a hotline, a date), so that no later one
reads it together with its neighbours. Every pattern is bounded or possessive: the work is linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Literal

from stdnum import luhn
from stdnum.cn import ric

from triagebot.privacy.kinds import Kind, Span
from triagebot.privacy.public import LINES, MOMENTS, STAMP, is_public

Verdict = tuple[int, int, Kind | Literal["keep"]]
"""What a stage says about a match: from where to where, and what it is."""

_TIGHT = r"\s\-\u2010-\u2015\u2212\ufe58\ufe63_.·•・∙。~"
_WIDE = rf"{_TIGHT}，,、/:：;；|()（）'\"“”"
_T, _S = f"[{_TIGHT}]{{1,16}}", f"[{_WIDE}]{{1,16}}"

_ROW = re.compile(rf"[0-9]+(?:{_S}[0-9]+)*+")
"""Digits with nothing but separators between them; no item reaches beyond a row."""

# Province, rest of the region, year, month, day, order, check. 8[123]0000: residence permits of people from Hong Kong,
# Macao and Taiwan; 9: identity card of foreign permanent residents (2023). "~" is "perhaps separators".
_PROVINCE = "(?:1~[1-5]|2~[1-3]|3~[1-7]|4~[1-6]|5~[0-4]|6~[1-5]|7~1|8~[1-3]|9~[0-9])"
_BIRTHDAY = "(?:1~[89]|2~0)~[0-9]~[0-9]~(?:0~[1-9]|1~[0-2])~(?:0~[1-9]|[12]~[0-9]|3~[01])"
_CHECK = rf"(?:[{_WIDE}]{{0,16}}[0-9](?![0-9])|[Xx]|{_T}[Xx](?![A-Za-z]))"
_ID = re.compile(
    r"(?<![0-9])"
    + f"{_PROVINCE}~[0-9]~[0-9]~[0-9]~[0-9]~{_BIRTHDAY}~[0-9]~[0-9]~[0-9]".replace("~", f"[{_WIDE}]{{0,16}}")
    + _CHECK
)
_OLD_ID = re.compile(
    r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])[0-9]{6}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}"
)
_MOBILE = re.compile(r"(?:0|(?:00)?86)?1[3-9][0-9]{9}")
_ISSUER = tuple("345689")
"""First digits of bank cards in use (6: UnionPay, 4 and 5: Visa and Mastercard, 3: JCB and Amex)."""

_RUN = re.compile(r"(?<![0-9])[0-9]{11,}(?![0-9])")
_CARD_GROUPS = re.compile(
    rf"(?<![0-9])(?:[0-9]{{4}}(?:{_S}[0-9]{{4}}){{3}}(?P<tail>[ \-.·]{{1,2}}[0-9]{{1,3}})?"
    rf"|[0-9]{{6}}{_S}[0-9]{{10,13}}|[0-9]{{8}}{_S}[0-9]{{8,11}})(?![0-9])"
)
_MOBILE_GROUPS = re.compile(
    rf"(?<![0-9])1[3-9](?:[0-9]{_S}[0-9]{{4}}{_S}[0-9]{{4}}|[0-9]{_S}[0-9]{{8}}|[0-9]{{5}}{_S}[0-9]{{4}}"
    rf"|[0-9]{_S}[0-9]{{3}}{_S}[0-9]{{5}}|[0-9]{{2}}{_S}[0-9]{{3}}{_S}[0-9]{{4}}"
    rf"|[0-9]{{2}}{_S}[0-9]{{4}}{_S}[0-9]{{3}}|[0-9]{{3}}{_S}[0-9]{{6}})(?![0-9])"
)
_UNIONPAY = re.compile(rf"(?<![0-9])6(?:{_S})?2(?:[{_TIGHT}]{{0,16}}[0-9]){{14,17}}(?![0-9])")
_TIGHT_ROW = re.compile(rf"(?<![0-9])[0-9]+(?:{_T}[0-9]+)++")
_ABROAD = re.compile(r"(?<![0-9])(?:\+(?! ?86)|00(?=85[23]|886))[1-9](?:[ \-.]?[0-9]){7,14}+")
_COUNTRY = re.compile(r"(?:[(（]\s?)?(?:\+\s?|00|(?<![0-9]))86\s?[)）]?[\s\-.]*$|\+$")

_ORDER_BEFORE = re.compile(
    r"(?:(?:订|运|工|保|账|交易|商户|快递)单|流水|交易|受理|申请|业务|报告|凭证|参考|批次|序列)(?:编号|号码|号)?[是为:：#\s]{0,4}$"
    r"|单号[是为:：#\s]{0,4}$"
    r"|(?<![a-z])(?:order|transaction|trade|reference|ref|tracking|serial|invoice)(?: (?:number|no\.?|id))?(?: is)?[:#\s]{0,4}$",
    re.IGNORECASE,
)
_CARD_BEFORE = re.compile(r"(?:卡|账号|帐号|(?<![a-z])(?:card|account))[^0-9，。；,;]{0,8}$", re.IGNORECASE)
_ID_BEFORE = re.compile(r"(?:身份证|证件)[^0-9，。；,;卡]{0,6}$")
_COUNTED = re.compile(r"\s?(?:[元块万亿%％年月日号点时分秒次笔岁天个位张条:：.,，]|yuan|rmb)|[ \-.·]{1,2}[0-9]", re.IGNORECASE)


def find_numbers(text: str) -> Iterator[Span]:
    """``text`` is a shadow (see shadow.py). Spans do not overlap; they come stage by stage, not in order."""
    free = [m.span() for m in _ROW.finditer(text) if m.end() - m.start() > 10]
    if "+" in text or "00" in text:
        yield from (Span(m.start(), m.end(), "phone") for m in _ABROAD.finditer(text))
    for pattern, judge in _STAGES:
        left: list[tuple[int, int]] = []
        for start, end in free:
            here = start
            for first, last, kind in _judged(text, start, end, pattern, judge):
                left.append((here, first))
                here = last
                if kind != "keep":
                    yield Span(_with_country(text, first) if kind == "phone" else first, last, kind)
            left.append((here, end))
        free = [(start, end) for start, end in left if end - start > 10]


def _judged(
    text: str, start: int, end: int, pattern: re.Pattern[str], judge: Callable[[re.Match[str]], Verdict | None]
) -> Iterator[Verdict]:
    """The verdicts of a stage on one free stretch. A check letter may follow the last digit of a stretch."""
    reach = min(len(text), end + 17) if pattern is _ID else end
    for m in pattern.finditer(text, start, reach):
        if m.start() < end and (verdict := judge(m)):
            yield verdict


def _digits(m: re.Match[str]) -> str:
    return "".join(filter(str.isdecimal, m[0]))


def _before(m: re.Match[str], pattern: re.Pattern[str]) -> bool:
    return pattern.search(m.string, max(0, m.start() - 24), m.start()) is not None


def _with_country(text: str, start: int) -> int:
    prefix = _COUNTRY.search(text, max(0, start - 12), start)
    return prefix.start() if prefix else start


def _identity(m: re.Match[str]) -> Verdict:
    return (m.start(), m.end(), "permit" if m[0][0] == "9" else "id_card")


def _unbroken(m: re.Match[str]) -> Verdict | None:
    """One run of digits: an item by itself, something else that stays, or a part of something longer (None)."""
    digits = m[0]
    n = len(digits)
    if n > 19:
        return (m.start(), m.end(), _glued(digits) or "keep")
    if is_public(digits):
        return (m.start(), m.end(), "keep")
    if _MOBILE.fullmatch(digits):
        return (m.start(), m.end(), "phone")
    if n == 15:
        old = _OLD_ID.fullmatch(digits)
        amex = digits.startswith(("34", "37")) and luhn.is_valid(digits)
        return (m.start(), m.end(), "id_card") if old else (m.start(), m.end(), "bank_card") if amex else None
    if n < 16:
        return None
    if _before(m, _ORDER_BEFORE) or (STAMP.match(digits) and not luhn.is_valid(digits) and not _before(m, _CARD_BEFORE)):
        return (m.start(), m.end(), "keep")
    return (m.start(), m.end(), "id_card" if _before(m, _ID_BEFORE) else "bank_card")


def _glued(digits: str) -> Kind | None:
    """Two numbers typed without anything between them; both must be beyond doubt, since order numbers are as long."""
    for cut in (11, 16, 17, 18, 19):
        first, second = _certain(digits[:cut]), _certain(digits[cut:])
        if first and second:
            return first
    return None


def _certain(digits: str) -> Kind | None:
    if len(digits) == 11 and _MOBILE.fullmatch(digits):
        return "phone"
    if _ID.fullmatch(digits) and ric.calc_check_digit(digits) == digits[-1]:
        return "id_card"
    return "bank_card" if 16 <= len(digits) <= 19 and digits.startswith("62") and luhn.is_valid(digits) else None


def _keep(m: re.Match[str]) -> Verdict:
    return (m.start(), m.end(), "keep")


def _grouped_card(m: re.Match[str]) -> Verdict | None:
    digits = _digits(m)
    if not digits.startswith(_ISSUER) and not _before(m, _CARD_BEFORE):
        return None
    if _before(m, _ORDER_BEFORE):
        return (m.start(), m.end(), "keep")
    end = m.end()
    # "6217 8888 0000 1234 10元": are the last figures the card's or the next word's?
    if m["tail"] and not luhn.is_valid(digits):
        if luhn.is_valid(digits[:16]) or _COUNTED.match(m.string, end):
            end = m.start("tail")
    return (m.start(), end, "id_card" if _before(m, _ID_BEFORE) else "bank_card")


def _grouped_mobile(m: re.Match[str]) -> Verdict:
    return (m.start(), m.end(), "phone")


def _unionpay(m: re.Match[str]) -> Verdict | None:
    return (m.start(), m.end(), "bank_card") if luhn.is_valid(_digits(m)) else None


def _irregular(m: re.Match[str]) -> Verdict | None:
    """Digits in groups of any size that together have the length of something personal."""
    digits = _digits(m)
    n = len(digits)
    if n < 11 or n > 19:
        return None
    if _MOBILE.fullmatch(digits):
        return (m.start(), m.end(), "phone")
    if n == 15 and _OLD_ID.fullmatch(digits):
        return (m.start(), m.end(), "id_card")
    if n < 16 or _before(m, _ORDER_BEFORE):
        return None
    card = digits.startswith("62") or (digits.startswith(_ISSUER) and luhn.is_valid(digits)) or _before(m, _CARD_BEFORE)
    return (m.start(), m.end(), "bank_card") if card else None


_STAGES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Verdict | None]], ...] = (
    (_ID, _identity),
    (_RUN, _unbroken),
    (LINES, _keep),
    (_CARD_GROUPS, _grouped_card),
    (_MOBILE_GROUPS, _grouped_mobile),
    (_UNIONPAY, _unionpay),
    (MOMENTS, _keep),
    (_TIGHT_ROW, _irregular),
)
