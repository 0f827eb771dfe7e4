"""Tags: short words that agents put on a ticket to find it again."""

from __future__ import annotations

import re

from triagebot.desk.work import Call
from triagebot.errors import DeskError
from triagebot.locale import say
from triagebot.privacy import redact
from triagebot.store.tables import Ticket

MOST = 8
LONGEST = 24
"""Characters."""
_BETWEEN = re.compile(r"[\s,，、;；]+")


def parse(words: str) -> list[str]:
    """The tags in ``words``: small letters, without ``#``, personal numbers hidden, each once, in order."""
    parts = (part.strip("#") for part in _BETWEEN.split(redact(words).text.lower()))
    return sorted({part for part in parts if part})


def of(ticket: Ticket) -> list[str]:
    return [tag for tag in ticket.tags.split(",") if tag]


def tag(call: Call) -> str:
    """Put tags on a ticket: /tag N word [word…]."""
    has = of(call.the_ticket)
    new = [word for word in parse(call.text) if word not in has]
    if long := next((word for word in new if len(word) > LONGEST), None):
        raise DeskError(say(call.lang, "desk.tag_too_long", tag=long[:LONGEST] + "…", most=LONGEST))
    if len(has) + len(new) > MOST:
        raise DeskError(say(call.lang, "desk.too_many_tags", number=call.the_ticket.id, most=MOST, tags=shown(has)))
    if new:
        call.record("tagged", tags=",".join(new))
    return call.done("desk.tagged", tags=shown(of(call.the_ticket)) or "—")


def untag(call: Call) -> str:
    """Take tags off: /untag N word [word…]."""
    has = of(call.the_ticket)
    gone = [word for word in parse(call.text) if word in has]
    if not gone:
        raise DeskError(say(call.lang, "desk.no_such_tag", number=call.the_ticket.id, tags=shown(has) or "—"))
    call.record("untagged", tags=",".join(gone))
    return call.done("desk.tagged", tags=shown(of(call.the_ticket)) or "—")


def shown(tags: list[str]) -> str:
    """As people see them: ``#vip #投诉``."""
    return " ".join(f"#{tag}" for tag in tags)
