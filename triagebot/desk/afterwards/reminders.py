"""Reminders that a person has accepted (docs/decisions/0020): kept as follow-ups, said once when due, ended by one tap.

What was accepted stands in the ticket's log (``reminder_accepted``), and so does its end; the follow-up is the plan.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col, select

from triagebot.desk import tickets, user_side, user_warning
from triagebot.desk.afterwards import aftercare, reminder_times
from triagebot.desk.office import Office
from triagebot.desk.tickets import OPEN_STATES
from triagebot.locale import say
from triagebot.messages import Button
from triagebot.rulebook.clock_rules import Clock
from triagebot.store.tables import Conversation, Event, Followup, Ticket
from triagebot.text import spoken_date, spoken_span

PREFIX = "clock:"
"""Of a follow-up's kind; the clock's id follows."""
STOPPED = "stopped"
_LATE_S = 3600
"""So late that it is said."""


@dataclass(frozen=True)
class Pending:
    """A reminder that will come."""

    clock: Clock
    due: datetime
    ticket: int


def accept(
    session: Session, office: Office, ticket: Ticket, clock: Clock, since: date | None, now: datetime
) -> datetime:
    """Plan the reminder; returns when it comes. The last word counts: one that was planned for the ticket before is replaced,
    and so is the bot's own promise to ask again after the same time. ``since``: see ``reminder_times.runs_out``."""
    due = reminder_times.due(office, clock, since, now)
    replaced = [PREFIX + clock.id]
    category = office.book.categories.get(ticket.category)
    if category is not None and category.followup is not None and category.followup.after == clock.after:
        replaced.append(category.id)
    _end(session, col(Followup.ticket_id) == ticket.id, col(Followup.kind).in_(replaced))
    session.add(
        Followup(conversation_id=ticket.conversation_id, ticket_id=ticket.id or 0, kind=PREFIX + clock.id, due_at=due)
    )
    counted = since or now.astimezone(office.zone).date()
    tickets.record(session, office, ticket, "reminder_accepted", "user", now,
                   {"clock": clock.id, "title": clock.title.in_(ticket.lang), "since": counted.isoformat(),
                    "until": due.isoformat()})  # fmt: skip
    return due


def stop(session: Session, office: Office, ticket: Ticket, now: datetime) -> None:
    """Nothing more is said unasked about ``ticket``."""
    _stop(session, office, col(Followup.ticket_id) == ticket.id, now)


def stop_all(session: Session, office: Office, conversation: Conversation, now: datetime) -> None:
    """Nothing more is said unasked to this person, about any ticket."""
    _stop(session, office, col(Followup.conversation_id) == conversation.id, now)


def _stop(session: Session, office: Office, whose: ColumnElement[bool], now: datetime) -> None:
    unasked = or_(
        col(Followup.kind).startswith(PREFIX), col(Followup.kind).in_([*office.book.categories, aftercare.KIND])
    )
    for number in sorted({row.ticket_id for row in _end(session, whose, unasked)}):
        ticket = tickets.held(session, number)
        if ticket is not None:
            tickets.record(session, office, ticket, "reminder_stopped", "user", now)


def _end(session: Session, *which: ColumnElement[bool]) -> list[Followup]:
    found = list(session.exec(select(Followup).where(Followup.state == "pending", *which)))
    for row in found:
        row.state = STOPPED
        session.add(row)
    return found


def pending(session: Session, office: Office, conversation: Conversation) -> list[Pending]:
    """What this person has accepted and will hear, soonest first."""
    query = (
        select(Followup, Ticket)
        .join(Ticket, col(Ticket.id) == col(Followup.ticket_id))
        .where(Followup.conversation_id == conversation.id, Followup.state == "pending",
               col(Followup.kind).startswith(PREFIX))
    )  # fmt: skip
    found = [(_clock(office, row), row, ticket) for row, ticket in session.exec(query.order_by(col(Followup.due_at)))]
    return [
        Pending(clock, row.due_at, row.ticket_id) for clock, row, ticket in found
        if clock is not None and _makes_sense(clock, ticket)
    ]  # fmt: skip


def send(session: Session, office: Office, rows: Sequence[Followup], now: datetime) -> None:
    """Say what is due. One whose time came at night waits for the morning; one about a ticket that is over may have lost its
    sense; whoever cannot be reached is left in peace."""
    unreachable = user_warning.blocked(session, [row.ticket_id for row in rows])
    for row in rows:
        clock, ticket = _clock(office, row), tickets.held(session, row.ticket_id)
        if clock is None or ticket is None or ticket.id in unreachable or not _makes_sense(clock, ticket):
            row.state = STOPPED
            continue
        later = reminder_times.put_off(office, clock, row.due_at, now)
        if later is not None:
            row.state, row.due_at = "pending", later
            continue
        _say(session, office, clock, ticket, now)


def _clock(office: Office, row: Followup) -> Clock | None:
    return office.book.clocks.of(row.kind.removeprefix(PREFIX))


def _makes_sense(clock: Clock, ticket: Ticket) -> bool:
    return not clock.until_solved or ticket.status in OPEN_STATES


def _say(session: Session, office: Office, clock: Clock, ticket: Ticket, now: datetime) -> None:
    lang = user_side.conversation_of(session, ticket).lang or ticket.lang
    accepted = _accepted(session, clock, ticket)
    late = (now - datetime.fromisoformat(accepted["until"])).total_seconds() if accepted else 0.0
    since = date.fromisoformat(accepted["since"]) if accepted else now.astimezone(office.zone).date()
    lines = [say(lang, "remind.late", span=spoken_span(late, lang))] if late > _LATE_S else []
    lines.append(words(clock, since, lang))
    others = [other for other in tickets.open_of(session, ticket.conversation_id) if other.id != ticket.id]
    user_side.tell(session, office, ticket, "\n".join(lines), now, buttons=buttons(clock, ticket.id, lang),
                   data={"followup": PREFIX + clock.id}, focus=ticket.status in OPEN_STATES or not others)  # fmt: skip


def _accepted(session: Session, clock: Clock, ticket: Ticket) -> dict[str, Any] | None:
    query = select(Event).where(Event.ticket_id == ticket.id, Event.type == "reminder_accepted")
    events = session.exec(query.order_by(col(Event.id).desc())).all()
    return next((event.data for event in events if event.data.get("clock") == clock.id), None)


def words(clock: Clock, since: date, lang: str) -> str:
    """The reminder and what to do now, numbered if it is more than one thing."""
    steps = [step.in_(lang) for step in clock.steps]
    numbered = [f"{n}. {step}" for n, step in enumerate(steps, start=1)] if len(steps) > 1 else steps
    return "\n".join([clock.remind.in_(lang).replace("{since}", spoken_date(since, lang)), *numbered])


def buttons(clock: Clock, number: int | None, lang: str) -> user_side.Buttons:
    """Under a reminder: done or not, a person, and never again. ``number``: None where the ticket's is added later."""
    tail = f":{number}" if number is not None else ""
    return (
        (
            Button(clock.done.in_(lang), f"remind_done:{clock.id}{tail}"),
            Button(clock.undone.in_(lang), f"remind_undone:{clock.id}{tail}"),
            Button(say(lang, "button.human"), f"human{tail}"),
        ),
        (Button(say(lang, "button.remind_off"), f"remind_off:{clock.id}{tail}"),),
    )
