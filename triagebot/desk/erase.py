"""A person's words and name gone, on their request; what is left is numbers: that there was a ticket, and when."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from triagebot.access import links, sessions
from triagebot.desk import cards, dead_letters, tickets, topics
from triagebot.desk.office import Office
from triagebot.desk.team import agents
from triagebot.desk.tickets import HUMAN_STATES, OPEN_STATES
from triagebot.desk.watching import subscriptions
from triagebot.store import finished, passages
from triagebot.store.tables import Agent, Conversation, Event, Followup, Inbox, Outbox, Presence, Ticket

ERASED = "erased"
_WORDS = ("text", "reason", "said", "verdict", "title", "tags", "keepsake", "facts")


def erase_conversation(
    session: Session, office: Office, conversation: Conversation, now: datetime, *, keep_watches: bool = False
) -> int:
    """Erase everything that this person said or was told, end what is open; returns how many tickets it concerned.

    ``keep_watches``: what they asked to hear of unasked goes on; it holds no word of theirs."""
    numbers: list[int | None] = []
    ended, known = [], []
    mine = select(Ticket).where(Ticket.conversation_id == conversation.id).order_by(col(Ticket.id)).with_for_update()
    for ticket in session.exec(mine.execution_options(populate_existing=True)).all():
        numbers.append(ticket.id)
        known.append(ticket)
        ticket.summary = ""
        if ticket.status in OPEN_STATES:
            tickets.record(session, office, ticket, "closed", "user", now, {"reason": "erased"})
            ended.append(ticket)
        tickets.record(session, office, ticket, "erased", "user", now)
    session.flush()
    for event in session.exec(select(Event).where(col(Event.ticket_id).in_(numbers))):
        kept = {k: v for k, v in event.data.items() if k not in _WORDS}
        if kept != event.data:
            event.data = kept
            session.add(event)
    passages.forget(session, numbers)
    place = (conversation.channel, conversation.bot, conversation.chat)
    session.execute(delete(Followup).where(col(Followup.conversation_id) == conversation.id))
    if not keep_watches:
        subscriptions.forget(session, conversation.id)
    session.execute(
        update(Inbox).where(col(Inbox.channel) == place[0], col(Inbox.bot) == place[1], col(Inbox.chat) == place[2],
                            col(Inbox.state) != "pending").values(payload={})
    )  # fmt: skip
    _erase_at_desk(session, numbers)
    for ticket in known:
        topics.remove(session, office, ticket, now)
    session.execute(
        delete(Outbox).where(col(Outbox.channel) == place[0], col(Outbox.bot) == place[1],
                             col(Outbox.chat) == place[2])
    )  # fmt: skip
    conversation.user_name = ""
    conversation.memory = {}
    session.add(conversation)
    session.flush()
    for ticket in ended:
        cards.refresh(session, office, ticket, now)
    return len(numbers)


def _erase_at_desk(session: Session, numbers: list[int | None]) -> None:
    """What agents were shown of these tickets or had begun to write, and what agents and desk said to each other: it may
    quote the person, and once it was handled nobody needs it."""
    session.execute(delete(Presence).where(col(Presence.ticket_id).in_(numbers)))
    session.execute(delete(Outbox).where(col(Outbox.ticket_id).in_(numbers)))
    session.execute(
        delete(Outbox).where(col(Outbox.bot) == agents.STAFF, col(Outbox.ticket_id).is_(None),
                             col(Outbox.state) != "pending")
    )  # fmt: skip
    desks = select(Agent.user).where(Agent.user != "")
    session.execute(update(Inbox).where(col(Inbox.chat).in_(desks), col(Inbox.state) != "pending").values(payload={}))


def erase_whole(
    session: Session, office: Office, conversation: Conversation, now: datetime, *, keep_watches: bool = False
) -> None:
    """As ``erase_conversation``, and the dialogue is over: what the person writes next begins a new one."""
    erase_conversation(session, office, conversation, now, keep_watches=keep_watches)
    conversation.version += 1
    conversation.state, conversation.ticket_id = ERASED, None


def purge(session: Session, office: Office, now: datetime, keep: timedelta, limit: int = 100) -> int:
    """Retention: erase what nobody has touched for ``keep`` (wall time) and nobody works on; returns how many. Who asked for a
    yearly reminder still gets it.

    Both boxes are emptied of what is finished, earlier than that."""
    dead_letters.forget(session, now - keep)
    finished.forget(session, now - min(keep, finished.KEPT))
    links.forget(session, now - finished.KEPT)
    sessions.forget(session, now - finished.KEPT)
    at_work = select(Ticket.conversation_id).where(col(Ticket.status).in_(HUMAN_STATES))
    stale = select(Conversation).where(
        col(Conversation.updated_at) < now - keep,
        col(Conversation.state) != ERASED,
        col(Conversation.id).not_in(at_work),
    )
    found = list(session.exec(stale.limit(limit)))
    for conversation in found:
        erase_whole(session, office, conversation, now, keep_watches=True)
    return len(found)


def erase_user(session: Session, office: Office, user: str, now: datetime) -> int:
    """Erase every conversation of a channel user id; returns how many there were."""
    found = list(session.exec(select(Conversation).where(Conversation.user == user)))
    for conversation in found:
        erase_whole(session, office, conversation, now)
    return len(found)
