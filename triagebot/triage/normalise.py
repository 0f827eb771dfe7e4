"""One spelling for everything that people type: what patterns, signatures and the classifier read."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Protocol

MOST_CHARS = 2000
"""What is longer is a pasted document; its beginning says what it is about, and every later stage stays linear."""

_GONE = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e01ef]"
)
"""Zero-width characters, direction marks, variation selectors: they split words that look whole."""

_BLANK = re.compile(
    "[\\s\x00-\x1f\x7f-\x9f\u20d0-\u20ff\u2190-\u21ff\u2300-\u23ff\u2500-\u27bf\u2900-\u297f\u2b00-\u2bff\ud800-\udfff\ufff0-\uffff\U0001f000-\U0001faff]+"
)
"""White space, control characters, emoji and pictographs, and lone surrogates (which no UTF-8 matcher accepts)."""

_SAME = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-"})
_REPEATED = re.compile(r"([^\d\s])\1{3,}")


class _Converter(Protocol):
    def convert(self, text: str) -> str: ...


@cache
def _simplifier() -> _Converter:
    import opencc

    converter: _Converter = opencc.OpenCC("t2s")
    return converter


def normalise(text: str) -> str:
    """NFKC, simplified, lower case, one space between words, no emoji, nothing invisible; at most ``MOST_CHARS``.

    The same character four times or more becomes three of it (急急急急急急, ！！！！！！). Applying it twice changes
    nothing.
    """
    text = _GONE.sub("", text[: 2 * MOST_CHARS])
    if not text.isascii():
        text = unicodedata.normalize("NFKC", _BLANK.sub(" ", text))
        text = unicodedata.normalize("NFKC", _simplifier().convert(text).lower())
        text = _GONE.sub("", text).translate(_SAME)
    text = _REPEATED.sub(r"\1\1\1", _BLANK.sub(" ", text.lower()))
    return text[:MOST_CHARS].strip()
