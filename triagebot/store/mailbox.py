"""What one person in the web chat said and was told, read from both boxes: they are the chat, nothing else keeps it.

Queries go along ``ix_inbox_web`` and ``ix_outbox_web``; what waits, along the indexes of what is pending.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import BindParameter, Select, Table, bindparam, func, literal_column, or_, select
from sqlmodel import Session

from triagebot.messages import Address, Incoming, Outgoing
from triagebot.store.codec import incoming_from_json, outgoing_from_json
from triagebot.store.statements import run, table_of
from triagebot.store.tables import Conversation, Inbox, Outbox

CHANNEL = "web"
"""The web chat, as channel and as bot: there is one for each database."""
MOST = 200
"""So many of the newest messages of each side are shown."""
_INBOX, _OUTBOX, _CONVERSATION = table_of(Inbox), table_of(Outbox), table_of(Conversation)
_CHATS: BindParameter[Any] = bindparam("chats", expanding=True)
_CHAT: BindParameter[str] = bindparam("chat")


def _of_web(box: Table) -> Any:
    """As the partial indexes say it: a bound value would not be recognised."""
    return box.c.channel == literal_column(f"'{CHANNEL}'")


def _newest(box: Table) -> Select[Any]:
    return (
        select(box.c.chat, func.max(box.c.id).label("sign"))
        .where(_of_web(box), box.c.chat.in_(_CHATS))
        .group_by(box.c.chat)
    )


def _waiting(box: Table) -> Select[Any]:
    pending = box.c.state == literal_column("'pending'")
    here = (_of_web(box), box.c.bot == CHANNEL, box.c.chat.in_(_CHATS), pending)
    return select(box.c.chat, func.count().label("sign")).where(*here).group_by(box.c.chat)


SIGNS = (_newest(_INBOX), _newest(_OUTBOX), _waiting(_INBOX), _waiting(_OUTBOX))
_HEARD = (
    select(_INBOX.c.id, _INBOX.c.external_id, _INBOX.c.state, _INBOX.c.received_at, _INBOX.c.payload)
    .where(_of_web(_INBOX), _INBOX.c.chat == _CHAT)
    .order_by(_INBOX.c.id.desc())
    .limit(MOST)
)
_SAID = (
    select(_OUTBOX.c.id, _OUTBOX.c.state, _OUTBOX.c.sent_at, _OUTBOX.c.payload)
    .where(_of_web(_OUTBOX), _OUTBOX.c.chat == _CHAT)
    .where(or_(_OUTBOX.c.state == "sent", _OUTBOX.c.state == "pending"))
    .order_by(_OUTBOX.c.id.desc())
    .limit(MOST)
)
_ONE = select(_OUTBOX.c.payload).where(
    _OUTBOX.c.id == bindparam("number"),
    _OUTBOX.c.channel == CHANNEL,
    _OUTBOX.c.chat == _CHAT,
    _OUTBOX.c.state == "sent",
)
_MET = select(_CONVERSATION.c.lang).where(
    _CONVERSATION.c.channel == CHANNEL, _CONVERSATION.c.bot == CHANNEL, _CONVERSATION.c.chat == _CHAT
)
_MEMORY = select(_CONVERSATION.c.memory).where(
    _CONVERSATION.c.channel == CHANNEL, _CONVERSATION.c.bot == CHANNEL, _CONVERSATION.c.chat == _CHAT
)
_THIS = select(_INBOX.c.id).where(
    _INBOX.c.channel == CHANNEL, _INBOX.c.bot == CHANNEL, _INBOX.c.external_id == bindparam("external_id")
)
_SPOKE = select(_INBOX.c.id).where(_of_web(_INBOX), _INBOX.c.chat == _CHAT).limit(1)


@dataclass(frozen=True)
class Heard:
    """What the person did; ``waiting``: not answered yet."""

    number: int
    at: datetime
    message: Incoming
    waiting: bool
    side: Literal[0] = 0


@dataclass(frozen=True)
class Said:
    """What the person was told."""

    number: int
    at: datetime
    message: Outgoing
    side: Literal[1] = 1


@dataclass(frozen=True)
class Transcript:
    """``entries``: as they came. ``busy``: something is still to be handled or sent. ``cut``: there was more before.
    ``camera``: the person was asked for a picture of their own face."""

    entries: Sequence[Heard | Said]
    busy: bool
    cut: bool
    camera: bool = False


def address(chat: str) -> Address:
    return Address(CHANNEL, CHANNEL, chat)


def transcript(session: Session, chat: str) -> Transcript:
    """The newest ``MOST`` of each side. What was erased is not there any more."""
    heard = run(session, _HEARD, {"chat": chat}).all()
    said = run(session, _SAID, {"chat": chat}).all()
    entries: list[Heard | Said] = [
        Heard(
            row.id,
            row.received_at,
            incoming_from_json(address(chat), row.external_id, row.payload),
            row.state == "pending",
        )
        for row in heard
        if row.payload
    ]
    entries += [Said(row.id, row.sent_at, outgoing_from_json(row.payload)) for row in said if row.state == "sent"]
    busy = any(row.state == "pending" for row in (*heard, *said))
    cut = max(len(heard), len(said)) == MOST
    memory = run(session, _MEMORY, {"chat": chat}).scalar() or {}
    camera = memory.get("awaits") == "light"
    return Transcript(sorted(entries, key=lambda e: (e.at, e.side, e.number)), busy, cut, camera)


def signs(session: Session, chats: Collection[str]) -> dict[str, tuple[int, ...]]:
    """Of each chat four numbers, of which one is another whenever there is something new to see."""
    found = {chat: [0] * len(SIGNS) for chat in chats}
    for place, query in enumerate(SIGNS):
        for row in run(session, query, {"chats": list(chats)}):
            found[row.chat][place] = row.sign
    return {chat: tuple(numbers) for chat, numbers in found.items()}


def told(session: Session, chat: str, number: int) -> Outgoing | None:
    """Message ``number`` if it was sent to this chat."""
    row = run(session, _ONE, {"chat": chat, "number": number}).first()
    return outgoing_from_json(row.payload) if row is not None else None


def was_shown(session: Session, chat: str, keepsake: str) -> bool:
    """Whether that picture was among the newest things that were said to this chat."""
    return any(row.payload.get("keepsake") == keepsake for row in run(session, _SAID, {"chat": chat}))


def has_heard(session: Session, external_id: str) -> bool:
    """Whether the message is in the inbox already."""
    return run(session, _THIS, {"external_id": external_id}).first() is not None


def language(session: Session, chat: str) -> str | None:
    """Of a person who has spoken; "" while that is not known, None for a stranger."""
    lang = run(session, _MET, {"chat": chat}).scalar()
    if lang is None and run(session, _SPOKE, {"chat": chat}).first() is not None:
        return ""
    return lang
