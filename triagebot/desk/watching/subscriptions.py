"""What one person has subscribed to: asked for, changed and stopped by themselves.

Of their report nothing is ever asked or kept.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from triagebot.desk.office import Office
from triagebot.desk.watching import dates
from triagebot.messages import Address
from triagebot.store.incident_tables import Watch
from triagebot.store.tables import Conversation

REMINDER, NEWS = "reminder", "news"
MONTHS = (3, 6, 12)


def of(session: Session, conversation_id: int) -> list[Watch]:
    """What is on: the reminder first, then platforms in the order in which they were asked for."""
    mine = select(Watch).where(Watch.conversation_id == conversation_id, Watch.state == "on")
    return list(session.exec(mine.order_by(col(Watch.kind).desc(), col(Watch.id))))


def all_of(session: Session, conversation_id: int) -> list[Watch]:
    """Also what was stopped."""
    return list(session.exec(select(Watch).where(Watch.conversation_id == conversation_id).order_by(col(Watch.id))))


def remind(session: Session, office: Office, conversation: Conversation, months: int, now: datetime) -> None:
    """Every ``months`` from today on. One that is on already, as often, keeps its dates."""
    row = _row(session, conversation, REMINDER, "", now)
    if row.state == "on" and row.months == months:
        return
    row.state, row.months, row.created_at = "on", months, now
    row.next_at = dates.first(now, months, office.zone)
    session.add(row)


def hear_of(session: Session, conversation: Conversation, platform: str, incident: int | None, now: datetime) -> None:
    """Of incidents of ``platform`` from now on; of ``incident``, which goes on and of which they were just told, the end."""
    row = _row(session, conversation, NEWS, platform, now)
    row.state = "on"
    if incident is not None:
        row.incident_id, row.heard, row.told_at, row.next_at = incident, True, now, None
    session.add(row)


def stop(session: Session, conversation: Conversation, now: datetime, kind: str = "", platform: str = "") -> None:
    """No more of ``kind`` and ``platform``, "" for all. Whoever stops reminders is not offered any, had they one or not."""
    if kind != NEWS:
        decline(session, conversation, now)
    mine = update(Watch).where(col(Watch.conversation_id) == conversation.id)
    if kind:
        mine = mine.where(col(Watch.kind) == kind)
    if platform:
        mine = mine.where(col(Watch.platform) == platform)
    session.execute(mine.values(state="off", next_at=None, incident_id=None, heard=False))


def decline(session: Session, conversation: Conversation, now: datetime) -> None:
    """The person was offered a reminder and does not want it: kept like a stop, so that nobody asks again."""
    session.add(_row(session, conversation, REMINDER, "", now))


def unreachable(session: Session, to: Address) -> None:
    """The network says that this chat takes nothing any more: nothing is said unasked from now on."""
    chats = select(Conversation.id).where(
        Conversation.channel == to.channel, Conversation.bot == to.bot, Conversation.chat == to.chat
    )
    rows = update(Watch).where(col(Watch.conversation_id).in_(chats), col(Watch.state) == "on")
    session.execute(rows.values(state="off", next_at=None, incident_id=None, heard=False))


def forget(session: Session, conversation_id: int | None) -> None:
    session.execute(delete(Watch).where(col(Watch.conversation_id) == conversation_id))


def _row(session: Session, conversation: Conversation, kind: str, platform: str, now: datetime) -> Watch:
    """The one there is, or a new one that is off."""
    mine = select(Watch).where(Watch.conversation_id == conversation.id, Watch.kind == kind, Watch.platform == platform)
    found = session.exec(mine).first()
    return found or Watch(
        conversation_id=conversation.id or 0, kind=kind, platform=platform, state="off", created_at=now
    )
