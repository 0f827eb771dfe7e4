"""Browsers that are signed in. The cookie holds a random key, the database its hash; signing out ends it at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import Session, col, select

from triagebot.access import tokens
from triagebot.store.tables import Agent, WebSession

IDLE = timedelta(hours=12)
LONGEST = timedelta(days=7)
"""Wall time: a shift without a click, and a working week."""
_NOTED_EVERY = timedelta(minutes=5)


@dataclass(frozen=True)
class SignedIn:
    """``agent`` as it is now: a role that was taken away is gone with the next request."""

    agent: Agent
    csrf: str
    session_id: int


def begin(session: Session, agent_id: int, now: datetime) -> str:
    """A new session of this agent; returns the key for the cookie. What has ended is cleared away."""
    forget(session, now)
    key = tokens.new()
    session.add(
        WebSession(key_hash=tokens.hashed(key), agent_id=agent_id, csrf=tokens.new(), created_at=now, seen_at=now,
                   expires_at=now + LONGEST)
    )  # fmt: skip
    session.flush()
    return key


def look(session: Session, key: str, now: datetime) -> tuple[SignedIn, bool] | None:
    """Who is signed in with ``key``, and whether it is time to ``touch``; None when nobody is any more."""
    query = select(WebSession, Agent).join(Agent, col(Agent.id) == col(WebSession.agent_id))
    found = session.exec(query.where(WebSession.key_hash == tokens.hashed(key), col(Agent.active))).first()
    if found is None:
        return None
    row, agent = found
    if row.expires_at <= now or row.seen_at + IDLE <= now:
        return None
    return SignedIn(agent, row.csrf, row.id or 0), row.seen_at + _NOTED_EVERY <= now


def touch(session: Session, session_id: int, now: datetime) -> None:
    row = session.get(WebSession, session_id)
    if row is not None:
        row.seen_at = now


def end(session: Session, key: str) -> None:
    session.execute(delete(WebSession).where(col(WebSession.key_hash) == tokens.hashed(key)))


def end_all(session: Session, agent_id: int) -> None:
    session.execute(delete(WebSession).where(col(WebSession.agent_id) == agent_id))


def forget(session: Session, before: datetime) -> None:
    """Delete what ended before that moment."""
    session.execute(delete(WebSession).where(col(WebSession.expires_at) <= before))
