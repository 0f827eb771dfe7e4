"""Who may do what only one process may do. A new holder gets a higher term, so that an old one can be told apart.

``now`` is the database's time (store.clock): a host with a wrong clock must not hold a lease for a day.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import bindparam, update
from sqlmodel import Session, col, select

from triagebot.store import holders
from triagebot.store.columns import UtcDateTime
from triagebot.store.statements import PerDialect, run, table_of
from triagebot.store.tables import Lease

_LEASE = table_of(Lease)
_FIRST = PerDialect(lambda insert: insert(_LEASE).on_conflict_do_nothing(index_elements=["name"]))
_EXTEND = (
    update(_LEASE)
    .where(
        _LEASE.c.name == bindparam("lease"),
        _LEASE.c.holder == bindparam("who"),
        _LEASE.c.term == bindparam("since_term"),
        _LEASE.c.expires_at > bindparam("now", type_=UtcDateTime),
    )
    .values(expires_at=bindparam("until", type_=UtcDateTime))
)
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def acquire(session: Session, name: str, holder: str, now: datetime, ttl_s: float) -> int | None:
    """Take or extend the lease for ``ttl_s`` wall seconds; returns its term, or None while somebody else holds it.

    A holder that died on this machine is none any more; one that is silent has it for ``ttl_s`` more at most.
    """
    expires = now + timedelta(seconds=ttl_s)
    run(session, _FIRST.on(session), {"name": name, "holder": holder, "term": 1, "expires_at": expires})
    lease = session.get(Lease, name, with_for_update=True, populate_existing=True)
    if lease is None:
        return None
    if lease.holder != holder and lease.expires_at > now and not holders.is_dead(lease.holder):
        if lease.expires_at > expires:  # a clock that was put back since must not keep everybody out for a day
            lease.expires_at = expires
            session.add(lease)
        return None
    if lease.holder != holder:
        lease.holder, lease.term = holder, lease.term + 1
    lease.expires_at = expires
    session.add(lease)
    return lease.term


def extend(session: Session, name: str, holder: str, term: int, now: datetime, ttl_s: float) -> bool:
    """The fence of what is written under a lease: whether it is still held in ``term``, and has not run out.

    If so it is held for ``ttl_s`` wall seconds more, and nobody takes it before this transaction has ended.
    """
    until = now + timedelta(seconds=ttl_s)
    values = {"lease": name, "who": holder, "since_term": term, "now": now, "until": until}
    return run(session, _EXTEND, values).rowcount == 1


def lasts(session: Session, name: str, holder: str, term: int, until: datetime) -> bool:
    """Whether it is ``holder``'s in ``term``, and nobody else's before ``until``. Only looks."""
    lease = session.get(Lease, name)
    return lease is not None and (lease.holder, lease.term) == (holder, term) and lease.expires_at > until


def release(session: Session, name: str, holder: str) -> None:
    """Let go at once; nothing happens when ``holder`` does not hold it. The term stays, for the next one to exceed."""
    mine = (col(Lease.name) == name, col(Lease.holder) == holder)
    session.execute(update(Lease).where(*mine).values(expires_at=_LONG_AGO))


def running(session: Session, now: datetime) -> list[str]:
    """Who holds anything at ``now``, and is not known to be dead: the processes that work on this database."""
    held = session.exec(select(Lease.holder).where(col(Lease.expires_at) > now).distinct())
    return sorted(holder for holder in held if not holders.is_dead(holder))


def holder_of(session: Session, name: str) -> str:
    """Who has or had it last; "" when nobody ever did."""
    lease = session.get(Lease, name)
    return lease.holder if lease is not None else ""
