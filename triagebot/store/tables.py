"""Tables on one page: ticket, event, inbox and outbox share transactions, so they are read together; what is about many
people at once is in incident_tables.

Times are ``datetime`` with a zone everywhere in Python and UTC with microseconds in the database. Text columns hold
redacted text only (see privacy.py).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Integer, UniqueConstraint
from sqlmodel import Column, Field, SQLModel

from triagebot.store import incident_tables  # noqa: F401  (tickets refer to incidents; together they are all tables)
from triagebot.store.columns import BigId, facts, index_where, moment, number


class Conversation(SQLModel, table=True):
    """One person's chat with the bot on one channel; ``memory`` is dialogue.state.Memory as JSON."""

    __table_args__ = (
        UniqueConstraint("channel", "bot", "chat"),
        index_where("state <> 'erased'", "ix_conversation_kept", "updated_at"),
    )

    id: int | None = number()
    channel: str
    bot: str
    chat: str
    user: str = Field(index=True)
    user_name: str = ""
    lang: str = ""
    state: str = "idle"
    memory: dict[str, Any] = facts()
    ticket_id: int | None = Field(default=None, sa_type=BigId)
    version: int = 0
    created_at: datetime = moment()
    updated_at: datetime = moment()


class Ticket(SQLModel, table=True):
    """The projection of a ticket's events; only desk.tickets.record() writes the projected columns.

    ``status``: bot | queued | assigned | pending | on_hold | resolved | closed | merged (docs/glossary.md).
    ``next_due_at`` is the next moment at which a clock needs a look (a warning or a breach), else null.
    ``sla`` is the policy that was promised, with its calendar's id (see sla.policy).
    ``due_at`` is the nearest due moment of a clock that runs (``due_metric``), past when it was missed, null while none does.
    ``tags``: comma separated, in order. ``snoozed_until``: put off until then by whoever holds it.
    """

    __table_args__ = (
        index_where("next_due_at IS NOT NULL", "ix_ticket_due", "next_due_at"),
        Index("ix_ticket_queue", "status", "queue", "next_due_at"),
        Index("ix_ticket_board", "status", "queue", "priority", "due_at"),
        Index("ix_ticket_idle", "status", "updated_at"),
        index_where("snoozed_until IS NOT NULL", "ix_ticket_snoozed", "snoozed_until"),
    )

    id: int | None = number()
    conversation_id: int = Field(foreign_key="conversation.id", index=True, sa_type=BigId)
    status: str = "bot"
    category: str = "other.out_of_scope"
    platform: str = "unknown"
    priority: str = "P4"
    queue: str = ""
    assignee_id: int | None = Field(default=None, foreign_key="agent.id", index=True, sa_type=BigId)
    lang: str = "zh"
    summary: str = ""
    rating: int | None = None
    sla: dict[str, Any] = facts()
    created_at: datetime = moment()
    updated_at: datetime = moment()
    escalated_at: datetime | None = moment(nullable=True)
    first_response_at: datetime | None = moment(nullable=True)
    resolved_at: datetime | None = moment(nullable=True)
    next_due_at: datetime | None = moment(nullable=True)
    due_at: datetime | None = moment(nullable=True)
    due_metric: str = ""
    tags: str = ""
    snoozed_until: datetime | None = moment(nullable=True)
    incident_id: int | None = Field(default=None, foreign_key="incident.id", index=True, sa_type=BigId)


class Event(SQLModel, table=True):
    """What happened to a ticket: append only. ``actor``: user | bot | system | agent:<id>."""

    __table_args__ = (
        Index("ix_event_ticket", "ticket_id", "id"),
        index_where("type IN ('opened', 'classified', 'category_changed')", "ix_event_reports", "at"),
    )

    id: int | None = number()
    ticket_id: int = Field(foreign_key="ticket.id", sa_type=BigId)
    at: datetime = moment()
    type: str
    actor: str
    data: dict[str, Any] = facts()


