"""What arrived and is still to be handled: unique per channel, bot and the network's own id; in order per conversation.

Where one process does everything (SQLite), ``claim`` reads what is next. Where several share the database, ``take`` marks
it with the process's name for a while, and only that process may say what became of it (``done``, ``fail``).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, bindparam, or_, select, update
from sqlmodel import Session

from triagebot.errors import ClaimLost
from triagebot.messages import Address, Incoming
from triagebot.store import holders, inbox_ready, lanes, waits
from triagebot.store.codec import incoming_from_json, incoming_to_json, reason, storable
from triagebot.store.columns import UtcDateTime
from triagebot.store.statements import PerDialect, run, table_of
from triagebot.store.tables import Inbox

MOST_PER_CHAT = 40
"""So many messages of one conversation are taken up at a time; the others wait for their turn."""
_SHARE = 4
"""While known people fill all places, strangers have one more for each so many: nobody starves."""
_NOW = bindparam("now", type_=UtcDateTime)
_INBOX = table_of(Inbox)
_TAKE_IN = PerDialect(
    lambda insert: (
        insert(_INBOX)
        .on_conflict_do_nothing(index_elements=["channel", "bot", "external_id"])
        .returning(_INBOX.c.state)
    )
)
_IDS = _INBOX.c.id.in_(bindparam("ids", expanding=True))
_PENDING = _INBOX.c.state == "pending"
_OURS: tuple[ColumnElement[bool], ...] = (_PENDING, _INBOX.c.claimed_by == bindparam("holder"))
_DONE = update(_INBOX).where(_IDS, *_OURS).values(state="done", done_at=_NOW)
_FREE = or_(
    _INBOX.c.claimed_by.in_(["", bindparam("holder")]), _INBOX.c.claimed_until <= bindparam("at", type_=UtcDateTime)
)
_MARK = (
    update(_INBOX)
    .where(_IDS, _PENDING, _FREE)
    .values(claimed_by=bindparam("holder"), claimed_until=bindparam("until", type_=UtcDateTime))
    .returning(_INBOX.c.id)
)
_NOBODYS = {"claimed_by": "", "claimed_until": None}


@dataclass(frozen=True)
class Work:
    """One pending message; ``attempts``: how often it was tried and failed."""

    id: int
    message: Incoming
    attempts: int


def commit(
    session: Session, messages: Sequence[Incoming], dead: Sequence[tuple[str, str, str]], now: datetime,
    *, dead_from: tuple[str, str] = ("", ""), urgent: Collection[str] = (), look_until: datetime | None = None,
) -> int:  # fmt: skip
    """Take messages in; replays have no effect. ``dead``: (external id, reason, redacted shape) of unreadable ones,
    which go straight to the dead letters of ``dead_from`` (channel, bot). ``urgent``: external ids of messages that do not
    wait behind anybody's for being a stranger's. ``look_until``: so long are pictures held for somebody to look at them
    (store.inbox_pictures), except urgent ones. Returns how many messages were new."""
    rows: list[dict[str, Any]] = [
        {"channel": m.address.channel, "bot": m.address.bot, "chat": storable(m.address.chat),
         "external_id": storable(m.external_id),
         "state": "pending", "attempts": 0, "received_at": now, "payload": incoming_to_json(m), "error": "",
         "not_before": look_until if m.worth_a_look and m.external_id not in urgent else None, "lane": lane}
        for m, lane in zip(messages, lanes.lanes(session, messages, urgent), strict=True)
    ] + [
        {"channel": dead_from[0], "bot": dead_from[1], "chat": "", "external_id": storable(external_id), "state": "dead",
         "attempts": 0, "received_at": now, "payload": {}, "error": reason(f"{why}: {shape}"), "not_before": None,
         "lane": lanes.KNOWN}
        for external_id, why, shape in dead
    ]  # fmt: skip
    if not rows:
        return 0
    new = run(session, _TAKE_IN.on(session), rows).scalars().all()
    return sum(state == "pending" for state in new)


@dataclass(frozen=True)
class Claim:
    """``holder`` (store.holders) takes work up at ``at`` and has it until ``until``, both by the database's clock."""

    holder: str
    at: datetime
    until: datetime


def claim(session: Session, owners: Collection[tuple[str, str]], now: datetime, limit: int) -> list[Work]:
    """Pending messages of up to ``limit`` conversations, together per conversation and in the network's order; known people
    first (store.lanes), and a few strangers more when there is no place for them.

    A message that waits for another try holds back the later ones of its conversation. Only for where each
    (channel, bot) pair belongs to one process (a lease): nothing is marked as taken.
    """
    return _in_order(_found(session, inbox_ready.all_of(frozenset(owners)), limit, waits.at(now)), now)


