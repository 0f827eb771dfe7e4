"""The card that agents see of a ticket: one message a chat, edited in place whenever the ticket changes."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from triagebot.desk import buttons, card_marks, topics
from triagebot.desk.office import Office
from triagebot.desk.team import agents
from triagebot.desk.ticket_clocks import answer_due, ticket_clocks
from triagebot.desk.tickets import HUMAN_STATES
from triagebot.locale import say
from triagebot.messages import PRIORITY_NOTICE, PRIORITY_URGENT, Address, Outgoing
from triagebot.store import outbox
from triagebot.store.tables import Agent, Card, Conversation, Event, Ticket
from triagebot.text import clip, one_line, spoken_span, spoken_time

MARKS = {"P1": "🔴", "P2": "🟠", "P3": "🟡", "P4": "⚪"}
_RECENT_MESSAGES = 4
_ABOUT_A_TICKET = ("ticket", "page")
_SUREST = 0.99
"""No machine is surer than this of what a person means, whatever the figure says after rounding."""


def name_of(ticket: Ticket) -> str:
    return f"ticket:{ticket.id}"


def render(session: Session, office: Office, ticket: Ticket, lang: str, now: datetime) -> Outgoing:
    """What an agent needs at a glance: state, promise, what it is, what the person last said, the buttons that fit."""
    conversation = session.get(Conversation, ticket.conversation_id)
    lines = [
        say(lang, "card.head", mark=MARKS.get(ticket.priority, ""), number=ticket.id, priority=ticket.priority,
            category=office.title(ticket.category, lang)),
        say(lang, "card.place", queue=office.queue_title(ticket.queue, lang),
            platform=office.platform_title(ticket.platform, lang), status=status_words(session, ticket, lang)),
        due_line(session, office, ticket, lang, now),
        say(lang, "card.person", name=(conversation.user_name if conversation else "") or say(lang, "card.nameless"),
            lang=say(lang, f"lang.{ticket.lang}")),
        *card_marks.lines(session, office, ticket, lang, now),
        _why(session, office, ticket, lang),
        _handed(session, ticket, lang),
        *_facts(session, ticket, lang),
        _version(session, office, ticket, lang),
        _judged(session, ticket, lang),
        *_last_words(session, ticket, lang),
    ]  # fmt: skip
    return Outgoing(
        text=clip("\n".join(line for line in lines if line), 3500),
        buttons=buttons.of_ticket(ticket, lang),
        card=name_of(ticket),
        ticket=ticket.id,
    )


def status_words(session: Session, ticket: Ticket, lang: str) -> str:
    holder = session.get(Agent, ticket.assignee_id) if ticket.assignee_id else None
    return say(lang, f"status.{ticket.status}", agent=holder.name if holder else "")


def due_line(session: Session, office: Office, ticket: Ticket, lang: str, now: datetime) -> str:
    """The promise in one line: due when, or late by how much; empty when none is running."""
    if ticket.status not in HUMAN_STATES:
        return ""
    due = answer_due(ticket_clocks(session, office, ticket, now))
    if due is None:
        return ""
    if due < now:
        return say(lang, "card.late", span=spoken_span((now - due).total_seconds(), lang))
    return say(lang, "card.due", at=spoken_time(due, now, office.zone, lang))


def _why(session: Session, office: Office, ticket: Ticket, lang: str) -> str:
    """How sure the brain was and which example the message was most like, or what it took for likelier when an alarm went
    first; as long as nobody corrected it or erased the words."""
    opened = session.exec(select(Event).where(Event.ticket_id == ticket.id, Event.type == "opened")).first()
    verdict = opened.data.get("verdict") if opened is not None else None
    if not verdict or not verdict["evidence"]["nearest"]:
        return ""
    sure = f"{min(verdict['confidence'], _SUREST):.0%}"
    if verdict["category"] == ticket.category:
        return say(lang, "card.why", p=sure, nearest=one_line(verdict["evidence"]["nearest"][0], 60))
    if verdict.get("alarm") == ticket.category:
        return say(lang, "card.why_alarm", p=sure, title=office.title(verdict["category"], lang))
    return ""


def _handed(session: Session, ticket: Ticket, lang: str) -> str:
    """Why a colleague moved it here, in their words, until it moves on."""
    moved = select(Event).where(Event.ticket_id == ticket.id, col(Event.type).in_(("escalated", "queue_changed")))
    last = session.exec(moved.order_by(col(Event.id).desc()).limit(1)).first()
    if last is None or not last.data.get("text"):
        return ""
    return say(lang, "card.handed", agent=last.data.get("agent_name", "?"), reason=one_line(last.data["text"], 200))


def _facts(session: Session, ticket: Ticket, lang: str) -> list[str]:
    """What the person answered to our questions, the last time for each, unless it was erased."""
    rows = session.exec(
        select(Event).where(Event.ticket_id == ticket.id, Event.type == "fact_given").order_by(col(Event.id))
    )
    latest = {row.data["slot"]: row.data for row in rows if "text" in row.data}
    return [say(lang, "card.fact", name=data["title"], value=one_line(data["text"], 120)) for data in latest.values()]


def _version(session: Session, office: Office, ticket: Ticket, lang: str) -> str:
    """Of the app, as far as the person named it."""
    told = select(Event.data).where(Event.ticket_id == ticket.id, col(Event.type).in_(("opened", "classified")))
    named = [data["app_version"] for data in session.exec(told.order_by(col(Event.id))) if "app_version" in data]
    return say(lang, "card.fact", name=_version_title(office, ticket, lang), value=named[-1]) if named else ""


def _version_title(office: Office, ticket: Ticket, lang: str) -> str:
    """What the version of an app that a person named is called: by where they had the trouble, if that is known."""
    if ticket.platform == "unknown":
        return say(lang, "fact.version")
    return say(lang, "fact.version_of", platform=office.platform_title(ticket.platform, lang))


def _judged(session: Session, ticket: Ticket, lang: str) -> str:
    """What the bot made of a strange inquiry, and by which rule."""
    query = select(Event).where(Event.ticket_id == ticket.id, Event.type == "judged")
    last = session.exec(query.order_by(col(Event.id).desc()).limit(1)).first()
    if last is None:
        return ""
    return say(lang, "card.judged", result=say(lang, f"inquiry.result.{last.data['result']}"), rule=last.data["rule"])


def _last_words(session: Session, ticket: Ticket, lang: str) -> list[str]:
    query = select(Event).where(
        Event.ticket_id == ticket.id, col(Event.type).in_(("user_replied", "agent_replied", "note"))
    )
    rows = list(session.exec(query.order_by(col(Event.id).desc()).limit(_RECENT_MESSAGES)))
    return [say(lang, "card.screen" if row.data.get("screen") else f"card.{row.type}",
                text=one_line(row.data.get("text", ""), 300)) for row in reversed(rows)]  # fmt: skip


def announce(session: Session, office: Office, ticket: Ticket, now: datetime) -> None:
    """Show the card to everyone who works on the ticket's queue; for P1 also to supervisors."""
    urgent = ticket.priority == "P1"
    for person in agents.listed(session):
        if person.user and (agents.works_on(person, ticket.queue) or (urgent and agents.may(person, "supervisor"))):
            put(session, office, ticket, person, now)
    _show_in_room(session, office, ticket, now)


