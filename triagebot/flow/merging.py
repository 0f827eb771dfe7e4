"""What is heard together: fragments of one thought, an album of pictures, and all that somebody in a hurry sends at once."""

from __future__ import annotations

from collections.abc import Sequence

from triagebot.dialogue import signals
from triagebot.dialogue.signals import Ears
from triagebot.dialogue.state import WHAT_NOW
from triagebot.messages import PICTURES, Incoming
from triagebot.store.inbox import Work

MOST_MERGED = 5
"""Fragments that are heard as one thought."""
FLOOD = 10
"""So many messages of one person waiting at once are no longer fragments of a thought: all their words are heard together,
and the person gets one answer that says so."""
_NOT_WORDS = frozenset({"photo", "document", "sticker", "voice", "location", "other", "empty"})


def merged(works: Sequence[Work], ears: Ears) -> list[list[Work]]:
    """Messages of one conversation in order, in parts that are heard together. Commands, buttons and short answers stay apart,
    also in a flood: each of them means something by itself."""
    most = len(works) if len(works) > FLOOD else MOST_MERGED
    parts: list[list[Work]] = []
    for work in works:
        last = parts[-1] if parts else []
        if last and (_of_one_kind(last[-1].message, work.message) or _one_thought(last, work, ears, most)):
            last.append(work)
        else:
            parts.append([work])
    return parts


def _of_one_kind(one: Incoming, other: Incoming) -> bool:
    pictures = one.kind in PICTURES and other.kind in PICTURES and None not in (one.seen, other.seen)
    return (pictures or (one.kind == other.kind and one.kind in _NOT_WORDS)) and one.mine and other.mine


def _one_thought(last: Sequence[Work], work: Work, ears: Ears, most: int) -> bool:
    return len(last) < most and all(_is_fragment(w.message, ears) for w in (last[-1], work))


def _is_fragment(message: Incoming, ears: Ears) -> bool:
    if message.kind != "text" or message.text.lstrip().startswith("/") or message.reply_ref or not message.mine:
        return False
    short = signals.plain(message.text[: signals.SHORT])
    pressed = ears.press(short)
    means_something = (pressed is not None and pressed.name != "who") or ears.meaning(short) not in ("", WHAT_NOW)
    return not (means_something or short.isdecimal())
