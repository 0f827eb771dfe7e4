"""What is still to be said: in order per chat, urgent chats first, at least once; a key makes a notice unique."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    FromClause,
    Row,
    Select,
    and_,
    bindparam,
    delete,
    func,
    literal_column,
    or_,
    select,
    union,
    update,
)
from sqlmodel import Session

from triagebot.messages import PRIORITY_REPLY, PRIORITY_URGENT, Address, Outgoing, Receipt
from triagebot.store import later, waits
from triagebot.store.codec import outgoing_from_json, outgoing_to_json, reason
from triagebot.store.columns import UtcDateTime
from triagebot.store.statements import PerDialect, owned, run, table_of, waiting, walked
from triagebot.store.tables import Card, Outbox

_OUTBOX, _CARD = table_of(Outbox), table_of(Card)
_PENDING = _OUTBOX.c.state == literal_column("'pending'")
_PUT = PerDialect(lambda insert: insert(_OUTBOX).on_conflict_do_nothing(index_elements=["key"]))
_SENT = (
    update(_OUTBOX)
    .where(_OUTBOX.c.id == bindparam("number"))
    .values(state="sent", sent_at=bindparam("now", type_=UtcDateTime), error="")
)
_CARDS_AMONG = select(_OUTBOX.c.id, _OUTBOX.c.channel, _OUTBOX.c.bot, _OUTBOX.c.chat, _OUTBOX.c.card).where(
    _OUTBOX.c.id.in_(bindparam("numbers", expanding=True)), _OUTBOX.c.card != literal_column("''")
)
_PLACE = ["channel", "bot", "chat", "name"]
_REMEMBER_CARD = PerDialect(
    lambda insert: (lambda new: new.on_conflict_do_update(index_elements=_PLACE, set_={"ref": new.excluded.ref}))(
        insert(_CARD)
    )
)


def _oldest_of(owners: Collection[tuple[str, str]]) -> Select[Any]:
    chat = (_OUTBOX.c.channel, _OUTBOX.c.bot, _OUTBOX.c.chat)
    return select(func.min(_OUTBOX.c.id)).where(_PENDING, owned(_OUTBOX, owners)).group_by(*chat)


_SAME_CARD = and_(
    _CARD.c.name == _OUTBOX.c.card, _CARD.c.channel == _OUTBOX.c.channel, _CARD.c.bot == _OUTBOX.c.bot,
    _CARD.c.chat == _OUTBOX.c.chat,
)  # fmt: skip
_PARCELS = select(_OUTBOX, _CARD.c.ref).join_from(_OUTBOX, _CARD, _SAME_CARD, isouter=True)
_DUE = waits.are_over(_OUTBOX.c.not_before)


_LEAST: BindParameter[int] = bindparam("least")


@cache
def _heads_of(owners: frozenset[tuple[str, str]], dialect: str) -> Select[Any]:
    """The oldest pending row of each chat of these owners, with the card that it may have to edit; walked through in order
    (``ix_outbox_next``), only as far as needed."""
    if dialect == "sqlite":
        first = _heads_among(_OUTBOX, _PARCELS, owners).where(_PENDING, _OUTBOX.c.priority >= _LEAST)
        return first.order_by(_OUTBOX.c.priority, _OUTBOX.c.id)
    rows = waiting(_OUTBOX, "priority", _LEAST)
    ready = _heads_among(rows, select(rows.c.id), owners).order_by(rows.c.priority, rows.c.id).cte("ready")
    parcels = select(_OUTBOX, _CARD.c.ref).join_from(ready, _OUTBOX, _OUTBOX.c.id == ready.c.id)
    return parcels.join(_CARD, _SAME_CARD, isouter=True).order_by(_OUTBOX.c.priority, _OUTBOX.c.id)


def _heads_among(rows: FromClause, query: Select[Any], owners: Collection[tuple[str, str]]) -> Select[Any]:
    earlier = _OUTBOX.alias("earlier")
    oldest = select(func.min(earlier.c.id)).where(
        earlier.c.state == literal_column("'pending'"), earlier.c.channel == rows.c.channel,
        earlier.c.bot == rows.c.bot, earlier.c.chat == rows.c.chat,
    )  # fmt: skip
    due = waits.are_over(rows.c.not_before)
    is_oldest = rows.c.id == oldest.correlate(rows).scalar_subquery()
    return query.where(walked(rows, owners), due, is_oldest).limit(bindparam("most"))


_BEHIND = (
    _PARCELS.where(
        _PENDING, _DUE, _OUTBOX.c.channel == bindparam("channel"), _OUTBOX.c.bot == bindparam("bot"),
        _OUTBOX.c.chat == bindparam("chat"), _OUTBOX.c.id > bindparam("number"),
    )
    .order_by(_OUTBOX.c.id)
    .limit(bindparam("most"))
)  # fmt: skip
_NEWEST = 5_000
"""What was sent in the last minute is among so many of the newest rows, at any pace that a network allows."""
_SENT_LATELY = select(_OUTBOX.c.channel, _OUTBOX.c.chat, _OUTBOX.c.sent_at).where(
    _OUTBOX.c.id > select(func.max(_OUTBOX.c.id)).scalar_subquery() - _NEWEST,
    _OUTBOX.c.state == literal_column("'sent'"),
    _OUTBOX.c.sent_at > bindparam("since", type_=UtcDateTime),
)


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
) -> None:  # fmt: skip
    """Queue a message; a second one with the same ``key`` has no effect."""
    row = {
        "channel": to.channel, "bot": to.bot, "chat": to.chat, "state": "pending", "priority": priority, "attempts": 0,
        "not_before": not_before, "created_at": now, "key": key, "card": message.card, "ticket_id": ticket_id,
        "payload": outgoing_to_json(message), "error": "",
    }  # fmt: skip
    later.add(session, _PUT.on(session), row)


def heads(
    session: Session, owners: Collection[tuple[str, str]], now: datetime, limit: int, least: int = PRIORITY_URGENT
) -> list[Parcel]:
    """The oldest pending message of each chat, if its time has come; best (priority, id) first, from priority ``least`` on."""
    query = _heads_of(frozenset(owners), session.get_bind().dialect.name)
    values = {**waits.at(now), "most": limit, "least": least}
    return [_parcel(row) for row in run(session, query, values)]


def behind(session: Session, head: Parcel, now: datetime, limit: int) -> list[Parcel]:
    """What waits in the same chat after ``head``, in order, if its time has come."""
    place = {"channel": head.to.channel, "bot": head.to.bot, "chat": head.to.chat, "number": head.id}
    return [_parcel(row) for row in run(session, _BEHIND, {**place, **waits.at(now), "most": limit})]


def _parcel(row: Row[Any]) -> Parcel:
    to = Address(row.channel, row.bot, row.chat)
    ref = row.ref if row.card and row.ref else ""
    return Parcel(row.id, to, outgoing_from_json(row.payload), row.attempts, ref, row.ticket_id, row.priority)


def sent_lately(session: Session, since: datetime) -> list[tuple[str, str, datetime]]:
    """(channel, chat, when) of each message that the network took after ``since``, whoever sent it."""
    return [(row.channel, row.chat, row.sent_at) for row in run(session, _SENT_LATELY, {"since": since})]


def sent(session: Session, receipts: Mapping[int, Receipt], now: datetime) -> None:
    """The network took these messages (by id); a card's message is remembered, so that it can be edited in place.

    Nothing happens when a message is gone: its person had everything erased while it was under way.
    """
    run(session, _SENT, [{"number": id, "now": now} for id in receipts])
    cards = [
        {
            "channel": row.channel,
            "bot": row.bot,
            "chat": row.chat,
            "name": row.card,
            "ref": receipts[row.id].message_ref,
        }
        for row in run(session, _CARDS_AMONG, {"numbers": list(receipts)})
    ]
    for card in cards:
        run(session, _REMEMBER_CARD.on(session), card)


def ref_of(session: Session, to: Address, name: str) -> str:
    """The network's id of the card ``name`` in this chat, "" when it was never sent."""
    here = (_CARD.c.channel == to.channel, _CARD.c.bot == to.bot, _CARD.c.chat == to.chat, _CARD.c.name == name)
    return next((str(row.ref) for row in run(session, select(_CARD.c.ref).where(*here))), "")


