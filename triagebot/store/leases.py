"""Who may do what only one process may do. A new holder gets a higher term, so that an old one can be told apart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import update
from sqlmodel import Session, col

from triagebot.store.statements import PerDialect, run, table_of
from triagebot.store.tables import Lease

_FIRST = PerDialect(lambda insert: insert(table_of(Lease)).on_conflict_do_nothing(index_elements=["name"]))
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def acquire(session: Session, name: str, holder: str, now: datetime, ttl_s: float) -> int | None:
    """Take or extend the lease for ``ttl_s`` wall seconds; returns its term, or None while somebody else holds it."""
    expires = now + timedelta(seconds=ttl_s)
    run(session, _FIRST.on(session), {"name": name, "holder": holder, "term": 1, "expires_at": expires})
    lease = session.get(Lease, name, with_for_update=True, populate_existing=True)
    if lease is None or (lease.holder != holder and lease.expires_at > now):
        return None
    if lease.holder != holder:
        lease.holder, lease.term = holder, lease.term + 1
    lease.expires_at = expires
    session.add(lease)
    return lease.term


def release(session: Session, name: str, holder: str) -> None:
    """Let go at once; nothing happens when ``holder`` does not hold it. The term stays, for the next one to exceed."""
    mine = (col(Lease.name) == name, col(Lease.holder) == holder)
    session.execute(update(Lease).where(*mine).values(expires_at=_LONG_AGO))
