"""It is time to query one's own report: said by day, with how it is done, how to stop, and when it is said again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from triagebot.desk import user_side
from triagebot.desk.afterwards import daytime
from triagebot.desk.office import Office
from triagebot.desk.watching import dates
from triagebot.desk.watching.subscriptions import MONTHS
from triagebot.locale import say
from triagebot.messages import Button
from triagebot.store.incident_tables import Watch
from triagebot.store.tables import Conversation
from triagebot.text import spoken_day


def tell(session: Session, office: Office, rows: Sequence[Watch], now: datetime) -> None:
    """One message each, however many were missed; at night they wait for the morning."""
    morning = daytime.next_moment(office, now)
    chats = conversations(session, rows)
    for row in rows:
        if morning > now:
            row.next_at = morning
        else:
            row.next_at = dates.next_after(row.created_at, row.months, now, office.zone)
            _say(session, office, row, row.next_at, chats[row.conversation_id], now)
        session.add(row)


def conversations(session: Session, rows: Sequence[Watch]) -> dict[int | None, Conversation]:
    """Of these rows, by number."""
    numbers = sorted({row.conversation_id for row in rows})
    return {chat.id: chat for chat in session.exec(select(Conversation).where(col(Conversation.id).in_(numbers)))}


def _say(session: Session, office: Office, row: Watch, again: datetime, chat: Conversation, now: datetime) -> None:
    lang = chat.lang or "zh"
    steps = [f"{n}. {way.in_(lang)}" for n, way in enumerate(office.book.watch.how, start=1)]
    words = [say(lang, "watch.reminder"), *steps, say(lang, "watch.again", day=spoken_day(again, office.zone, lang))]
    buttons = (tuple(every(lang, row.months)), (Button(say(lang, "watch.button_off"), "watch:off"),))
    user_side.tell_unasked(session, chat, "\n".join(words), now, buttons)


def every(lang: str, now: int = 0) -> list[Button]:
    """The intervals to choose from, or, where it is every ``now`` months, to change to."""
    if not now:
        return [Button(say(lang, f"watch.button_m{m}"), f"watch:m{m}") for m in MONTHS]
    names = {m: say(lang, f"watch.every_m{m}") for m in MONTHS if m != now}
    return [Button(say(lang, "watch.button_change", every=name), f"watch:m{m}") for m, name in names.items()]
