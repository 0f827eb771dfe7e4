"""Putting a ticket aside until a moment: it leaves the list of what is next, and comes back by itself.

No clock stops for it: what was promised stays promised, and whoever puts a ticket aside is told what is due before.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from triagebot.desk import buttons, cards, tickets, wake_times
from triagebot.desk.buttons import Answer
from triagebot.desk.office import Office
from triagebot.desk.team import agents
from triagebot.desk.ticket_clocks import running, ticket_clocks
from triagebot.desk.tickets import HUMAN_STATES
from triagebot.desk.work import Call, must_be_open, must_hold
from triagebot.errors import DeskError
from triagebot.locale import say
from triagebot.messages import PRIORITY_NOTICE, PRIORITY_URGENT, Outgoing
from triagebot.privacy import redact
from triagebot.store import outbox
from triagebot.store.tables import Agent, Event, Ticket
from triagebot.text import one_line, spoken_time

LONGEST = timedelta(days=30)
_OFFERED = (("hour", "1h"), ("hours", "3h"), ("morning", "明早"), ("day", "1d"))
"""What a menu offers: the catalogue's key, and what is typed for it."""
_LONGEST_REASON = 200


def snooze(call: Call) -> str:
    """Put aside: /snooze N WHEN [REASON]."""
    zone = call.office.zone
    _must_be_ours(call)
    found = wake_times.parse(call.text, call.now, zone)
    if found is None:
        raise DeskError(say(call.lang, "desk.no_such_time", said=one_line(call.text, 40)))
    until, reason = found
    at = spoken_time(until, call.now, zone, call.lang)
    if until <= call.now:
        raise DeskError(say(call.lang, "desk.snooze_past", at=at))
    if until > call.now + LONGEST:
        raise DeskError(say(call.lang, "desk.snooze_too_long", days=LONGEST.days))
    call.record("snoozed", until=until.isoformat(), reason=one_line(redact(reason).text, _LONGEST_REASON))
    return "\n".join([call.done("desk.snoozed", at=at), *_due_before(call, until)])


def _must_be_ours(call: Call) -> None:
    must_be_open(call)
    must_hold(call)
    if call.the_ticket.status not in HUMAN_STATES:
        raise DeskError(say(call.lang, "desk.still_with_bot", number=call.the_ticket.id))


def to_moment(call: Call) -> Answer:
    """Until when, to be pressed."""
    _must_be_ours(call)
    rows = buttons.choice(
        "snooze", call.the_ticket, [(word, say(call.lang, f"snooze.{key}")) for key, word in _OFFERED]
    )
    return Answer(say(call.lang, "choose.snooze", number=call.the_ticket.id), rows, done=False)


def _due_before(call: Call, until: datetime) -> list[str]:
    """What was promised for a moment before ``until``, or is late already."""
    clocks = running(ticket_clocks(call.session, call.office, call.the_ticket, call.now))
    lines = []
    for clock in clocks:
        if clock.due_at is not None and clock.due_at <= until:
            key = "desk.due_before" if clock.due_at > call.now else "desk.late_before"
            lines.append(say(call.lang, key, metric=say(call.lang, f"metric.{clock.metric}"),
                             at=spoken_time(clock.due_at, call.now, call.office.zone, call.lang)))  # fmt: skip
    return lines


def wake(call: Call) -> str:
    """Take up again: /wake N."""
    if call.the_ticket.snoozed_until is None:
        raise DeskError(say(call.lang, "desk.not_snoozed", number=call.the_ticket.id))
    call.record("woken")
    return call.done("desk.woken")


def wake_by_person(session: Session, office: Office, ticket: Ticket, now: datetime) -> None:
    """The person has written: their ticket is not aside any more. Its holder hears the words themselves; a ticket that nobody
    holds is shown to its queue again."""
    if ticket.snoozed_until is None:
        return
    tickets.record(session, office, ticket, "woken", "user", now)
    if ticket.assignee_id is None:
        _tell(session, office, ticket, "notice.woken_by_person", "", now)


def wake_due(session: Session, office: Office, now: datetime, limit: int = 100) -> int:
    """Tickets whose time has come are shown, once, to who holds them, or to their queue; returns how many there were."""
    query = select(Ticket).where(col(Ticket.snoozed_until) <= now).order_by(col(Ticket.snoozed_until))
    found = list(session.exec(query.limit(limit).with_for_update(skip_locked=True)))
    for ticket in found:
        reason = _reason(session, ticket)
        tickets.record(session, office, ticket, "woken", "system", now)
        _tell(session, office, ticket, "notice.woken_because" if reason else "notice.woken", reason, now)
    return len(found)


def _reason(session: Session, ticket: Ticket) -> str:
    query = select(Event.data).where(Event.ticket_id == ticket.id, Event.type == "snoozed")
    data = session.exec(query.order_by(col(Event.id).desc()).limit(1)).first()
    return str(data.get("reason", "")) if data is not None else ""


def _tell(session: Session, office: Office, ticket: Ticket, key: str, reason: str, now: datetime) -> None:
    """A message of its own, with the card's words and buttons: a card that is only edited in place makes no sound."""
    holder = session.get(Agent, ticket.assignee_id) if ticket.assignee_id else None
    queue = [a for a in agents.listed(session) if agents.works_on(a, ticket.queue)]
    for person in [holder] if holder is not None and holder.user else queue:
        to = agents.address(person)
        if to is not None:
            card = cards.render(session, office, ticket, person.lang, now)
            text = f"{say(person.lang, key, number=ticket.id, reason=reason)}\n{card.text}"
            outbox.put(session, to, Outgoing(text, card.buttons, ticket=ticket.id), now=now, ticket_id=ticket.id,
                       priority=PRIORITY_URGENT if ticket.priority == "P1" else PRIORITY_NOTICE)  # fmt: skip
    cards.refresh(session, office, ticket, now)