def forget_cards(session: Session, to: Address, names: Collection[str]) -> None:
    """They are gone from this chat: what is said under these names is said anew."""
    here = (_CARD.c.channel == to.channel, _CARD.c.bot == to.bot, _CARD.c.chat == to.chat, _CARD.c.name.in_(names))
    run(session, delete(_CARD).where(*here))


def chats_with_card(session: Session, name: str) -> list[tuple[str, str]]:
    """(channel, chat) of everyone who sees the card ``name``, or will once what waits has been sent."""
    places = union(
        select(_CARD.c.channel, _CARD.c.chat).where(_CARD.c.name == name),
        select(_OUTBOX.c.channel, _OUTBOX.c.chat).where(_PENDING, _OUTBOX.c.card == name),
    )
    return sorted((row.channel, row.chat) for row in run(session, places))


def retry(session: Session, id: int, error: str, not_before: datetime, *, failed: bool = True) -> None:
    """Later again; the chat's other messages wait behind it. ``failed``: whether this was one of its tries."""
    tries = _OUTBOX.c.attempts + (1 if failed else 0)
    values = {"attempts": tries, "error": reason(error), "not_before": not_before}
    run(session, update(_OUTBOX).where(_OUTBOX.c.id == id, _PENDING).values(**values))


def dead(session: Session, id: int, error: str, now: datetime) -> None:
    """Given up (desk.dead_letters): the chat's other messages go on."""
    values = {"state": "dead", "error": reason(error), "sent_at": now}
    run(session, update(_OUTBOX).where(_OUTBOX.c.id == id, _PENDING).values(**values))


def hold_all(session: Session, channel: str, bot: str, until: datetime) -> None:
    """The network wants silence from this bot in all its chats until ``until``: what is next in each waits, the rest
    waits behind it."""
    earlier = or_(_OUTBOX.c.not_before.is_(None), _OUTBOX.c.not_before < until)
    heads_of_bot = _OUTBOX.c.id.in_(_oldest_of([(channel, bot)]))
    run(session, update(_OUTBOX).where(heads_of_bot, earlier).values(not_before=until))
