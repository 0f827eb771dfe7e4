"""Supervisors hear of a low rating once the person has had time to say why: one message each, whatever came together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session

from triagebot.desk.afterwards import planned, ratings
from triagebot.desk.office import Office
from triagebot.desk.team import agents
from triagebot.locale import say
from triagebot.messages import PRIORITY_NOTICE, Button, Outgoing
from triagebot.store import outbox
from triagebot.store.tables import Agent, Followup, Ticket
from triagebot.text import one_line

KIND = "low_rating"
_TIME_TO_SAY_WHY = timedelta(minutes=5)
_MOST_LINES = 20
_LONGEST_REASON = 200


def plan(session: Session, office: Office, ticket: Ticket, now: datetime) -> None:
    """``ticket`` was rated. Once a ticket: who changes a low rating to another is not heard of twice."""
    if ticket.rating is not None and ticket.rating <= ratings.LOW:
        planned.once(session, ticket, KIND, now + _TIME_TO_SAY_WHY)


def tell(session: Session, office: Office, rows: Sequence[Followup], now: datetime) -> None:
    """What was thought better of meanwhile is not told; in quiet hours it waits for the morning."""
    quiet = office.quiet_until(now)
    if quiet is not None:
        for row in rows:
            row.state, row.due_at = "pending", quiet
        return
    found = [ticket for row in rows if (ticket := session.get(Ticket, row.ticket_id)) is not None]
    low = [ticket for ticket in found if ticket.rating is not None and ticket.rating <= ratings.LOW]
    why = ratings.reasons(session, [ticket.id or 0 for ticket in low])
    for person in agents.supervisors(session) if low else ():
        _write(session, office, person, [(ticket, why[ticket.id or 0]) for ticket in low], now)


def _write(
    session: Session, office: Office, person: Agent, low: Sequence[tuple[Ticket, tuple[str, ...]]], now: datetime
) -> None:
    to = agents.address(person)
    if to is None:
        return
    lines = [_line(session, office, ticket, why, person.lang) for ticket, why in low[:_MOST_LINES]]
    if len(low) > _MOST_LINES:
        lines.append(say(person.lang, "notice.more_ratings", count=len(low) - _MOST_LINES))
    single = low[0][0] if len(low) == 1 else None
    outbox.put(session, to, Outgoing("\n".join(lines), _buttons(single, person.lang), ticket=single.id if single else None),
               now=now, priority=PRIORITY_NOTICE, ticket_id=single.id if single else None)  # fmt: skip


def _line(session: Session, office: Office, ticket: Ticket, why: tuple[str, ...], lang: str) -> str:
    holder = session.get(Agent, ticket.assignee_id) if ticket.assignee_id else None
    reason = say(lang, "list.separator").join(why) or say(lang, "notice.no_reason")
    return say(lang, "notice.low_rating", number=ticket.id, category=office.title(ticket.category, lang),
               stars=ticket.rating, agent=holder.name if holder else "—",
               reason=one_line(reason, _LONGEST_REASON))  # fmt: skip


def _buttons(single: Ticket | None, lang: str) -> tuple[tuple[Button, ...], ...]:
    if single is None:
        return ()
    verbs = ("show", "reopen") if single.status == "resolved" else ("show",)
    return (tuple(Button(say(lang, f"verb.{verb}.button"), f"{verb}:{single.id}") for verb in verbs),)
