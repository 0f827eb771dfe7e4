"""The door: one text in, the same text without personal data out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from triagebot.privacy.codes import find_codes
from triagebot.privacy.documents import find_documents
from triagebot.privacy.emails import find_emails
from triagebot.privacy.kinds import PLACEHOLDER, Kind, Span
from triagebot.privacy.links import find_links
from triagebot.privacy.names import find_names
from triagebot.privacy.numbers import find_numbers
from triagebot.privacy.passwords import find_passwords
from triagebot.privacy.shadow import Shadow

_MOST_PASSES = 8
_DEEPEST = 64
_FIGURES = re.compile(r"[0-9](?:[^0-9A-Za-z\u3400-\u9fff]{0,16}[0-9]){6}")
"""No personal number has fewer than seven figures (Hong Kong identity card); Chinese words and letters end a number."""
_CALLED: tuple[tuple[tuple[str, ...], Callable[[str], Iterator[Span]]], ...] = (
    (("密码", "口令", "password", "passwd", "pwd", "pin"), find_passwords),
    (("码", "动态口令", "code", "otp", "cvv", "cvc", "one-time password", "one time password"), find_codes),
    (("名", "我叫", "本人叫", "持卡人", "联系人", "name"), find_names),
    (("join_", "token="), find_links),
)
"""What must occur in the text for a finder to be worth running."""


@dataclass(frozen=True, slots=True)
class Redacted:
    """``text`` with placeholders, and which kinds were hidden, in the order in which they were found."""

    text: str
    kinds: tuple[Kind, ...]


def redact(text: str) -> Redacted:
    """Put a typed placeholder in the place of every personal number, code, password, address and labelled name.

    Everything else stays as it was, character for character. Idempotent, linear in the text, and never raises on any
    ``str``. A second look is taken after a hit, because what a number hid from a pattern may show once it is gone.
    """
    kinds: dict[Kind, None] = {}
    for _ in range(_MOST_PASSES):
        spans = personal(text)
        if not spans:
            break
        kinds.update((span.kind, None) for span in spans)
        text = _replaced(text, spans)
    return Redacted(text, tuple(kinds))


def redact_name(display_name: str) -> str:
    """A display name as the person chose it, on one line, without numbers and addresses in it."""
    return redact(" ".join(display_name.split())).text


def redact_structure(value: Any) -> Any:
    """A copy of nested dicts, lists and tuples in which every string (keys too) went through ``redact``.

    Other values pass as they are: numbers are ids and counts of ours or of a chat network, never typed by a person.
    Below 64 levels the value is replaced by ``…``.
    """
    return _walk(value, _DEEPEST)


def _walk(value: Any, levels: int) -> Any:
    if isinstance(value, str):
        return redact(value).text
    if not isinstance(value, dict | list | tuple):
        return value
    if not levels:
        return "…"
    if isinstance(value, dict):
        return {_walk(k, levels - 1): _walk(v, levels - 1) for k, v in value.items()}
    walked = [_walk(item, levels - 1) for item in value]
    return tuple(walked) if isinstance(value, tuple) else walked


def personal(text: str) -> list[Span]:
    """What one look at ``text`` finds: spans in order, without overlaps."""
    shadow = Shadow(text)
    found = sorted(shadow.back(_find(shadow.text)))
    apart: list[Span] = []
    for span in found:
        if apart and span.start < apart[-1].end:
            before = apart[-1]
            longer = span if span.end - span.start > before.end - before.start else before
            apart[-1] = Span(before.start, max(before.end, span.end), longer.kind)
        else:
            apart.append(span)
    return apart


def _find(text: str) -> Iterator[Span]:
    """Whatever the finders say; most messages hold nothing that would make one worth running."""
    lower = text.lower()
    for words, finder in _CALLED:
        if any(word in lower for word in words):
            yield from finder(text)
    if _FIGURES.search(text):
        yield from find_documents(text)
        yield from find_numbers(text)
    if "@" in text:
        yield from find_emails(text)


def _replaced(text: str, spans: list[Span]) -> str:
    pieces: list[str] = []
    here = 0
    for start, end, kind in spans:
        pieces += (text[here:start], PLACEHOLDER[kind])
        here = end
    return "".join(pieces) + text[here:]
