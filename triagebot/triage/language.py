"""Chinese or English, from the letters alone."""

from __future__ import annotations

import re
from typing import Literal

Lang = Literal["zh", "en"]

_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003134f]")
_WORD = re.compile("[a-z]+")
_SYLLABLE = re.compile(
    "(?:[bpmf]?(?:a|o|ai|ei|ao|ou|an|en|ang|eng|i|ie|iao|ian|in|ing|u)"
    "|[dtnl](?:a|e|ai|ei|ao|ou|an|en|ang|eng|ong|i|ie|iao|iu|ian|in|ing|iang|u|uo|ui|uan|un|v|ve)"
    "|[gkh](?:a|e|ai|ei|ao|ou|an|en|ang|eng|ong|u|ua|uo|uai|ui|uan|un|uang)"
    "|[jqx](?:i|ia|ie|iao|iu|ian|in|ing|iang|iong|u|ue|uan|un)"
    "|(?:zh|ch|sh|[rzcs])(?:a|e|i|ai|ei|ao|ou|an|en|ang|eng|ong|u|ua|uo|uai|ui|uan|un|uang)"
    "|y(?:a|e|ao|ou|an|ang|i|in|ing|o|ong|u|ue|uan|un)|w(?:a|o|ai|ei|an|ang|en|eng|u)|er)"
)
_ENGLISH_TOO = frozenset(
    "a an ban bang can chat chin dan den die fan fang gang hang he hen hang hi hung in king lie long man me men nun o pan pang pin ping "
    "ran rang sang she shun song sun tan tang tie wan wen woe wo yang you yin".split()
)
"""Syllables that are English words as well (or English chat): alone they prove nothing."""


def language(text: str) -> Lang:
    """The language of a normalised ``text``. A few Chinese characters outweigh many English words, since app names and
    pasted error texts are English in Chinese messages too; pinyin is Chinese; no letters at all is Chinese."""
    words = _WORD.findall(text)
    if not words or len(_HAN.findall(text)) * 4 >= len(words):
        return "zh" if not words or _HAN.search(text) else "en"
    return "zh" if _is_pinyin(words) else "en"


def _is_pinyin(words: list[str]) -> bool:
    return all(map(_SYLLABLE.fullmatch, words)) and not all(word in _ENGLISH_TOO for word in words)
