"""Notices to colleagues that come faster than their chat may be spoken to: said together, in one message.

Only notices. Cards are edited in place, answers to an agent's command and what a person wrote are each read by themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from triagebot.desk.team.agents import STAFF
from triagebot.locale import say
from triagebot.messages import PRIORITY_REPLY, Button, Outgoing
from triagebot.store.outbox import Parcel
from triagebot.text import one_line

_LONGEST = 3900
"""Networks take 4096 and count some signs twice."""
_LONGEST_LINE = 300
_MOST_BUTTONS = 5


def foldable(parcel: Parcel) -> bool:
    message = parcel.message
    alone = message.card or message.order or message.attachment or message.drop_buttons_of or message.topic
    return parcel.to.bot == STAFF and parcel.priority != PRIORITY_REPLY and not alone and bool(message.text)


def together(head: Parcel, behind: Sequence[Parcel]) -> list[Parcel]:
    """The notices that may be said with ``head``: up to the first message that must keep its place. Cards may be passed."""
    near = takewhile(lambda p: foldable(p) or bool(p.message.card), behind)
    return [head, *(parcel for parcel in near if foldable(parcel))]


def folded(notices: Sequence[Parcel], lang: str) -> Outgoing:
    """All of them as one message, the gravest first; what does not fit is counted. One that tells of many tickets, a line
    each, has room for all of them."""
    in_order = sorted(notices, key=lambda parcel: (parcel.priority, parcel.id))
    lines = [say(lang, "notice.folded", count=len(notices))]
    room = _LONGEST - len(lines[0]) - len(say(lang, "notice.more", count=len(notices))) - 2
    for said, parcel in enumerate(in_order):
        words = parcel.message.text
        line = f"• {one_line(words, _LONGEST_LINE * (1 + words.count(chr(10))))}"
        if len(line) + 1 > room:
            lines.append(say(lang, "notice.more", count=len(notices) - said))
            break
        room -= len(line) + 1
        lines.append(line)
    numbers = list(dict.fromkeys(p.ticket_id for p in in_order if p.ticket_id is not None))[:_MOST_BUTTONS]
    show = say(lang, "verb.show.button")
    return Outgoing("\n".join(lines), tuple((Button(f"{show} #{number}", f"show:{number}"),) for number in numbers))
