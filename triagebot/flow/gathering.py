"""What waits for a group in which tickets have topics: only the last name and the last card of each are worth sending, and
words that the group has no room for are said together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from triagebot.messages import Outgoing
from triagebot.store.outbox import Parcel
from triagebot.text import clip

_LONGEST = 3900


def together(head: Parcel, behind: Sequence[Parcel], room: int) -> tuple[Outgoing, list[int]]:
    """What is sent for ``head``, and the numbers of all that it says. ``room``: how many messages the group may be told now."""
    message = head.message
    if message.card:
        later = [parcel for parcel in behind if parcel.message.card == message.card]
        return (later[-1].message if later else message), [head.id, *(parcel.id for parcel in later)]
    same = [parcel for parcel in behind if _is_plain(parcel.message) and parcel.message.topic == message.topic]
    if not (_is_plain(message) and same and 1 + len(behind) > room):
        return message, [head.id]
    words, numbers = message.text, [head.id]
    for parcel in same:
        if len(words) + 1 + len(parcel.message.text) > _LONGEST:
            break
        words, numbers = f"{words}\n{parcel.message.text}", [*numbers, parcel.id]
    return replace(message, text=clip(words, _LONGEST)), numbers


def _is_plain(message: Outgoing) -> bool:
    return bool(message.topic) and not (message.card or message.forum or message.buttons)
