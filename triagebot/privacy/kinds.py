"""The kinds of personal data that are hidden, what stands in their place, and what they are called to the user."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

Kind = Literal[
    "id_card", "permit", "passport", "phone", "bank_card", "code", "email", "password", "name", "address", "link"
]

PLACEHOLDER: dict[Kind, str] = {
    "id_card": "[身份证号]",
    "permit": "[通行证号]",
    "passport": "[护照号]",
    "phone": "[手机号]",
    "bank_card": "[银行卡号]",
    "code": "[验证码]",
    "email": "[邮箱]",
    "password": "[密码]",
    "name": "[姓名]",
    "address": "[地址]",
    "link": "[一次性链接]",
}
"""Chinese for every language: the triage features and the agents know these words."""

_WORDS_EN: dict[str, str] = {
    "id_card": "ID number",
    "permit": "permit number",
    "passport": "passport number",
    "phone": "phone number",
    "bank_card": "bank card number",
    "code": "verification code",
    "email": "e-mail address",
    "password": "password",
    "name": "name",
    "address": "address",
    "link": "one-time link",
}
_WORDS_ZH: dict[str, str] = {kind: placeholder.strip("[]") for kind, placeholder in PLACEHOLDER.items()}


class Span(NamedTuple):
    """``text[start:end]`` is personal data of this kind."""

    start: int
    end: int
    kind: Kind


def hidden_kinds_in_words(kinds: Iterable[str], lang: str) -> str:
    """Kinds as a person says them, each once: 身份证号、手机号 / ID number, phone number.

    A kind that a newer version stored and this one does not know becomes 个人信息 / personal data.
    """
    words, other, comma = (_WORDS_EN, "personal data", ", ") if lang == "en" else (_WORDS_ZH, "个人信息", "、")
    return comma.join(dict.fromkeys(words.get(kind, other) for kind in kinds))
