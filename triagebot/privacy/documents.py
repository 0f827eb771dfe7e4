"""Passports and permits by their own shape, and every document, phone or card number that is called by its name.

Shapes: ordinary passport E12345678 / EA1234567 / G12345678; permit of Hong Kong and Macao residents (回乡证) H12345678
with or without the two figures of its issue; permanent residence of foreigners USA110077030111 (and, since 2023, 18
figures that begin with 9: see numbers.py); Hong Kong identity card A123456(7).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from triagebot.privacy.kinds import Kind, Span
from triagebot.privacy.public import DATE, is_public

_SHAPED = re.compile(
    r"(?=[a-z])(?<![A-Za-z0-9])(?:"
    r"(?P<passport>[EG][ \-]?[0-9]{4}[ \-]?[0-9]{4}|E[A-HJ-NP-Z][0-9]{7})"
    r"|(?P<permit>[HM][ \-]?[0-9]{4}[ \-]?[0-9]{4}(?:[ \-]?[0-9]{2}|[(（][0-9]{2}[)）])?|[A-Z]{3}[0-9]{12})"
    r"|(?P<id_card>[A-Z]{1,2}[0-9]{6}[(（][0-9A][)）])"
    r")(?![A-Za-z0-9])",
    re.IGNORECASE,
)
# The look-ahead names every first letter of what follows it: it is what makes the search quick.
_NAMED = re.compile(
    r"(?=[回台通居永护身证卡银储信借手pimc])(?:"
    r"(?P<permit>回乡证|台胞证|通行证|居留证|永居证|居留身份证|(?<![a-z])permit)"
    r"|(?P<passport>护照|(?<![a-z])passport)"
    r"|(?P<id_card>身份证|证件号|居住证|(?<![a-z])(?:id|identity)(?: card)? (?:number|no))"
    r"|(?P<bank_card>卡号|银行卡|储蓄卡|信用卡|借记卡|(?<![a-z])card (?:number|no))"
    r"|(?P<phone>手机|(?<![a-z])(?:mobile|phone)(?: number| no)?)"
    r")"
    r"(?P<link>(?:号码|号|码|我的|number|no\b|is\b|was\b|[是为叫有:：=.,，#(（\s]){0,8})"
    r"(?P<value>[a-z]{0,3}[ \-]?[0-9](?:[ \-]?[0-9]){6,20}+[xa]?)(?![a-z0-9])",
    re.IGNORECASE,
)
_FIGURES: dict[Kind, tuple[int, int]] = {
    "id_card": (12, 21),
    "permit": (8, 12),
    "passport": (7, 9),
    "bank_card": (12, 21),
    "phone": (9, 13),
}
"""Fewest and most figures of a named number; wide, because a card number with one figure missing is still one."""


def find_documents(text: str) -> Iterator[Span]:
    """``text`` is a shadow (see shadow.py)."""
    for m in _SHAPED.finditer(text):
        yield Span(m.start(), m.end(), _kind(m))
    for m in _NAMED.finditer(text):
        if _is_meant(m, _kind(m)):
            yield Span(m.start("value"), m.end("value"), _kind(m))


def _kind(m: re.Match[str]) -> Kind:
    found = m.groupdict()
    return next(kind for kind in _FIGURES if found.get(kind))


def _is_meant(m: re.Match[str], kind: Kind) -> bool:
    value: str = m["value"]
    figures = sum(map(str.isdigit, value))
    least, most = _FIGURES[kind]
    if value[0].isalpha():
        least = 6 if kind == "id_card" else min(least, 7)
        if kind in ("bank_card", "phone"):
            return False
    if kind == "phone" and not (value.startswith("1") and value[1:2] in "3456789"):
        return False
    if not least <= figures <= most or is_public(value):
        return False
    # "台胞证 20261123 到期" names a day; "台胞证号：20011123" names a number.
    named_outright = any(c in "是为:：=号" for c in m["link"])
    return named_outright or not DATE.match(value)
