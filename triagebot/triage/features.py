"""From a normalised text to the terms that the classifier counts."""

from __future__ import annotations

import re
from itertools import pairwise

LONGEST = 4
"""Characters in the longest n-gram."""

NEAR = 5
"""English words at most so far apart are a pair; half a point on BANKING77 (docs/decisions/0002). Chinese has its 4-grams."""

_HIDDEN = re.compile(r"\[[\u4e00-\u9fff]{2,6}\]")
"""What privacy puts in the place of personal data, and emoticon codes such as [捂脸]: neither says what the problem
is."""

_NUMBER = re.compile(r"\d(?:[ -]?\d){5,}")
"""A phone, card or order number, also in groups; redacted or not, the classifier reads the same."""

_WORD = re.compile(r"[a-z][a-z']+|[a-z]")
_DENIED = re.compile(
    r"(?<!是)(?:并|又|也)?不是(?:说|问|因为)?(?![我本他她谁])[^,.。;;!?我]{1,8}(?:的问题|的事儿?|问题)(?![吗么吧嘛?])"
    r"|(?<!是)(?:并|又|也)?不是(?:说|问|因为)?(?![我本他她谁])[^,.。;;!?我吗么吧嘛 ]{1,8}[,;!。 ]+(?=是|而是|就是)"
    r"|\bnot (?:about |a )?(?:the |my )?[a-z ]{1,20}(?:problem|issue)\b"
)
"""What is said not to be the problem; questions (是不是…) and ownership (不是我的…) are left alone."""


def content(text: str) -> str:
    """``text`` without placeholders, long numbers, and what is said not to be the problem."""
    return _DENIED.sub(" ", _NUMBER.sub(" ", _HIDDEN.sub(" ", text))).strip()


def terms(text: str) -> list[str]:
    """Characters, then 2- to 4-grams of the text in one space on each side, then English words, neighbouring words, and words
    that stand near each other in either order (marked by a tab, which no normalised text contains). A list with repetitions:
    term frequency is the count."""
    padded = f" {text} "
    found = list(text)
    found += [padded[i : i + n] for n in range(2, LONGEST + 1) for i in range(len(padded) - n + 1)]
    words = _WORD.findall(text)
    found += [f"\t{word}" for word in words]
    found += [f"\t{first} {second}" for first, second in pairwise(words)]
    found += dict.fromkeys(  # a set's order differs from one start to the next, and so would the last digits of a training
        f"\t{min(first, second)}\t{max(first, second)}"
        for place, first in enumerate(words)
        for second in words[place + 2 : place + NEAR + 1]
        if first != second
    )
    return found
