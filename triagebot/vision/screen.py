"""Lines read off a screen -> what may be kept of them, and which of them nobody else may see."""

from __future__ import annotations

from collections.abc import Sequence

from triagebot.messages import Seen
from triagebot.privacy import PLACEHOLDER, redact
from triagebot.privacy.kinds import Span
from triagebot.text import clip
from triagebot.vision.layout import page
from triagebot.vision.ocr import Line
from triagebot.vision.personal import find, is_suspect

_SURE = 0.6
"""Lines that were read less surely do not count as said; what is personal in them is painted over all the same."""
_LEAST_WORDS = 4
"""Characters without which nothing was said: a clock and a battery are no screen."""
_MOST_CHARS = 1500


def screen(lines: Sequence[Line]) -> tuple[Seen, tuple[Line, ...]]:
    """What was made out, and the lines that hold personal data, all of them to be painted over.

    ``text`` is redacted: placeholders stand for numbers, names after labels and addresses.
    """
    sure = tuple(line for line in lines if line.score >= _SURE)
    laid = page(sure)
    spans = find(laid.text)
    owners = {laid.owners[at] for span in spans for at in range(span.start, span.end)} - {-1}
    personal = tuple(line for n, line in enumerate(sure) if n in owners or is_suspect(line.text))
    unsure = tuple(line for line in lines if line.score < _SURE and (is_suspect(line.text) or find(line.text)))
    redacted = redact(_without(laid.text, spans))
    if sum(c.isalpha() for c in redacted.text) < _LEAST_WORDS:
        return Seen("nothing", why="no_words"), personal + unsure
    hidden = dict.fromkeys((*(span.kind for span in spans), *redacted.kinds))
    return Seen("screen", text=clip(redacted.text, _MOST_CHARS), hidden=tuple(hidden)), personal + unsure


def _without(text: str, spans: Sequence[Span]) -> str:
    for start, end, kind in reversed(spans):
        text = text[:start] + PLACEHOLDER[kind] + text[end:]
    return text
