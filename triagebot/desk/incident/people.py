"""The people of an incident: their tickets become part of it, and each of them hears so once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from triagebot.desk import cards, tickets, user_side, user_warning
from triagebot.desk.afterwards import planned
from triagebot.desk.incident import going, incidents, story
from triagebot.desk.incident.going import Going
from triagebot.desk.office import Office
from triagebot.desk.team import agents
from triagebot.desk.ticket_clocks import due_in_words
from triagebot.desk.tickets import HUMAN_STATES, OPEN_STATES
from triagebot.locale import say
from triagebot.messages import PRIORITY_NOTICE, PRIORITY_ROUND, Button, Outgoing
from triagebot.store import outbox
from triagebot.store.incident_tables import Incident
from triagebot.store.tables import Agent, Event, Followup, Ticket

KIND = "incident_joined"
_MOST_NAMED = 20


def take_in(
    session: Session, office: Office, incident: Incident, found: Iterable[Ticket], actor: str, now: datetime
) -> int:
    """Attach those of ``found`` that are not over, belong to no incident yet and did not leave this one; returns how many that
    were. Their people are told by the tick; who holds some of them hears it now, once an incident."""
    if going.held_open(session, incident.id or 0) is None:
        return 0
    numbers = sorted(ticket.id or 0 for ticket in found)
    left = _who_left(session, incident, numbers)
    fitting = select(Ticket).where(
        col(Ticket.id).in_(numbers), col(Ticket.status).in_(sorted(OPEN_STATES)), col(Ticket.incident_id).is_(None)
    )
    locked = fitting.order_by(col(Ticket.id)).with_for_update().execution_options(populate_existing=True)
    taken = [ticket for ticket in session.exec(locked) if ticket.id not in left]
    for ticket in taken:
        incidents.attach(session, office, ticket, incident, {}, actor, now)
    plan(session, office, taken, now)
    _tell_holders(session, incident, taken, now)
    if taken:
        story.record(session, incident, "taken_in", actor, now, {"tickets": [ticket.id for ticket in taken]})
    return len(taken)


def _who_left(session: Session, incident: Incident, numbers: Collection[int]) -> set[int]:
    query = select(Event.ticket_id).where(
        col(Event.ticket_id).in_(numbers), Event.type == "incident_detached",
        col(Event.data)["incident"].as_integer() == incident.id,
    )  # fmt: skip
    return set(session.exec(query))


def plan(session: Session, office: Office, attached: Iterable[Ticket], now: datetime) -> None:
    """The people of these tickets are told by the tick, a batch at a time."""
    told = [t for t in attached if office.ends_together(t.priority, t.category, t.platform)]
    planned.for_all(session, told, KIND, now)


def tell(session: Session, office: Office, rows: Sequence[Followup], now: datetime) -> None:
    """What was planned: each person hears once that it is not only they, and by when somebody answers now, if anybody does.
    Not those who heard it from the dialogue, of whose incident nobody tells, or who cannot be reached."""
    session.flush()
    known = going.load(session, office)
    gone = user_warning.blocked(session, [row.ticket_id for row in rows])
    heard = _heard(session, {row.conversation_id for row in rows})
    for number in sorted({row.ticket_id for row in rows} - gone):
        ticket = tickets.held(session, number)
        incident = known.of.get(ticket.incident_id or 0) if ticket is not None else None
        if ticket is None or incident is None or ticket.status not in OPEN_STATES:
            continue
        person = (ticket.conversation_id, incident.number)
        if person in heard or not office.ends_together(ticket.priority, ticket.category, ticket.platform):
            continue
        heard.add(person)
        _tell(session, office, ticket, incident, now)


def _heard(session: Session, conversations: Collection[int]) -> set[tuple[int, int]]:
    """(conversation, incident) of which these people were told, by whomever."""
    query = (
        select(Ticket.conversation_id, col(Event.data)["incident"].as_integer())
        .join(Event, col(Event.ticket_id) == col(Ticket.id))
        .where(col(Ticket.conversation_id).in_(sorted(conversations)), Event.type == "bot_replied",
               col(Event.data)["incident"].as_integer().is_not(None))
    )  # fmt: skip
    return {(conversation, number) for conversation, number in session.exec(query)}


def _tell(session: Session, office: Office, ticket: Ticket, incident: Going, now: datetime) -> None:
    lang = ticket.lang
    words = [going.same(office, incident, now, lang)]
    if ticket.status in HUMAN_STATES and (due := due_in_words(session, office, ticket, now, lang)):
        words.append(say(lang, "outage.later", number=ticket.id, due=due))
    buttons = (tuple(Button(say(lang, f"button.{key}"), f"{verb}:{ticket.id}") for key, verb in _WAYS),)
    user_side.tell(session, office, ticket, "\n".join(words), now, buttons=buttons, data={"incident": incident.number},
                   focus=len(tickets.open_of(session, ticket.conversation_id)) == 1, priority=PRIORITY_ROUND)  # fmt: skip
    if ticket.escalated_at is not None:
        cards.refresh(session, office, ticket, now)


_WAYS = (("mine_differs", "differs"), ("human", "human"))


def _tell_holders(session: Session, incident: Incident, taken: Iterable[Ticket], now: datetime) -> None:
    """One message each, however many of the tickets are theirs."""
    held: dict[int, list[int]] = defaultdict(list)
    for ticket in taken:
        if ticket.assignee_id is not None:
            held[ticket.assignee_id].append(ticket.id or 0)
    for number, theirs in held.items():
        holder = session.get(Agent, number)
        to = agents.address(holder) if holder is not None else None
        if holder is None or to is None:
            continue
        named = " ".join(f"#{mine}" for mine in theirs[:_MOST_NAMED])
        words = say(holder.lang, "notice.incident_took", number=incident.id, title=incident.title, count=len(theirs),
                    tickets=named)  # fmt: skip
        buttons = ((Button(say(holder.lang, "verb.show.button"), f"show:{theirs[0]}"),),)
        outbox.put(session, to, Outgoing(text=words, buttons=buttons), now=now, priority=PRIORITY_NOTICE,
                   key=f"incident_took:{incident.id}:{number}")  # fmt: skip
