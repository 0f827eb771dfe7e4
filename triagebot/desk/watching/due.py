"""The tick's part of watch mode: what is due is said, a batch at a time; the row and what is to be said are one transaction."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from triagebot.desk.office import Office
from triagebot.desk.watching import news, reminders, subscriptions
from triagebot.store.incident_tables import Watch


def run_due(session: Session, office: Office, now: datetime, limit: int = 100) -> int:
    """Returns how much was due."""
    news.spread(session, office, now)
    query = (
        select(Watch).where(Watch.state == "on", col(Watch.next_at) <= now).order_by(col(Watch.next_at), col(Watch.id))
    )
    due = list(session.exec(query.limit(limit).with_for_update(skip_locked=True)))
    reminders.tell(session, office, [row for row in due if row.kind == subscriptions.REMINDER], now)
    news.tell(session, office, [row for row in due if row.kind == subscriptions.NEWS], now)
    return len(due)