class Agent(SQLModel, table=True):
    """A person who works at the desk. ``user`` is the id on ``channel``; ``role``: agent | supervisor | admin.

    ``available``: takes part in automatic assignment now; ``assigned_at``: when it last gave them a ticket."""

    __table_args__ = (UniqueConstraint("name"),)

    id: int | None = number()
    name: str
    role: str = "agent"
    channel: str = ""
    user: str = Field(default="", index=True)
    queues: str = ""
    lang: str = "zh"
    active: bool = True
    available: bool = False
    assigned_at: datetime | None = moment(nullable=True)
    created_at: datetime = moment()


class Inbox(SQLModel, table=True):
    """What arrived. ``state``: pending | done | dead | dropped. ``payload`` is messages.Incoming, redacted; empty once dropped.

    ``claimed_by``: the process that has taken the message up, or handled it (store.holders); "" for none, and always "" where
    one process does everything. Until ``claimed_until``, by the database's clock, no other takes it up.
    ``lane``: who comes first (store.lanes), as it was known when the message arrived."""

    __table_args__ = (
        UniqueConstraint("channel", "bot", "external_id"),
        index_where("state = 'pending'", "ix_inbox_pending", "channel", "bot", "chat", "id"),
        index_where("state = 'pending'", "ix_inbox_next", "lane", "id"),
        index_where("channel = 'web'", "ix_inbox_web", "chat", "id"),
        index_where("state = 'dead'", "ix_inbox_dead", "done_at"),
    )

    id: int | None = number()
    channel: str
    bot: str
    external_id: str
    chat: str
    state: str = "pending"
    attempts: int = 0
    not_before: datetime | None = moment(nullable=True)
    received_at: datetime = moment()
    done_at: datetime | None = moment(nullable=True)
    payload: dict[str, Any] = facts()
    error: str = ""
    claimed_by: str = ""
    claimed_until: datetime | None = moment(nullable=True)
    lane: int = 0


class Outbox(SQLModel, table=True):
    """What is to be said. ``state``: pending | sent | dead | dropped. One chat's messages go in order: a message
    waits for all earlier ones of its chat. ``key`` makes a notice unique; ``card`` see messages.Outgoing."""

    __table_args__ = (
        UniqueConstraint("key"),
        index_where("state = 'pending'", "ix_outbox_pending", "channel", "bot", "chat", "id"),
        index_where("state = 'pending'", "ix_outbox_next", "priority", "id"),
        index_where("channel = 'web'", "ix_outbox_web", "chat", "id"),
        index_where("state = 'dead'", "ix_outbox_dead", "sent_at"),
    )

    id: int | None = number()
    channel: str
    bot: str
    chat: str
    state: str = "pending"
    priority: int = 1
    attempts: int = 0
    not_before: datetime | None = moment(nullable=True)
    created_at: datetime = moment()
    sent_at: datetime | None = moment(nullable=True)
    key: str | None = None
    card: str = ""
    ticket_id: int | None = Field(default=None, sa_type=BigId)
    payload: dict[str, Any] = facts()
    error: str = ""


class Card(SQLModel, table=True):
    """A message in a chat that is edited in place; ``ref`` is the network's id of it."""

    __table_args__ = (
        UniqueConstraint("channel", "bot", "chat", "name"),
        Index("ix_card_ref", "channel", "bot", "chat", "ref"),
    )

    id: int | None = number()
    channel: str
    bot: str
    chat: str
    name: str
    ref: str


class Notice(SQLModel, table=True):
    """A step of a clock that was reached: unique per ticket, clock and step, so that it is acted on once.

    ``tell``: whom it concerns (desk.notices); ``tell_at``: when they are to hear of it, null once they did.
    """

    __table_args__ = (
        UniqueConstraint("ticket_id", "clock", "step"),
        index_where("tell_at IS NOT NULL", "ix_notice_tell", "tell_at"),
    )

    id: int | None = number()
    ticket_id: int = Field(foreign_key="ticket.id", sa_type=BigId)
    clock: str
    step: str
    at: datetime = moment()
    tell: str = ""
    tell_at: datetime | None = moment(nullable=True)


