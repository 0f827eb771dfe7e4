"""Incidents of a platform, told to those who asked for it: one message when it begins and one when it is over.

Of beginnings nobody hears more than one a day and platform. Whoever has a ticket that is part of the incident hears of it
there. What begins at night is told in the morning if it goes on then, and not at all if it is over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import or_, update
from sqlmodel import Session, col, select

from triagebot.desk import user_side
from triagebot.desk.afterwards import daytime
from triagebot.desk.incident import going
from triagebot.desk.office import Office
from triagebot.desk.watching import known
from triagebot.desk.watching.reminders import conversations
from triagebot.desk.watching.subscriptions import NEWS
from triagebot.locale import say
from triagebot.messages import Button
from triagebot.store.incident_tables import GOING, Incident, Watch
from triagebot.store.tables import Conversation, Ticket
from triagebot.text import spoken_time

_AT_MOST_EVERY = timedelta(days=1)
_ANY = "platform.technical"
"""What a person has who says "me too" to an incident of a whole platform."""


def spread(session: Session, office: Office, now: datetime) -> None:
    """Who is to hear of what. Of an incident that goes on: those whose platform it is and who hear of no other one; of one
    that is over: those who were waiting for that. A statement each, however many they are."""
    moment = daytime.next_moment(office, now)
    _follow_the_wider_one(session)
    told = going.load(session, office).told
    for incident in filter(None, (known.news_of(told, platform) for platform in office.book.watch.platforms)):
        long_ago = or_(col(Watch.told_at).is_(None), col(Watch.told_at) <= incident.since - _AT_MOST_EVERY)
        theirs = update(Watch).where(
            col(Watch.kind) == NEWS, col(Watch.state) == "on", col(Watch.platform) == incident.platform,
            col(Watch.incident_id).is_(None), long_ago,
        )  # fmt: skip
        session.execute(theirs.values(incident_id=incident.number, heard=False, next_at=moment))
    over = select(Incident.id).where(col(Incident.state).not_in(GOING))
    waiting = update(Watch).where(col(Watch.next_at).is_(None), col(Watch.incident_id).in_(over))
    session.execute(waiting.values(next_at=moment))


def _follow_the_wider_one(session: Session) -> None:
    """People of an incident that became a part of another one hear of that one's end."""
    watched = select(Watch.incident_id).where(col(Watch.incident_id).is_not(None))
    covered = select(Incident.id, Incident.covered_by).where(
        col(Incident.id).in_(watched), col(Incident.covered_by).is_not(None)
    )
    for part, whole in session.exec(covered).all():
        session.execute(update(Watch).where(col(Watch.incident_id) == part).values(incident_id=whole))


def tell(session: Session, office: Office, rows: Sequence[Watch], now: datetime) -> None:
    """What is due: beginnings of what goes on, ends of what they know of. The rest has been overtaken."""
    morning = daytime.next_moment(office, now)
    numbers = sorted({row.incident_id for row in rows if row.incident_id is not None})
    incidents = {one.id: one for one in session.exec(select(Incident).where(col(Incident.id).in_(numbers)))}
    chats = conversations(session, rows)
    attached = _attached(session, chats, numbers)
    for row in rows:
        session.add(row)
        if morning > now:
            row.next_at = morning
            continue
        incident, chat = incidents[row.incident_id], chats[row.conversation_id]
        goes_on = incident.state in GOING
        if (row.conversation_id, row.incident_id) not in attached and row.heard != goes_on:
            _say(session, office, row, incident, chat, now)
        row.next_at = None
        if not goes_on:
            row.incident_id, row.heard = None, False


def _say(session: Session, office: Office, row: Watch, incident: Incident, chat: Conversation, now: datetime) -> None:
    lang = chat.lang or "zh"
    what = going.subject(office, incident.category, incident.platform, lang)
    if incident.state in GOING:
        row.heard, row.told_at = True, now
        since = spoken_time(incident.since or incident.opened_at, now, office.zone, lang)
        words, mine = say(lang, "watch.begun", what=what, since=since), "watch.button_me_too"
    else:
        words, mine = say(lang, "watch.over", what=what), "watch.button_still"
    if incident.status_text:
        words = f"{words}\n{say(lang, 'user.incident_says', text=incident.status_text)}"
    same = Button(say(lang, mine), f"same:{row.platform}.{incident.category or _ANY}")
    mute = say(lang, "watch.button_mute", platform=office.platform_title(row.platform, lang))
    user_side.tell_unasked(session, chat, words, now, ((same,), (Button(mute, f"watch:mute.{row.platform}"),)))


def _attached(
    session: Session, chats: Mapping[int | None, Conversation], incidents: Sequence[int]
) -> set[tuple[int, int | None]]:
    """(conversation, incident) of those who hear of it through a ticket of their own."""
    query = select(Ticket.conversation_id, Ticket.incident_id).where(
        col(Ticket.conversation_id).in_(list(chats)), col(Ticket.incident_id).in_(incidents)
    )
    return {(chat, incident) for chat, incident in session.exec(query)}