def _found(session: Session, query: Select[Any], limit: int, values: dict[str, Any]) -> list[Row[Any]]:
    values = {**values, "deep": MOST_PER_CHAT}
    rows = list(run(session, query, {**values, "most": limit, "lane": lanes.KNOWN}))
    lane_of: dict[tuple[str, str, str], int] = {}
    for row in rows:
        lane_of.setdefault((row.channel, row.bot, row.chat), row.lane)
    if len(lane_of) >= limit and lanes.STRANGER not in lane_of.values():
        rows += run(session, query, {**values, "most": max(1, limit // _SHARE), "lane": lanes.STRANGER})
    return rows


def any_free(session: Session, owners: Collection[tuple[str, str]], now: datetime, holder: str, at: datetime) -> bool:
    """Whether ``take`` would find something at ``at``: a loop that has nothing to do must not write."""
    values = {**waits.at(now), "most": 1, "holder": holder, "at": at, "lane": lanes.KNOWN}
    query = inbox_ready.any_free(frozenset(owners), session.get_bind().dialect.name)
    return run(session, query, values).first() is not None


def take(session: Session, owners: Collection[tuple[str, str]], now: datetime, limit: int, claim: Claim) -> list[Work]:
    """As ``claim``, of conversations that no other process has: what is returned is marked as taken by this one.

    Several may call this at once: each conversation goes to one of them, nobody waits for the others. Later messages of
    it stay with its holder for as long as one that was taken is pending, so that order holds across processes.
    """
    values = {**waits.at(now), "holder": claim.holder, "at": claim.at}
    query = inbox_ready.free(frozenset(owners), session.get_bind().dialect.name)
    works = _in_order(_found(session, query, limit, values), now)
    if not works:
        return []
    marking = {"ids": [w.id for w in works], "holder": claim.holder, "at": claim.at, "until": claim.until}
    marked = set(run(session, _MARK, marking).scalars())
    return _unbroken(works, marked)


def _in_order(rows: Sequence[Row[Any]], now: datetime) -> list[Work]:
    """Each conversation as the network counts it: several processes may have been posted its messages at the same time."""
    chats: dict[Address, list[tuple[Row[Any], Incoming]]] = {}
    for row in rows:
        address = Address(row.channel, row.bot, row.chat)
        chats.setdefault(address, []).append((row, incoming_from_json(address, row.external_id, row.payload)))
    works: list[Work] = []
    for chat in chats.values():
        for row, message in sorted(chat, key=lambda one: (one[1].position, one[0].id)):
            if not waits.is_over(row.not_before, now):
                break
            works.append(Work(row.id, message, row.attempts))
    return works


def _unbroken(works: Sequence[Work], marked: Collection[int]) -> list[Work]:
    """Of each conversation what comes before the first message that somebody else has."""
    kept: list[Work] = []
    broken: set[Address] = set()
    for work in works:
        if work.id not in marked:
            broken.add(work.message.address)
        if work.message.address not in broken:
            kept.append(work)
    return kept


def done(session: Session, ids: Sequence[int], now: datetime, holder: str = "") -> None:
    """Handled: written in the same transaction as the effects. ``holder``: who took them; "" for ``claim``.

    ClaimLost, so that nothing of the transaction stays, when not all are pending and still this holder's.
    """
    if run(session, _DONE, {"ids": list(ids), "now": now, "holder": holder}).rowcount != len(ids):
        raise ClaimLost("another process has taken these messages over")


def hold(session: Session, id: int, until: datetime, holder: str = "") -> None:
    """Not before ``until``, and the later ones of its conversation behind it; this is no failed try."""
    run(session, update(_INBOX).where(_INBOX.c.id == id, *_OURS).values(not_before=until), {"holder": holder})


def fail(session: Session, id: int, error: str, now: datetime, retry_at: datetime | None, holder: str = "") -> None:
    """Try again at ``retry_at``, whoever does; with None it becomes a dead letter (desk.dead_letters).
    ClaimLost as with ``done``."""
    values: dict[str, object] = {"attempts": _INBOX.c.attempts + 1, "error": reason(error), "not_before": retry_at}
    if retry_at is None:
        values |= {"state": "dead", "done_at": now}
    statement = update(_INBOX).where(_INBOX.c.id == id, *_OURS).values(**values, **_NOBODYS)
    if run(session, statement, {"holder": holder}).rowcount != 1:
        raise ClaimLost("another process has taken this message over")


def let_go(session: Session, ids: Sequence[int], holder: str) -> None:
    """What ``holder`` took up and did not handle may be taken up by anybody again."""
    run(session, update(_INBOX).where(_IDS, *_OURS).values(**_NOBODYS), {"ids": list(ids), "holder": holder})


def let_go_all(session: Session, holder: str) -> None:
    """``holder`` is stopping."""
    run(session, update(_INBOX).where(*_OURS).values(**_NOBODYS), {"holder": holder})


def free_the_dead(session: Session) -> list[str]:
    """Let go of what processes hold that died on this machine; returns their names."""
    found = run(session, select(_INBOX.c.claimed_by).where(_PENDING, _INBOX.c.claimed_by != "").distinct()).scalars()
    gone = [holder for holder in found if holders.is_dead(holder)]
    for holder in gone:
        let_go_all(session, holder)
    return gone
