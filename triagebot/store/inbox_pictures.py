"""Pictures in the inbox that are held for a look: which are next, and what becomes of them once somebody has looked.

They are held by ``not_before`` from the moment at which they are committed, so that the conversation goes on without a look
when nobody takes one in time. Whoever looks, only the row's state and claim say whether it still counts.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import dropwhile, takewhile
from typing import Any

from sqlalchemy import Row, Select, bindparam, func, literal_column, or_, select, update
from sqlmodel import Session

from triagebot.errors import ClaimLost
from triagebot.messages import Address, Seen
from triagebot.store import waits
from triagebot.store.codec import incoming_from_json, seen_to_json
from triagebot.store.columns import UtcDateTime
from triagebot.store.inbox import MOST_PER_CHAT, Claim, Work
from triagebot.store.statements import run, table_of, walked
from triagebot.store.tables import Inbox

_BOX = table_of(Inbox)
_EARLIER = _BOX.alias("earlier")
_PENDING = _BOX.c.state == literal_column("'pending'")
_PLACE = ("channel", "bot", "chat")
_OLDEST = select(func.min(_EARLIER.c.id)).where(
    _EARLIER.c.state == literal_column("'pending'"), *(_EARLIER.c[name] == _BOX.c[name] for name in _PLACE)
)
_HELD = (
    _PENDING, _BOX.c.not_before > bindparam("now", type_=UtcDateTime),
    _BOX.c.not_before <= bindparam("far", type_=UtcDateTime), _BOX.c.attempts == 0,
    _BOX.c.payload["file"].as_string().is_not(None), _BOX.c.payload["seen"].as_string().is_(None),
)  # fmt: skip
_FREE = or_(
    _BOX.c.claimed_by.in_(["", bindparam("holder")]), _BOX.c.claimed_until <= bindparam("at", type_=UtcDateTime)
)
_MARK = (
    update(_BOX)
    .where(_BOX.c.id.in_(bindparam("ids", expanding=True)), *_HELD, _FREE)
    .values(claimed_by=bindparam("holder"), claimed_until=bindparam("until", type_=UtcDateTime))
    .returning(_BOX.c.id)
)
"""What somebody else has looked at since it was found is not held any more: then it is not ours to mark."""
_WAITING = (
    select(_BOX).where(_PENDING, *(_BOX.c[name] == bindparam(name) for name in _PLACE)).order_by(_BOX.c.id)
    .limit(MOST_PER_CHAT)
)  # fmt: skip


@dataclass(frozen=True)
class Album:
    """What one person sent one after the other, in the network's order, and is next to be heard. ``until``: so long is it
    held."""

    works: tuple[Work, ...]
    until: datetime

    @property
    def address(self) -> Address:
        return self.works[0].message.address


@cache
def _heads(owners: frozenset[tuple[str, str]]) -> Select[Any]:
    first = _BOX.c.id == _OLDEST.correlate(_BOX).scalar_subquery()
    return select(_BOX).where(walked(_BOX, owners), *_HELD, first, _FREE).order_by(_BOX.c.id).limit(bindparam("most"))


def find(
    session: Session, owners: Collection[tuple[str, str]], now: datetime, most: int, holder: str = "",
    at: datetime | None = None,
) -> list[Album]:  # fmt: skip
    """Held pictures that are next in up to ``most`` conversations, oldest first; at ``at`` of no other than ``holder``."""
    values = {**waits.at(now), "most": most, "holder": holder, "at": at or now}
    found: list[Album] = []
    for head in run(session, _heads(frozenset(owners)), values).all():
        album = _album(_rows(session, Address(head.channel, head.bot, head.chat)))
        if album:
            found.append(Album(tuple(_work(row) for row in album), head.not_before))
    return found


def take(session: Session, owners: Collection[tuple[str, str]], now: datetime, most: int, claim: Claim) -> list[Album]:
    """As ``find``, where several processes share the database: what is returned is marked as taken by this one."""
    albums = find(session, owners, now, most, claim.holder, claim.at)
    ids = [album.works[0].id for album in albums]
    values = {**waits.at(now), "ids": ids, "holder": claim.holder, "at": claim.at, "until": claim.until}
    marked = set(run(session, _MARK, values).scalars())
    return [album for album in albums if album.works[0].id in marked]


def release(
    session: Session, album: Album, seen: Mapping[int, Seen], most: int, now: datetime, holder: str = ""
) -> list[Work]:
    """Write what was made out (by the row's id) and let the conversation go on; or return more pictures of this album that
    have come meanwhile, at which somebody must look first. At most ``most`` are looked at; the others go on without.

    What the network calls the pictures is forgotten. ``holder`` as in inbox.done. ClaimLost when somebody else has them, or
    the time was up and they were heard without.
    """
    rows = _album(_rows(session, album.address, to_change=True))
    first = rows[0] if rows else None
    if (
        first is None
        or first.id != album.works[0].id
        or first.claimed_by != holder
        or waits.is_over(first.not_before, now)
    ):
        raise ClaimLost("nobody waits for a look at these pictures any more")
    missing = [_work(row) for row in rows[:most] if row.id not in seen]
    if missing and seen:
        return missing
    for row in rows:
        payload = {name: value for name, value in row.payload.items() if name != "file"}
        if row.id in seen:
            payload["seen"] = seen_to_json(seen[row.id])
        values = {"payload": payload, "not_before": None, "claimed_by": "", "claimed_until": None}
        run(session, update(_BOX).where(_BOX.c.id == row.id, _PENDING).values(**values))
    return []


def _rows(session: Session, to: Address, *, to_change: bool = False) -> Sequence[Row[Any]]:
    query = _WAITING.with_for_update() if to_change else _WAITING
    return run(session, query, {"channel": to.channel, "bot": to.bot, "chat": to.chat}).all()


def _album(rows: Sequence[Row[Any]]) -> list[Row[Any]]:
    """Of what waits in a conversation the first pictures that come one after the other."""
    in_order = sorted(rows, key=lambda row: (row.payload.get("position", 0), row.id))
    from_first = dropwhile(lambda row: not _work(row).message.worth_a_look, in_order)
    return list(takewhile(lambda row: _work(row).message.worth_a_look, from_first))


def _work(row: Row[Any]) -> Work:
    address = Address(row.channel, row.bot, row.chat)
    return Work(row.id, incoming_from_json(address, row.external_id, row.payload), row.attempts)