def hand(session: Session, office: Office, ticket: Ticket, holder: Agent, now: datetime) -> None:
    """Show the card to ``holder``, who was given the ticket, and as it is now to those who see it already; a P1 also to
    supervisors."""
    shown = set(outbox.chats_with_card(session, name_of(ticket)))
    urgent = ticket.priority == "P1"
    for person in agents.listed(session):
        concerned = person.id == holder.id or (urgent and agents.may(person, "supervisor"))
        if person.user and (concerned or (person.channel, person.user) in shown):
            put(session, office, ticket, person, now)
    _show_in_room(session, office, ticket, now)


def put(session: Session, office: Office, ticket: Ticket, person: Agent, now: datetime) -> None:
    """Send or refresh the card in one agent's chat."""
    to = agents.address(person)
    if to is not None:
        priority = PRIORITY_URGENT if ticket.priority == "P1" else PRIORITY_NOTICE
        outbox.put(session, to, render(session, office, ticket, person.lang, now), now=now, priority=priority,
                   ticket_id=ticket.id)  # fmt: skip


def is_shown(session: Session, ticket: Ticket, person: Agent) -> bool:
    """Whether the card is in this person's chat, or on its way there."""
    return (person.channel, person.user) in outbox.chats_with_card(session, name_of(ticket))


def refresh(session: Session, office: Office, ticket: Ticket, now: datetime) -> None:
    """Bring every card of ``ticket`` up to date: those that were shown, and those that are still to be sent."""
    for channel, chat in outbox.chats_with_card(session, name_of(ticket)):
        person = agents.by_user(session, channel, chat)
        if person is not None:
            put(session, office, ticket, person, now)
    _show_in_room(session, office, ticket, now)


def _show_in_room(session: Session, office: Office, ticket: Ticket, now: datetime) -> None:
    if office.room is None:
        return
    title = say(topics.LANG, "topic.name", mark=MARKS.get(ticket.priority, ""), number=ticket.id, priority=ticket.priority,
                category=office.title(ticket.category, topics.LANG),
                status=status_words(session, ticket, topics.LANG))  # fmt: skip
    topics.show(session, office, ticket, title, render(session, office, ticket, topics.LANG, now), now)


def ticket_behind(session: Session, to: Address, ref: str) -> int | None:
    """The ticket whose card, or about which a call (desk.pages), is the message ``ref`` in this chat: answering it answers the
    ticket."""
    card = session.exec(
        select(Card).where(Card.channel == to.channel, Card.bot == agents.STAFF, Card.chat == to.chat, Card.ref == ref)
    ).first()
    kind, _, number = card.name.partition(":") if card is not None else ("", "", "")
    return int(number.partition(":")[0]) if kind in _ABOUT_A_TICKET else None
