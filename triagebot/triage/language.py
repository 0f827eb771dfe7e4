"""Chinese or English, from the letters alone."""

from __future__ import annotations

import re
from typing import Literal

Lang = Literal["zh", "en"]

_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003134f]")
_WORD = re.compile("[a-z]+")
_SPOKEN = frozenset(
    ["i", "my", "me", "we", "you", "the", "what", "how", "why", "when", "where", "who", "is", "does", "do", "can", "a"]
)
"""Words of somebody who speaks English; a pasted error text (connection reset, please try again) has none of them."""

_SYLLABLE = re.compile(
    "(?:[bpmf]?(?:a|o|e|ai|ei|ao|ou|an|en|ang|eng|i|ie|iao|iu|ian|in|ing|u)"
    "|[dtnl](?:a|e|ai|ei|ao|ou|an|en|ang|eng|ong|i|ie|iao|iu|ian|in|ing|iang|u|uo|ui|uan|un|v|ve)"
    "|[gkh](?:a|e|ai|ei|ao|ou|an|en|ang|eng|ong|u|ua|uo|uai|ui|uan|un|uang)"
    "|[jqx](?:i|ia|ie|iao|iu|ian|in|ing|iang|iong|u|ue|uan|un)"
    "|(?:zh|ch|sh|[rzcs])(?:a|e|i|ai|ei|ao|ou|an|en|ang|eng|ong|u|ua|uo|uai|ui|uan|un|uang)"
    "|y(?:a|e|ao|ou|an|ang|i|in|ing|o|ong|u|ue|uan|un)|w(?:a|o|ai|ei|an|ang|en|eng|u)|er)"
)
_ENGLISH_TOO = re.compile(
    "a|an|ban|bang|bin|can|chat|chin|dan|den|die|fan|fang|gang|hang|he|hen|hi|hung|ken|lie|long|man|me|men|nun|pan|pang|pin|ping"
    "|ran|rang|sang|she|song|sun|tan|tang|tie|wan|woe|you|yin"
)
"""Syllables that are English words as well: alone they prove nothing."""


def language(text: str) -> Lang:
    """The language of a normalised ``text``: Chinese as soon as a character of it is there (app names and pasted error
    texts are English in Chinese messages too), unless an English sentence only quotes some. Pinyin and no letters at
    all are Chinese."""
    words = _WORD.findall(text)
    if not words:
        return "zh"
    if han := len(_HAN.findall(text)):
        return "en" if len(words) > han and not _SPOKEN.isdisjoint(words) else "zh"
    pinyin = all(map(_SYLLABLE.fullmatch, words)) and not all(map(_ENGLISH_TOO.fullmatch, words))
    return "zh" if pinyin else "en"
