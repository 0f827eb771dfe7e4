"""Who comes first when more wait than can be handled: people whom we are talking with, colleagues, and who may be in danger,
before strangers.

Decided when a message arrives, for all messages of a batch at once: what is next is then found by an index alone.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import bindparam, select, tuple_
from sqlmodel import Session

from triagebot.messages import Incoming
from triagebot.store.codec import storable
from triagebot.store.statements import run, table_of
from triagebot.store.tables import Agent, Conversation

KNOWN, STRANGER = 0, 1
_TALK, _AGENT = table_of(Conversation), table_of(Agent)
_MET = select(_TALK.c.channel, _TALK.c.bot, _TALK.c.chat).where(
    tuple_(_TALK.c.channel, _TALK.c.bot, _TALK.c.chat).in_(bindparam("places", expanding=True))
)
_COLLEAGUES = select(_AGENT.c.channel, _AGENT.c.user).where(
    _AGENT.c.user.in_(bindparam("users", expanding=True)), _AGENT.c.active
)


def lanes(session: Session, messages: Sequence[Incoming], urgent: Collection[str] = ()) -> list[int]:
    """The lane of each message; ``urgent``: external ids of those that come first, whoever says them."""
    if not messages:
        return []
    places = [(m.address.channel, m.address.bot, storable(m.address.chat)) for m in messages]
    users = [(m.address.channel, storable(m.user)) for m in messages]
    met = {tuple(row) for row in run(session, _MET, {"places": sorted(set(places))})}
    colleagues: set[tuple[str, str]] = set()
    if not met.issuperset(places):
        named = sorted({user for place, (_, user) in zip(places, users, strict=True) if user and place not in met})
        colleagues = {(row.channel, row.user) for row in run(session, _COLLEAGUES, {"users": named})}
    return [
        KNOWN if m.external_id in urgent or place in met or user in colleagues else STRANGER
        for m, place, user in zip(messages, places, users, strict=True)
    ]
