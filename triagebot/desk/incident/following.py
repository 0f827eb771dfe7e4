"""Tickets of several people that are one incident: one of them is worked on, the others follow it and end with it.

A ticket that follows is ``merged`` and still attached to the incident (a merged ticket of the same person is not). What its
person says meanwhile is kept in its own story and shown to whoever works on the incident. Its end is one of three: the
ticket that it follows is resolved by an agent, the incident is resolved, or the person wants it worked on by itself. Of how
other people's tickets end it hears nothing, and no word of theirs: only what a supervisor wrote about the incident.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, exists, or_
from sqlmodel import Session, col, select

from triagebot.desk import cards, tickets, user_side
from triagebot.desk.afterwards import planned
from triagebot.desk.incident import doubts
from triagebot.desk.office import Office
from triagebot.desk.team import agents
from triagebot.desk.tickets import OPEN_STATES
from triagebot.locale import say
from triagebot.messages import PRIORITY_REPLY, PRIORITY_ROUND, Button, Outgoing
from triagebot.store import outbox
from triagebot.store.incident_tables import Incident
from triagebot.store.tables import Agent, Event, Followup, Ticket
from triagebot.text import clip

KIND = "solved_together"
RESOLVED = "resolved"
_LONGEST = 3000


def follows(ticket: Ticket) -> bool:
    return ticket.status == "merged" and ticket.incident_id is not None


def leads(session: Session, ticket: Ticket) -> bool:
    """Whether others were merged into it and follow it."""
    return bool(_followers(session, ticket))


def plan_end(session: Session, ticket: Ticket, now: datetime) -> None:
    """``ticket`` was resolved by an agent: so are those that follow it, each when its turn comes."""
    planned.for_all(session, _followers(session, ticket), KIND, now)


def plan_end_of_all(session: Session, incident: Incident, now: datetime) -> None:
    """``incident`` was resolved: so are all tickets that are attached to it, or to one that it covers, and not over. Where a
    wider one covers it, they wait for the end of that one."""
    if widest(session, incident).state == RESOLVED:
        planned.for_all(session, _waiting(session, incident.id), KIND, now)


def _waiting(session: Session, number: int | None, *where: ColumnElement[bool]) -> Sequence[Ticket]:
    """Attached to this incident or to one that it covers, and not over; nobody's who had everything erased."""
    parts = select(Incident.id).where(or_(col(Incident.id) == number, col(Incident.covered_by) == number))
    open_ = col(Ticket.status).in_({*OPEN_STATES, "merged"})
    erased = exists().where(col(Event.ticket_id) == col(Ticket.id), col(Event.type) == "erased")
    query = select(Ticket).where(col(Ticket.incident_id).in_(parts), open_, ~erased, *where)
    return session.exec(query.order_by(col(Ticket.id))).all()


def _ends_with_it(office: Office, ticket: Ticket) -> bool:
    return office.ends_together(ticket.priority, ticket.category, ticket.platform)


def _followers(session: Session, ticket: Ticket) -> list[Ticket]:
    """Tickets that follow it, directly or by way of others; oldest first."""
    if ticket.incident_id is None:
        return []
    merged = select(Ticket).where(Ticket.incident_id == ticket.incident_id, Ticket.status == "merged")
    found = list(session.exec(merged.order_by(col(Ticket.id))))
    into: dict[int, int] = {}
    unknown = {other.id or 0 for other in found}
    while unknown:
        further = _into(session, unknown)
        unknown = {*further.values()} - into.keys() - further.keys()
        into |= further
    return [other for other in found if ticket.id in _ahead_of(other.id or 0, into)]


def _ahead_of(number: int, into: Mapping[int, int]) -> list[int]:
    """The chain of merges, nearest first."""
    chain: list[int] = []
    while number in into and into[number] not in chain:
        number = into[number]
        chain.append(number)
    return chain


def _into(session: Session, numbers: Collection[int]) -> dict[int, int]:
    """Those of ``numbers`` that are merged -> the ticket that each was last merged into."""
    query = (
        select(Event.ticket_id, Event.data)
        .join(Ticket, col(Ticket.id) == col(Event.ticket_id))
        .where(col(Event.ticket_id).in_(sorted(numbers)), Event.type == "merged", Ticket.status == "merged")
    )
    return {number: data["into"] for number, data in session.exec(query.order_by(col(Event.id)))}


def tell_end(session: Session, office: Office, rows: Sequence[Followup], now: datetime) -> None:
    """What was planned: the tickets are resolved, and each person hears it once, with the way back; not those who had
    everything erased. Of several tickets of one person that end with the same incident it hears together."""
    numbers = [row.ticket_id for row in rows]
    forgotten = session.exec(select(Event.ticket_id).where(col(Event.ticket_id).in_(numbers), Event.type == "erased"))
    for number in sorted({*numbers} - {*forgotten}):
        ticket = tickets.held(session, number)
        if ticket is None or ticket.incident_id is None:
            continue
        incident = widest(session, session.get_one(Incident, ticket.incident_id))
        if incident.state == RESOLVED:
            theirs = col(Ticket.conversation_id) == ticket.conversation_id
            ending = [t for t in _waiting(session, incident.id, theirs) if _ends_with_it(office, t)]
            _end(session, office, incident, [held for t in ending if (held := tickets.held(session, t.id))], now)
        elif ticket.status == "merged":
            _end(session, office, incident, [ticket], now)


