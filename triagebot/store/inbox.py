"""What arrived and is still to be handled: unique per channel, bot and the network's own id; in order per conversation."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    update,
)
from sqlmodel import Session

from triagebot.messages import Address, Incoming
from triagebot.store.codec import incoming_from_json, incoming_to_json, reason, storable
from triagebot.store.statements import PerDialect, owned, run, table_of
from triagebot.store.tables import Inbox, UtcDateTime

MOST_PER_CHAT = 20
"""So many messages of one conversation are taken up at a time; the others wait for their turn."""
_NO_END: ColumnElement[int] = literal_column(str(2**62))
_NOW = bindparam("now", type_=UtcDateTime)
_INBOX = table_of(Inbox)
_TAKE_IN = PerDialect(
    lambda insert: (
        insert(_INBOX)
        .on_conflict_do_nothing(index_elements=["channel", "bot", "external_id"])
        .returning(_INBOX.c.state)
    )
)
_DONE = update(_INBOX).where(_INBOX.c.id.in_(bindparam("ids", expanding=True))).values(state="done", done_at=_NOW)


@cache
def _ready_of(owners: frozenset[tuple[str, str]]) -> Select[Any]:
    """What waits in the ``most`` conversations whose oldest message may be handled, at most ``deep`` from each.

    Conversations are chosen first, so that one person's flood, or one that waits for a retry, keeps nobody else waiting.
    """
    box, head, mark = _INBOX, _INBOX.alias("head"), _INBOX.alias("mark")
    oldest = select(func.min(box.c.id)).where(_pending(box), owned(box, owners)).group_by(*_chat(box)).scalar_subquery()
    deepest = (
        select(mark.c.id).where(_pending(mark), *_same_chat(mark, head))
        .order_by(mark.c.id).offset(bindparam("deep") - 1).limit(1).correlate(head).scalar_subquery()
    )  # fmt: skip
    ready = (
        select(head.c.id, *_chat(head), func.coalesce(deepest, _NO_END).label("last"))
        .where(head.c.id.in_(oldest), or_(head.c.not_before.is_(None), head.c.not_before <= _NOW))
        .order_by(head.c.id).limit(bindparam("most")).cte("ready")
    )  # fmt: skip
    return (
        select(box).join_from(ready, box, and_(*_same_chat(box, ready), _pending(box), box.c.id <= ready.c.last))
        .order_by(ready.c.id, box.c.id)
    )  # fmt: skip


def _pending(table: FromClause) -> ColumnElement[bool]:
    return table.c.state == literal_column("'pending'")


def _chat(table: FromClause) -> tuple[ColumnElement[Any], ...]:
    return table.c.channel, table.c.bot, table.c.chat


def _same_chat(one: FromClause, other: FromClause) -> list[ColumnElement[bool]]:
    return [a == b for a, b in zip(_chat(one), _chat(other), strict=True)]


@dataclass(frozen=True)
class Work:
    """One pending message; ``attempts``: how often it was tried and failed."""

    id: int
    message: Incoming
    attempts: int


def commit(
    session: Session, messages: Sequence[Incoming], dead: Sequence[tuple[str, str, str]], now: datetime,
    *, dead_from: tuple[str, str] = ("", ""),
) -> int:  # fmt: skip
    """Take messages in; replays have no effect. ``dead``: (external id, reason, redacted shape) of unreadable ones,
    which go straight to the dead letters of ``dead_from`` (channel, bot). Returns how many messages were new."""
    rows: list[dict[str, Any]] = [
        {"channel": m.address.channel, "bot": m.address.bot, "chat": storable(m.address.chat),
         "external_id": storable(m.external_id),
         "state": "pending", "attempts": 0, "received_at": now, "payload": incoming_to_json(m), "error": ""}
        for m in messages
    ] + [
        {"channel": dead_from[0], "bot": dead_from[1], "chat": "", "external_id": storable(external_id), "state": "dead",
         "attempts": 0, "received_at": now, "payload": {}, "error": reason(f"{why}: {shape}")}
        for external_id, why, shape in dead
    ]  # fmt: skip
    if not rows:
        return 0
    new = run(session, _TAKE_IN.on(session), rows).scalars().all()
    return sum(state == "pending" for state in new)


def claim(session: Session, owners: Collection[tuple[str, str]], now: datetime, limit: int) -> list[Work]:
    """Pending messages of up to ``limit`` conversations, together per conversation and in order of arrival.

    A message that waits for another try holds back the later ones of its conversation. Each
    (channel, bot) pair belongs to one process (a lease), so nothing has to be marked as taken.
    """
    found = run(session, _ready_of(frozenset(owners)), {"now": now, "most": limit, "deep": MOST_PER_CHAT})
    works: list[Work] = []
    held: set[Address] = set()
    for row in found:
        address = Address(row.channel, row.bot, row.chat)
        if row.not_before is not None and row.not_before > now:
            held.add(address)
        if address not in held:
            works.append(Work(row.id, incoming_from_json(address, row.external_id, row.payload), row.attempts))
    return works


def done(session: Session, ids: Sequence[int], now: datetime) -> None:
    """Handled: written in the same transaction as the effects."""
    run(session, _DONE, {"ids": list(ids), "now": now})


def hold(session: Session, id: int, until: datetime) -> None:
    """Not before ``until``, and the later ones of its conversation behind it; this is no failed try."""
    run(session, update(_INBOX).where(_INBOX.c.id == id, _pending(_INBOX)).values(not_before=until))


def fail(session: Session, id: int, error: str, now: datetime, retry_at: datetime | None) -> None:
    """Try again at ``retry_at``; with None it becomes a dead letter, which keeps the reason and no words."""
    values: dict[str, object] = {"attempts": _INBOX.c.attempts + 1, "error": reason(error), "not_before": retry_at}
    if retry_at is None:
        values |= {"state": "dead", "payload": {}, "done_at": now}
    run(session, update(_INBOX).where(_INBOX.c.id == id).values(**values))
