"""Identity numbers, bank cards and mobile numbers in a text, however they are grouped.

The format decides; a checksum only settles what the format leaves open. Stages run from the surest to the least sure,
each on what the earlier ones left free; a stage may also keep a stretch (a hotline, a date), so that no later one
reads it together with its neighbours. Every pattern is bounded or possessive: the work is linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Literal

from triagebot.privacy.checksums import is_company, is_luhn
from triagebot.privacy.kinds import Kind, Span
from triagebot.privacy.public import KNOWN_LINES, LINES, MOMENTS, STAMP, VERSION, is_public

Verdict = tuple[int, int, Kind | Literal["keep"]]
"""What a stage says about a match: from where to where, and what it is."""
Judge = Callable[[re.Match[str]], Verdict | None]

_TIGHT = r"\s\-\u2010-\u2015\u2212\ufe58\ufe63_.·•・∙。~"
_WIDE = rf"{_TIGHT}，,、/:：;；|()（）'\"“”*+=\\^<>\[\]【】「」"
_T, _S = f"[{_TIGHT}]{{1,16}}", f"[{_WIDE}]{{1,16}}"

_ROW = re.compile(rf"[0-9]+(?:{_S}[0-9]+)*+")
"""Digits with nothing but separators between them; no item reaches beyond a row."""

# Province, rest of the region, year, month, day, order, check. 8[123]0000: residence permits of people from Hong Kong,
# Macao and Taiwan; 9: identity card of foreign permanent residents (2023). "~" is "perhaps separators". Without its
# check figure the number still tells who it is.
_PROVINCE = "(?:1~[1-5]|2~[1-3]|3~[1-7]|4~[1-6]|5~[0-4]|6~[1-5]|7~1|8~[1-3]|9~[0-9])"
_BIRTHDAY = "(?:1~[89]|2~0)~[0-9]~[0-9]~(?:0~[1-9]|1~[0-2])~(?:0~[1-9]|[12]~[0-9]|3~[01])"
_CHECK = rf"(?:[{_WIDE}]{{0,16}}[0-9](?![0-9])|[Xx]|{_T}[Xx](?![A-Za-z])|(?![0-9]))"
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
    rf"(?<![0-9])(?:[0-9]{{4}}(?:{_S}[0-9]{{4}}){{3}}(?:[ \-.·]{{1,2}}[0-9]{{1,3}})?"
    rf"|[0-9]{{6}}{_S}[0-9]{{10,13}}|[0-9]{{8}}{_S}[0-9]{{8,11}})(?![0-9])"
)
_MOBILE_GROUPS = re.compile(
    rf"(?<![0-9])1[3-9](?:[0-9]{_S}[0-9]{{4}}{_S}[0-9]{{4}}|[0-9]{_S}[0-9]{{8}}|[0-9]{{5}}{_S}[0-9]{{4}}"
    rf"|[0-9]{_S}[0-9]{{3}}{_S}[0-9]{{5}}|[0-9]{{2}}{_S}[0-9]{{3}}{_S}[0-9]{{4}}"
    rf"|[0-9]{{2}}{_S}[0-9]{{4}}{_S}[0-9]{{3}}|[0-9]{{3}}{_S}[0-9]{{6}})(?![0-9])"
)
_NOT_TIGHT, _SEPARATORS = re.compile(rf"[^{_TIGHT}0-9Xx]"), re.compile("[^0-9Xx]+")
_FRACTION = re.compile(r"(?<![0-9])0\.$")
_GROUP = re.compile("[0-9]+")
_UNIONPAY = re.compile(rf"(?<![0-9])6(?:{_S})?2(?:[{_TIGHT}]{{0,16}}[0-9]){{14,17}}(?![0-9])")
_TIGHT_ROW = re.compile(rf"(?<![0-9])[0-9]+(?:{_T}[0-9]+)++")
_ROW_BEFORE, _ROW_AFTER = re.compile(rf"[0-9]{_T}$"), re.compile(rf"{_T}[0-9]")
_SHORTEST, _LONGEST_ROW = 11, 19 + 18 * 4
_ABROAD = re.compile(r"(?:\+(?! ?86)|(?<![0-9])00(?=85[23]|886))[1-9](?:[ \-.]?[0-9]){7,14}+")
_COUNTRY = re.compile(r"(?:[(（]\s?)?(?:\+\s?|00|(?<![0-9]))86\s?[)）]?[\s\-.]*$|\+$")

_OPEN_BEFORE, _CLOSED = re.compile("[(（]"), re.compile("[)）]")

_ORDER_BEFORE = re.compile(
    r"(?:订单|(?:单|流水|交易|受理|申请|业务|报告|凭证|参考|批次|序列)(?:编号|号码?))[是为:：#\s]{0,4}$"
    r"|(?<![a-z])(?:order|(?:order|transaction|trade|reference|ref|tracking|serial|invoice) (?:number|no\.?|id))"
    r"(?: is)?[:#\s]{0,4}$",
    re.IGNORECASE,
)
# No "]" in between: the words of a placeholder are not the user's.
_CARD_BEFORE = re.compile(r"(?:卡|账号|帐号|(?<![a-z])(?:card|account))[^0-9，。；,;\]]{0,8}$", re.IGNORECASE)
_ID_BEFORE = re.compile(r"(?:身份证|证件)[^0-9，。；,;卡\]]{0,6}$")
_COUNTED = re.compile(r"\s?(?:[元块万亿%％年月日号点时分秒次笔岁天个位张条]|yuan|rmb)|[:：.][0-9]", re.IGNORECASE)
_NUMBER_NEXT = re.compile(r"[ \-.·]{1,2}[0-9]")


def find_numbers(text: str) -> Iterator[Span]:
    """``text`` is a shadow (see shadow.py). Spans do not overlap; they come stage by stage, not in order."""
    if "+" in text or "00" in text:
        yield from (Span(m.start(), m.end(), "phone") for m in _ABROAD.finditer(text))
    free = [m.span() for m in _ROW.finditer(text) if m.end() - m.start() >= _SHORTEST]
    for pattern, judge in _STAGES:
        # One look at everything is quicker than many small ones, and most patterns occur nowhere.
        if len(free) > 8 and not pattern.search(text):
            continue
        free, found = _stage(text, free, pattern, judge)
        for start, end, kind in found:
            if kind != "keep":
                yield Span(_with_country(text, start, end) if kind == "phone" else start, end, kind)
        if not free:
            return


def _stage(
    text: str, free: list[tuple[int, int]], pattern: re.Pattern[str], judge: Judge
) -> tuple[list[tuple[int, int]], list[Verdict]]:
    """What one stage leaves free, and its verdicts."""
    left: list[tuple[int, int]] = []
    found: list[Verdict] = []
    for start, end in free:
        # The check letter of an identity number may follow the last digit of a row.
        for m in pattern.finditer(text, start, end + 17 if pattern is _ID else end):
            verdict = judge(m) if m.start() < end else None
            if verdict:
                found.append(verdict)
                left.append((start, verdict[0]))
                start = verdict[1]
        left.append((start, end))
    return [(start, end) for start, end in left if end - start >= _SHORTEST], found


def _digits(m: re.Match[str]) -> str:
    return "".join(filter(str.isdecimal, m[0]))


def _before(m: re.Match[str], pattern: re.Pattern[str]) -> bool:
    return pattern.search(m.string, max(0, m.start() - 24), m.start()) is not None


def _with_country(text: str, start: int, end: int) -> int:
    """Where a phone number begins, with its country code, plus sign or opening bracket."""
    prefix = _COUNTRY.search(text, max(0, start - 12), start)
    if prefix:
        return prefix.start()
    bracketed = _OPEN_BEFORE.match(text, max(0, start - 1), start) and _CLOSED.search(text, start, end)
    return start - 1 if bracketed else start


def _identity(m: re.Match[str]) -> Verdict | None:
    # "110，502，20261123，5000元" is a list: commas and the like must group it as people group an identity number.
    if _NOT_TIGHT.search(m[0]):
        sizes = [len(group) for group in _GROUP.findall(m[0])]
        if len(set(_SEPARATORS.findall(m[0]))) > 1 or (sizes[0] != 6 and len(set(sizes[:-1])) > 1):
            return None
    return (m.start(), m.end(), "permit" if m[0][0] == "9" else "id_card")


def _unbroken(m: re.Match[str]) -> Verdict | None:
    """One run of digits: an item by itself, something else that stays, or a part of something longer (None)."""
    digits = m[0]
    n = len(digits)
    if n > 19:
        first, kind = _glued(digits) or (n, "keep")
        return (m.start(), m.start() + first, kind)
    if is_public(digits):
        return None
    if _MOBILE.fullmatch(digits):
        return (m.start(), m.end(), "phone")
    if _is_company(m):
        return (m.start(), m.end(), "keep")
    if n == 15:
        old = _OLD_ID.fullmatch(digits)
        amex = digits.startswith(("34", "37")) and is_luhn(digits)
        return (m.start(), m.end(), "id_card") if old else (m.start(), m.end(), "bank_card") if amex else None
    if n < 16:
        return None
    if _FRACTION.search(m.string, max(0, m.start() - 3), m.start()):
        return (m.start(), m.end(), "keep")
    if _before(m, _ORDER_BEFORE) or (STAMP.match(digits) and not is_luhn(digits) and not _before(m, _CARD_BEFORE)):
        return (m.start(), m.end(), "keep")
    return (m.start(), m.end(), "id_card" if _before(m, _ID_BEFORE) else "bank_card")


def _is_company(m: re.Match[str]) -> bool:
    """The unified social credit code of a business is public; its last characters may be letters."""
    code = m.string[m.start() : m.start() + 18]
    return code.startswith(("91", "92", "93")) and is_company(code)


def _glued(digits: str) -> tuple[int, Kind] | None:
    """Two numbers with nothing between them: length and kind of the first (the next look finds the other).

    Both must look right, since order numbers are as long.
    """
    for cut in (11, 16, 17, 18, 19):
        first = _looks_right(digits[:cut])
        if first and _looks_right(digits[cut:]):
            return cut, first
    return None


def _looks_right(digits: str) -> Kind | None:
    if len(digits) == 11 and _MOBILE.fullmatch(digits):
        return "phone"
    if _ID.fullmatch(digits):
        return "id_card"
    return "bank_card" if 16 <= len(digits) <= 19 and digits.startswith("62") else None


def _keep(m: re.Match[str]) -> Verdict:
    return (m.start(), m.end(), "keep")


def _grouped_card(m: re.Match[str]) -> Verdict | None:
    digits = _digits(m)
    if not digits.startswith(_ISSUER) and not _before(m, _CARD_BEFORE):
        return None
    if _before(m, _ORDER_BEFORE):
        return (m.start(), m.end(), "keep")
    return (m.start(), _card_end(m), "id_card" if _before(m, _ID_BEFORE) else "bank_card")


def _card_end(m: re.Match[str]) -> int:
    """Where a grouped card number ends: in "6217 8888 0000 1234 10元" the last group belongs to the next word."""
    ends, digits = [], ""
    for group in _GROUP.finditer(m.string, m.start(), m.end()):
        digits += group[0]
        if 16 <= len(digits) <= 19:
            ends.append((group.end(), digits))
    longest, shorter = ends[-1][0], ends[-2 if len(ends) > 1 else -1][0]
    if _COUNTED.match(m.string, m.end()):
        return shorter
    valid = next((end for end, so_far in reversed(ends) if is_luhn(so_far)), None)
    return valid or (shorter if _NUMBER_NEXT.match(m.string, m.end()) else longest)


def _grouped_mobile(m: re.Match[str]) -> Verdict:
    return (m.start(), m.end(), "phone")


def _unionpay(m: re.Match[str]) -> Verdict:
    return (m.start(), _card_end(m), "bank_card")


def _irregular(m: re.Match[str]) -> Verdict | None:
    """A whole row of digits in groups of any size, which together have the length of something personal."""
    if m.end() - m.start() > _LONGEST_ROW:
        return None
    digits = _digits(m)
    n = len(digits)
    if n < 11 or n > 19:
        return None
    if _MOBILE.fullmatch(digits):
        return (m.start(), m.end(), "phone")
    if n == 15 and _OLD_ID.fullmatch(digits):
        return (m.start(), m.end(), "id_card")
    if n < 16 or not ((digits.startswith(_ISSUER) and is_luhn(digits)) or _before(m, _CARD_BEFORE)):
        return None
    where = (m.string, m.start(), m.end())
    if _before(m, _ORDER_BEFORE) or MOMENTS.search(*where) or KNOWN_LINES.search(*where):
        return None
    return (m.start(), _card_end(m), "bank_card")


def _rest_of_row(m: re.Match[str]) -> Verdict | None:
    """What other stages left of a row; a row that they left whole was judged before."""
    cut = _ROW_BEFORE.search(m.string, max(0, m.start() - 17), m.start()) or _ROW_AFTER.match(m.string, m.end())
    return _irregular(m) if cut else None


_STAGES: tuple[tuple[re.Pattern[str], Judge], ...] = (
    (_ID, _identity),
    (_RUN, _unbroken),
    (VERSION, _keep),
    (_TIGHT_ROW, _irregular),
    (_CARD_GROUPS, _grouped_card),
    (_MOBILE_GROUPS, _grouped_mobile),
    (_UNIONPAY, _unionpay),
    (LINES, _keep),
    (MOMENTS, _keep),
    (_TIGHT_ROW, _rest_of_row),
)
