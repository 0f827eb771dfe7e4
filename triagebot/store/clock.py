"""What time it is for leases and claims: one clock for all who share a database, however wrong a host's own may be."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session

from triagebot.store.statements import run

_SERVER_NOW = select(func.clock_timestamp())


def database_now(session: Session, now: datetime) -> datetime:
    """The server's time on PostgreSQL; on SQLite, where all processes are on this machine, ``now``."""
    if session.get_bind().dialect.name == "sqlite":
        return now
    found: datetime = run(session, _SERVER_NOW).scalar_one()
    return found
