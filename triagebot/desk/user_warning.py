"""The person hears, once for each promise, that the answer will be later than they were told, and by when to expect it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from triagebot.desk import user_side
from triagebot.desk.erase import ERASED
from triagebot.desk.office import Office
from triagebot.desk.ticket_clocks import PROMISED_ANEW, Story, clock_id
from triagebot.locale import say
from triagebot.sla.clocks import Clock
from triagebot.store.tables import Conversation, Event, Ticket
from triagebot.text import spoken_time

_SIGNS_OF_LIFE = ("user_replied", "user_pressed", "user_edited", "user_sent")


def warn(session: Session, office: Office, due: Sequence[tuple[Ticket, Clock, Story]], now: datetime) -> None:
    """Tell the persons behind these clocks, which still wait; not those who cannot be reached."""
    if not due:
        return
    tickets = {ticket.id or 0: ticket for ticket, _, _ in due}
    gone = blocked(session, tickets)
    places = sorted({ticket.conversation_id for ticket in tickets.values()})
    known = session.exec(select(Conversation).where(col(Conversation.id).in_(places)))
    chats = {chat.id: chat for chat in known}
    for ticket, clock, story in due:
        if ticket.id not in gone and chats[ticket.conversation_id].state != ERASED:
            _tell(session, office, ticket, clock, story, now)


def blocked(session: Session, numbers: Iterable[int]) -> set[int]:
    """Tickets whose person could not be reached the last time, and has not written since."""
    query = select(Event.ticket_id, Event.type, Event.data).where(
        col(Event.ticket_id).in_(sorted(numbers)), col(Event.type).in_(("undelivered", *_SIGNS_OF_LIFE))
    )
    last = {number: (type, data) for number, type, data in session.exec(query.order_by(col(Event.id)))}
    return {number for number, (type, data) in last.items() if type == "undelivered" and not data.get("staff")}


def _tell(session: Session, office: Office, ticket: Ticket, clock: Clock, story: Story, now: datetime) -> None:
    """Names the time that the person was told at the hand-over, unless another promise has taken its place since."""
    if clock.due_at is None:
        return
    new = later(office, ticket, clock, now)
    fixed = clock.breached_at or now
    as_told = clock.metric == "first_response" and not any(
        line.type in PROMISED_ANEW and clock.started_at < line.at <= fixed for line in story
    )
    key = "user.later_open" if not as_told else "user.later" if clock.due_at > now else "user.later_missed"
    words = say(ticket.lang, key, number=ticket.id, due=spoken_time(clock.due_at, now, office.zone, ticket.lang),
                at=spoken_time(new, now, office.zone, ticket.lang))  # fmt: skip
    facts = {"clock": clock_id(clock), "metric": clock.metric, "due_at": clock.due_at.isoformat(),
             "told_at": new.isoformat()}  # fmt: skip
    user_side.tell(session, office, ticket, words, now, type="user_warned", actor="system", data=facts, focus=False)


def later(office: Office, ticket: Ticket, clock: Clock, now: datetime) -> datetime:
    """The target once more, in business time, from the due moment or from now, whichever is later; whole minutes."""
    _, calendar = office.policy_of(ticket.sla)
    due = clock.due_at or now
    new = calendar.add(max(due, now), clock.elapsed_s + clock.remaining_s)
    return new if new.second == new.microsecond == 0 else new.replace(second=0, microsecond=0) + timedelta(minutes=1)
