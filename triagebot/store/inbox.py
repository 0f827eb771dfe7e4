"""What arrived and is still to be handled: unique per channel, bot and the network's own id; in order per conversation."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlmodel import Session, col

from triagebot.messages import Address, Incoming
from triagebot.store.codec import incoming_from_json, incoming_to_json
from triagebot.store.statements import insert_for, owned
from triagebot.store.tables import Inbox

_ROWS = 500


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
    statement = insert_for(session, Inbox).on_conflict_do_nothing(index_elements=["channel", "bot", "external_id"])
    new = session.execute(statement.returning(col(Inbox.state)), rows).scalars().all()
    return sum(state == "pending" for state in new)


def claim(session: Session, owners: Collection[tuple[str, str]], now: datetime, limit: int) -> list[Work]:
    """Pending messages of up to ``limit`` conversations, together per conversation and in order of arrival.

    A message that waits for another try holds back the later ones of its conversation. Each (channel, bot) pair
    belongs to one process (a lease), so nothing has to be marked as taken.
    """
    columns: list[Any] = [
        Inbox.id,
        Inbox.channel,
        Inbox.bot,
        Inbox.chat,
        Inbox.external_id,
        Inbox.attempts,
        Inbox.not_before,
        Inbox.payload,
    ]
    query = select(*columns).where(col(Inbox.state) == "pending", owned(Inbox, owners)).order_by(col(Inbox.id))
    chats: dict[Address, list[Work]] = {}
    held: set[Address] = set()
    for row in session.execute(query.limit(_ROWS)):
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
    session.execute(update(Inbox).where(col(Inbox.id).in_(ids)).values(state="done", done_at=now))


def fail(session: Session, id: int, error: str, now: datetime, retry_at: datetime | None) -> None:
    """Try again at ``retry_at``; with None it becomes a dead letter, which keeps the reason and no words."""
    values: dict[str, object] = {"attempts": Inbox.attempts + 1, "error": error, "not_before": retry_at}
    if retry_at is None:
        values |= {"state": "dead", "payload": {}, "done_at": now}
    session.execute(update(Inbox).where(col(Inbox.id) == id).values(**values))
