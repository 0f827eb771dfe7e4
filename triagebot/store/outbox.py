"""What is still to be said: in order per chat, urgent chats first, at least once; a key makes a notice unique."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlmodel import Session, col

from triagebot.messages import PRIORITY_REPLY, Address, Outgoing, Receipt
from triagebot.store.codec import outgoing_from_json, outgoing_to_json
from triagebot.store.statements import insert_for, owned
from triagebot.store.tables import Card, Outbox


@dataclass(frozen=True)
class Parcel:
    """One message that may be sent now. ``known_ref``: the message to edit instead, when its card was shown before."""

    id: int
    to: Address
    message: Outgoing
    attempts: int
    known_ref: str
    ticket_id: int | None
    priority: int


def put(
    session: Session, to: Address, message: Outgoing, *, now: datetime, priority: int = PRIORITY_REPLY,
    key: str | None = None, not_before: datetime | None = None, ticket_id: int | None = None,
) -> int | None:  # fmt: skip
    """Queue a message; returns its id, or None when ``key`` was queued before."""
    statement = insert_for(session, Outbox).values(
        channel=to.channel, bot=to.bot, chat=to.chat, state="pending", priority=priority, attempts=0,
        not_before=not_before, created_at=now, key=key, card=message.card, ticket_id=ticket_id,
        payload=outgoing_to_json(message), error="",
    )  # fmt: skip
    return session.execute(
        statement.on_conflict_do_nothing(index_elements=["key"]).returning(col(Outbox.id))
    ).scalar_one_or_none()


def heads(session: Session, owners: Collection[tuple[str, str]], now: datetime, limit: int) -> list[Parcel]:
    """The oldest pending message of each chat, if its time has come; best (priority, id) first."""
    pending = col(Outbox.state) == "pending"
    oldest = (
        select(func.min(Outbox.id))
        .where(pending, owned(Outbox, owners))
        .group_by(col(Outbox.channel), col(Outbox.bot), col(Outbox.chat))
    )
    columns: list[Any] = [
        *(Outbox.id, Outbox.channel, Outbox.bot, Outbox.chat, Outbox.payload, Outbox.attempts, Outbox.card),
        *(Outbox.ticket_id, Outbox.priority, Card.ref),
    ]
    query = (
        select(*columns)
        .join(Card, (col(Card.name) == Outbox.card) & (col(Card.channel) == Outbox.channel)
              & (col(Card.bot) == Outbox.bot) & (col(Card.chat) == Outbox.chat), isouter=True)
        .where(col(Outbox.id).in_(oldest), or_(col(Outbox.not_before).is_(None), col(Outbox.not_before) <= now))
        .order_by(col(Outbox.priority), col(Outbox.id))
        .limit(limit)
    )  # fmt: skip
    return [
        Parcel(row.id, Address(row.channel, row.bot, row.chat), outgoing_from_json(row.payload), row.attempts,
               row.ref if row.card and row.ref else "", row.ticket_id, row.priority)
        for row in session.execute(query)
    ]  # fmt: skip


def sent(session: Session, id: int, receipt: Receipt, now: datetime) -> None:
    """The network took it; a card's message is remembered, so that it can be edited in place."""
    row = session.execute(
        update(Outbox).where(col(Outbox.id) == id).values(state="sent", sent_at=now, error="")
        .returning(col(Outbox.channel), col(Outbox.bot), col(Outbox.chat), col(Outbox.card))
    ).one()  # fmt: skip
    if row.card:
        where = {"channel": row.channel, "bot": row.bot, "chat": row.chat, "name": row.card}
        statement = insert_for(session, Card).values(**where, ref=receipt.message_ref)
        session.execute(statement.on_conflict_do_update(index_elements=list(where), set_={"ref": receipt.message_ref}))


def retry(session: Session, id: int, error: str, not_before: datetime) -> None:
    """Later again; the chat's other messages wait behind it."""
    values = {"attempts": Outbox.attempts + 1, "error": error, "not_before": not_before}
    session.execute(update(Outbox).where(col(Outbox.id) == id).values(**values))


def dead(session: Session, id: int, error: str, now: datetime) -> None:
    """Given up: the chat's other messages go on."""
    session.execute(update(Outbox).where(col(Outbox.id) == id).values(state="dead", error=error, sent_at=now))


def hold_all(session: Session, channel: str, bot: str, until: datetime) -> None:
    """The network wants silence from this bot in all chats until ``until``."""
    mine = (col(Outbox.channel) == channel, col(Outbox.bot) == bot, col(Outbox.state) == "pending")
    earlier = or_(col(Outbox.not_before).is_(None), col(Outbox.not_before) < until)
    session.execute(update(Outbox).where(*mine, earlier).values(not_before=until))
