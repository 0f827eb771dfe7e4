"""What was handled and what was sent goes after a week, so that both boxes stay small: the log of the tickets has the words.

A handled message is kept because a network may bring it again: Telegram does for a day at most. What was sent is kept for
people who look into trouble; messages with a key stay, for the key is what says that they were sent. The newest row stays
too: SQLite would use its number again.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Delete, Table, bindparam, delete, func, literal_column, select
from sqlmodel import Session

from triagebot.store.columns import UtcDateTime
from triagebot.store.statements import run, table_of
from triagebot.store.tables import Inbox, Outbox

KEPT = timedelta(days=7)
_MOST = 1000


def _oldest(box: Table, state: str, ended: str) -> Delete:
    """Only the oldest rows are looked at: they come first in the primary key, and no other index is needed."""
    over = select(box.c.id).where(box.c.state == literal_column(f"'{state}'")).order_by(box.c.id).limit(_MOST)
    if "key" in box.c:
        over = over.where(box.c.key.is_(None))
    newest = select(func.max(box.c.id)).scalar_subquery()
    old = box.c[ended] < bindparam("before", type_=UtcDateTime)
    return delete(box).where(box.c.id.in_(over), box.c.id < newest, old)


_FORGET = (_oldest(table_of(Inbox), "done", "done_at"), _oldest(table_of(Outbox), "sent", "sent_at"))


def forget(session: Session, before: datetime) -> None:
    """Delete what was finished before that moment, at most a thousand rows of each box."""
    for statement in _FORGET:
        run(session, statement, {"before": before})