def widest(session: Session, incident: Incident) -> Incident:
    """Who tells the people of ``incident``: itself, or the one that covers it."""
    return incident if incident.covered_by is None else widest(session, session.get_one(Incident, incident.covered_by))


def _end(session: Session, office: Office, incident: Incident, ending: Sequence[Ticket], now: datetime) -> None:
    """One message to the person whose tickets these are."""
    if not ending:
        return
    for ticket in ending:
        tickets.record(session, office, ticket, "resolved", incident.resolved_by or "system", now,
                       {"by": "incident", "incident": incident.id})  # fmt: skip
    last = ending[-1]
    numbers = say(last.lang, "list.numbers").join(f"#{ticket.id}" for ticket in ending)
    words = [say(last.lang, "user.incident_over", numbers=numbers)]
    if incident.status_text:
        words.append(say(last.lang, "user.incident_says", text=incident.status_text))
    words.append(say(last.lang, "user.incident_not_over"))
    others = tickets.open_of(session, last.conversation_id)
    user_side.tell(session, office, last, "\n".join(words), now, buttons=_way_back(last, "button.not_over"),
                   focus=not others, priority=PRIORITY_ROUND)  # fmt: skip
    for ticket in ending:
        cards.refresh(session, office, ticket, now)


def begin(session: Session, office: Office, ticket: Ticket, now: datetime) -> None:
    """Tell the person of ``ticket`` that it is worked on together with others from now on."""
    words = say(ticket.lang, "user.merged_into_incident", number=ticket.id)
    user_side.tell(session, office, ticket, words, now, buttons=_way_back(ticket, "button.mine_differs"))


def _way_back(ticket: Ticket, key: str) -> user_side.Buttons:
    return ((Button(say(ticket.lang, key), f"reopen:{ticket.id}"),),)


def reopen(
    session: Session, office: Office, ticket: Ticket, actor: str, now: datetime, facts: dict[str, object]
) -> None:
    """Go on with a ticket that was over. One that followed others leaves the incident, is promised an answer anew (a merge
    ends promises for good) and is people's from now on, whoever had it before."""
    back = _last_end(session, ticket) == "merged"
    over = _over(session, ticket)
    if over is not None and actor == "user" and not back:
        doubts.note(session, over, ticket, now)
    if ticket.incident_id is not None and (back or over is not None):
        gone: dict[str, object] = {"incident": ticket.incident_id}
        if ticket.escalated_at is not None and not back:
            gone["promise"] = office.promise_to(ticket, attached=False)
        tickets.record(session, office, ticket, "incident_detached", actor, now, gone)
    if back:
        queue = ticket.queue or office.book.categories[ticket.category].queue
        facts = {**facts, "queue": queue, "promise": office.promise_to(ticket, queue=queue)}
    tickets.record(session, office, ticket, "reopened", actor, now, facts)


def _last_end(session: Session, ticket: Ticket) -> str:
    """``merged`` when the ticket was merged and has not come back since."""
    query = select(Event.type).where(Event.ticket_id == ticket.id, col(Event.type).in_(("merged", "reopened")))
    return session.exec(query.order_by(col(Event.id).desc()).limit(1)).first() or ""


def _over(session: Session, ticket: Ticket) -> Incident | None:
    """The incident of ``ticket``, when its people were told that it is over."""
    if ticket.incident_id is None:
        return None
    incident = widest(session, session.get_one(Incident, ticket.incident_id))
    return incident if incident.state == RESOLVED else None


def pass_on(session: Session, ticket: Ticket, words: str, now: datetime) -> None:
    """Words of a person whose ticket follows: to who holds the ticket that it follows, else to its queue; to supervisors when
    that one is over and only the incident goes on."""
    leader = _leader(session, ticket)
    if leader is None:
        people: list[Agent] = agents.supervisors(session)
    else:
        holder = session.get(Agent, leader.assignee_id) if leader.assignee_id else None
        queue = [a for a in agents.listed(session) if a.user and agents.works_on(a, leader.queue)]
        people = [holder] if holder is not None and holder.user else queue
    for person in people:
        to = agents.address(person)
        if to is not None:
            head = say(person.lang, "notice.follower_wrote", number=ticket.id, into=leader.id if leader else "—",
                       text=clip(words, _LONGEST))  # fmt: skip
            buttons = ((Button(say(person.lang, "verb.show.button"), f"show:{ticket.id}"),),)
            outbox.put(session, to, Outgoing(text=head, buttons=buttons, ticket=ticket.id), now=now,
                       priority=PRIORITY_REPLY, ticket_id=ticket.id)  # fmt: skip


def _leader(session: Session, ticket: Ticket) -> Ticket | None:
    """The open ticket at the end of the chain of merges, None when that one is over."""
    number = ticket.id or 0
    into: dict[int, int] = {}
    while (further := _into(session, [number])) and number not in into:
        into |= further
        number = further[number]
    found = session.get(Ticket, number)
    return found if found is not None and found.status in OPEN_STATES else None