class Followup(SQLModel, table=True):
    """The bot's promise to come back to a person: ``kind`` names the words, ``due_at`` the moment."""

    __table_args__ = (index_where("state = 'pending'", "ix_followup_due", "due_at"),)

    id: int | None = number()
    conversation_id: int = Field(foreign_key="conversation.id", index=True, sa_type=BigId)
    ticket_id: int = Field(foreign_key="ticket.id", index=True, sa_type=BigId)
    kind: str
    due_at: datetime = moment()
    state: str = "pending"


class ReportSent(SQLModel, table=True):
    """A scheduled report that was put into the outbox: one for each audience and end of a period, whoever did it."""

    __tablename__ = "report_sent"
    __table_args__ = (UniqueConstraint("audience", "until"),)

    id: int | None = number()
    audience: str
    until: datetime = moment()
    at: datetime = moment()


class Lease(SQLModel, table=True):
    """Who may do a thing that only one process may do; ``term`` grows with each new holder.

    ``expires_at`` is by the database's clock (store.clock)."""

    name: str = Field(primary_key=True)
    holder: str
    term: int
    expires_at: datetime = moment()


class Page(SQLModel, table=True):
    """A call to one person of the on-call chain about a P1 ticket. ``step``: the place in the chain, from 0.
    ``state``: waiting (until ``until``) | acknowledged | passed_on | ended."""

    __table_args__ = (
        UniqueConstraint("ticket_id", "round", "step"),
        index_where("state = 'waiting'", "ix_page_waiting", "until"),
    )

    id: int | None = number()
    ticket_id: int = Field(foreign_key="ticket.id", sa_type=BigId)
    agent_id: int = Field(foreign_key="agent.id", sa_type=BigId)
    round: int = 0
    step: int = 0
    state: str = "waiting"
    at: datetime = moment()
    until: datetime = moment()


class Presence(SQLModel, table=True):
    """An agent who looks at a ticket, and what they have written and not sent yet. Gone from sight when ``seen_at`` is old."""

    __table_args__ = (UniqueConstraint("ticket_id", "agent_id"),)

    id: int | None = number()
    ticket_id: int = Field(foreign_key="ticket.id", index=True, sa_type=BigId)
    agent_id: int = Field(foreign_key="agent.id", sa_type=BigId)
    seen_at: datetime = moment()
    draft: str = ""
    draft_at: datetime | None = moment(nullable=True)


class OneTimeLink(SQLModel, table=True):
    """A link that works once: ``purpose`` sign_in | invitation. ``token_hash``: SHA-256 of the token, which is kept nowhere.
    ``data``: what an invitation grants."""

    __tablename__ = "one_time_link"
    __table_args__ = (UniqueConstraint("token_hash"),)

    id: int | None = number()
    purpose: str
    token_hash: str
    agent_id: int | None = Field(default=None, foreign_key="agent.id", sa_type=BigId)
    data: dict[str, Any] = facts()
    created_by: str = ""
    created_at: datetime = moment()
    expires_at: datetime = moment()
    used_at: datetime | None = moment(nullable=True)


class WebSession(SQLModel, table=True):
    """A browser that is signed in. ``key_hash``: SHA-256 of the cookie's value; ``csrf``: what its forms must carry."""

    __tablename__ = "web_session"
    __table_args__ = (UniqueConstraint("key_hash"),)

    id: int | None = number()
    key_hash: str
    agent_id: int = Field(foreign_key="agent.id", index=True, sa_type=BigId)
    csrf: str
    created_at: datetime = moment()
    seen_at: datetime = moment()
    expires_at: datetime = moment()


class Audit(SQLModel, table=True):
    """Who did or tried what at the desk; append only (triggers refuse the rest), each row's hash covers the one before."""

    id: int | None = Field(default=None, sa_column=Column(BigId, primary_key=True, autoincrement=False))
    at: datetime = moment()
    actor: str
    action: str
    target: str = ""
    outcome: str = "done"
    data: dict[str, Any] = facts()
    previous: str
    hash: str


class AuditHead(SQLModel, table=True):
    """The last row of the audit log: whoever appends holds this row, and a log that was cut off at its end shows."""

    __tablename__ = "audit_head"

    id: int | None = Field(default=None, sa_column=Column(Integer, primary_key=True, autoincrement=False))
    last: int = Field(sa_type=BigId)
    hash: str
