"""What must be known of a person before it is decided what to do about their words, and whether it is still so afterwards."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select, tuple_
from sqlmodel import Session, col

from triagebot.desk import tickets
from triagebot.desk.incident import following
from triagebot.desk.incident.going import AllGoing
from triagebot.desk.office import Office
from triagebot.desk.ticket_clocks import ticket_clocks, told_due
from triagebot.desk.tickets import HUMAN_STATES, OPEN_STATES
from triagebot.desk.watching import subscriptions
from triagebot.dialogue.state import UNKNOWN, Memory, TicketView, View
from triagebot.dialogue.watch_state import WatchView
from triagebot.messages import Address, Incoming
from triagebot.store.tables import Agent, Conversation, Ticket

NONE_GOING = AllGoing()
_PLACE = tuple_(col(Conversation.channel), col(Conversation.bot), col(Conversation.chat))
_FIND = select(Conversation).where(_PLACE.in_(bindparam("places", expanding=True)))
_HOLD = _FIND.order_by(col(Conversation.id)).with_for_update()
_TICKETS = (
    select(Ticket)
    .where(col(Ticket.id).in_(bindparam("numbers", expanding=True)))
    .order_by(col(Ticket.id))
    .with_for_update()
)


def find(session: Session, to: Address) -> Conversation | None:
    return find_all(session, [to]).get(to)


def find_all(session: Session, to: Collection[Address]) -> dict[Address, Conversation]:
    """Those of ``to`` whom the bot knows."""
    found = session.execute(_FIND, {"places": [(a.channel, a.bot, a.chat) for a in to]}).scalars()
    return {Address(c.channel, c.bot, c.chat): c for c in found}


@dataclass(frozen=True)
class Loaded:
    """What several turns will need, read at once. The session only knows objects that somebody holds: hold this."""

    conversations: Mapping[Address, Conversation]
    tickets: Sequence[Ticket]


def load(session: Session, turns: Sequence[tuple[Address, View]]) -> Loaded:
    """To write: on PostgreSQL the rows are locked, so that nobody changes them between ``apply``'s check and the commit."""
    places = [(to.channel, to.bot, to.chat) for to, _ in turns]
    numbers = [view.ticket.number for _, view in turns if view.ticket is not None]
    found = session.execute(_HOLD, {"places": places}).scalars()
    return Loaded(
        {Address(c.channel, c.bot, c.chat): c for c in found},
        session.execute(_TICKETS, {"numbers": numbers}).scalars().all() if numbers else (),
    )


def memory_of(conversation: Conversation | None) -> Memory:
    return Memory.from_json(conversation.memory) if conversation is not None else Memory()


def look(
    session: Session, office: Office, conversation: Conversation | None, incoming: Incoming, number: int | None,
    now: datetime, incidents: AllGoing = NONE_GOING,
) -> View:  # fmt: skip
    """What the dialogue must know. ``number``: the ticket whose button was pressed; only one's own counts."""
    if conversation is None:
        return View(lang=incoming.lang_hint or "zh", zone=office.zone, incidents=incidents.told)
    mine = tickets.open_of(session, conversation.id or 0, OPEN_STATES | {"merged"})
    wanted = number if number is not None else conversation.ticket_id
    focus = next((t for t in mine if t.id == wanted), None)
    if focus is None and wanted is not None:
        focus = session.get(Ticket, wanted)
        if focus is not None and focus.conversation_id != conversation.id:
            focus = None

    def view(ticket: Ticket) -> TicketView:
        return _view(session, office, ticket, now, incidents)

    return View(
        state=conversation.state,  # type: ignore[arg-type]
        memory=memory_of(conversation),
        lang=conversation.lang or incoming.lang_hint or "zh",
        ticket=view(focus) if focus is not None else None,
        others=tuple(view(t) for t in mine if t.status in HUMAN_STATES and t is not focus),
        following=tuple(view(t) for t in mine if t is not focus and (following.follows(t) or _waits(t, incidents))),
        version=conversation.version,
        zone=office.zone,
        incidents=incidents.told,
    )


def _waits(ticket: Ticket, incidents: AllGoing) -> bool:
    return ticket.status == "bot" and ticket.incident_id in incidents.of


def _view(session: Session, office: Office, ticket: Ticket, now: datetime, incidents: AllGoing) -> TicketView:
    holder = session.get(Agent, ticket.assignee_id) if ticket.assignee_id else None
    live = ticket.status in HUMAN_STATES
    joined = ticket.status in OPEN_STATES and office.ends_together(ticket.priority, ticket.category, ticket.platform)
    return TicketView(
        number=ticket.id or 0, status=ticket.status, category=ticket.category, platform=ticket.platform,
        queue=ticket.queue, priority=ticket.priority, assignee=holder.name if holder else "",
        escalated=ticket.escalated_at is not None, resolved_at=ticket.resolved_at, rating=ticket.rating,
        due=told_due(ticket, ticket_clocks(session, office, ticket, now)) if live else None,
        follows=following.follows(ticket), opened_at=ticket.created_at,
        incident=incidents.of.get(ticket.incident_id or 0) if joined else None,
    )  # fmt: skip


def watches(session: Session, conversation: Conversation) -> tuple[WatchView, ...]:
    """What the person hears of unasked."""
    rows = subscriptions.of(session, conversation.id or 0)
    return tuple(WatchView(row.platform, row.months, row.next_at) for row in rows)


def changed(session: Session, conversation: Conversation | None, view: View) -> bool:
    """Whether the conversation or its ticket is no longer as ``view`` has it."""
    ticket = session.get(Ticket, view.ticket.number) if view.ticket is not None else None
    moved = ticket is not None and view.ticket is not None and ticket.status != view.ticket.status
    return moved or (conversation.version if conversation else UNKNOWN) != view.version
