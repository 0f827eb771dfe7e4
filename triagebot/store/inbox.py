"""What arrived and is still to be handled: unique per channel, bot and the network's own id; in order per conversation."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, literal_column, select, update
from sqlmodel import Session

from triagebot.messages import Address, Incoming
from triagebot.store.codec import incoming_from_json, incoming_to_json
from triagebot.store.statements import PerDialect, owned, run, table_of
from triagebot.store.tables import Inbox, UtcDateTime

_ROWS = 500
_INBOX = table_of(Inbox)
_TAKE_IN = PerDialect(
    lambda insert: (
        insert(_INBOX)
        .on_conflict_do_nothing(index_elements=["channel", "bot", "external_id"])
        .returning(_INBOX.c.state)
    )
)
_DONE = (
    update(_INBOX)
    .where(_INBOX.c.id.in_(bindparam("ids", expanding=True)))
    .values(state="done", done_at=bindparam("now", type_=UtcDateTime))
)


@cache
def _pending_of(owners: frozenset[tuple[str, str]]) -> Select[Any]:
    return (
        select(_INBOX).where(_INBOX.c.state == literal_column("'pending'"), owned(_INBOX, owners))
        .order_by(_INBOX.c.id).limit(_ROWS)
    )  # fmt: skip


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
    rows = [
        {"channel": m.address.channel, "bot": m.address.bot, "chat": m.address.chat, "external_id": m.external_id,
         "state": "pending", "attempts": 0, "received_at": now, "payload": incoming_to_json(m), "error": ""}
        for m in messages
    ] + [
        {"channel": dead_from[0], "bot": dead_from[1], "chat": "", "external_id": external_id, "state": "dead",
         "attempts": 0, "received_at": now, "payload": {}, "error": f"{reason}: {shape}"}
        for external_id, reason, shape in dead
    ]  # fmt: skip
    if not rows:
        return 0
    new = run(session, _TAKE_IN.on(session), rows).scalars().all()
    return sum(state == "pending" for state in new)


def claim(session: Session, owners: Collection[tuple[str, str]], now: datetime, limit: int) -> list[Work]:
    """Pending messages of up to ``limit`` conversations, together per conversation and in order of arrival.

    A message that waits for another try holds back the later ones of its conversation. Each (channel, bot) pair
    belongs to one process (a lease), so nothing has to be marked as taken.
    """
    query = _pending_of(frozenset(owners))
    chats: dict[Address, list[Work]] = {}
    held: set[Address] = set()
    for row in run(session, query):
        address = Address(row.channel, row.bot, row.chat)
        if address in held or (address not in chats and len(chats) >= limit):
            continue
        if row.not_before is not None and row.not_before > now:
            held.add(address)
            continue
        message = incoming_from_json(address, row.external_id, row.payload)
        chats.setdefault(address, []).append(Work(row.id, message, row.attempts))
    return [work for works in chats.values() for work in works]


def done(session: Session, ids: Sequence[int], now: datetime) -> None:
    """Handled: written in the same transaction as the effects."""
    run(session, _DONE, {"ids": list(ids), "now": now})


def fail(session: Session, id: int, error: str, now: datetime, retry_at: datetime | None) -> None:
    """Try again at ``retry_at``; with None it becomes a dead letter, which keeps the reason and no words."""
    values: dict[str, object] = {"attempts": _INBOX.c.attempts + 1, "error": error, "not_before": retry_at}
    if retry_at is None:
        values |= {"state": "dead", "payload": {}, "done_at": now}
    run(session, update(_INBOX).where(_INBOX.c.id == id).values(**values))
