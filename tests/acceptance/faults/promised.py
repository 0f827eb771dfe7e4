"""What became of promises: who was told of which breach, how often."""

from __future__ import annotations

import re
from collections import Counter

from sqlmodel import col, select

from tests.acceptance.fake_telegram import FakeTelegram
from triagebot.store.store import Store
from triagebot.store.tables import Event, Lease, Ticket


def breaches(store: Store) -> Counter[int]:
    """By ticket: how often the event log says that its first answer came too late."""
    rows = store.read_now(
        lambda s: s.exec(select(Event.ticket_id, Event.data).where(Event.type == "sla_breached")).all()
    )
    return Counter(ticket for ticket, data in rows if data["metric"] == "first_response")


def told(telegram: FakeTelegram, chat: int, ticket: int) -> int:
    """How often ``chat`` was told that the first answer to ``ticket`` is late; several may share a message or a line."""
    return sum(len(re.findall(rf"🚨 #{ticket}（[^）]*）首次回复", text)) for text in telegram.texts(chat))


def tickets(store: Store) -> list[int]:
    return [n for n in store.read_now(lambda s: s.exec(select(Ticket.id).order_by(col(Ticket.id))).all()) if n]


def holder(store: Store, lease: str) -> int:
    """The process that has it, or had it last; 0 before anybody had."""
    found = store.read_now(lambda s: s.exec(select(Lease.holder).where(col(Lease.name).startswith(lease))).first())
    return int(found.split(":")[1]) if found else 0
