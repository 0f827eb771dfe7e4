"""Links that work once and expire: signing in to the web desk, and invitations to join it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import delete, or_, update
from sqlmodel import Session, col, select

from triagebot.access import tokens
from triagebot.errors import DeniedError
from triagebot.store.tables import OneTimeLink

Purpose = Literal["sign_in", "invitation"]
LIFETIME: Mapping[Purpose, timedelta] = {"sign_in": timedelta(minutes=10), "invitation": timedelta(days=3)}
"""Wall time. Who asked for a link to sign in is about to use it; an invitation may lie over a weekend."""


def issue(
    session: Session, purpose: Purpose, now: datetime, *, by: str, agent_id: int | None = None,
    data: Mapping[str, Any] | None = None,
) -> str:  # fmt: skip
    """The token of a new link. ``by``: an actor as in events; ``data``: what an invitation grants."""
    token = tokens.new()
    session.add(
        OneTimeLink(purpose=purpose, token_hash=tokens.hashed(token), agent_id=agent_id, data=dict(data or {}),
                    created_by=by, created_at=now, expires_at=now + LIFETIME[purpose])
    )  # fmt: skip
    session.flush()
    return token


def redeem(session: Session, purpose: Purpose, token: str, now: datetime) -> OneTimeLink:
    """As ``redeem_hashed``, by the token itself."""
    return redeem_hashed(session, purpose, tokens.hashed(token), now)


def redeem_hashed(session: Session, purpose: Purpose, token_hash: str, now: datetime) -> OneTimeLink:
    """Use the link up; of several who try at once one succeeds. DeniedError (``link.unknown``, ``link.used`` or
    ``link.expired``: keys of the catalogue) when it cannot be used."""
    found = session.exec(
        select(OneTimeLink).where(OneTimeLink.token_hash == token_hash, OneTimeLink.purpose == purpose)
    ).first()
    if found is None:
        raise DeniedError("link.unknown")
    if found.used_at is None and found.expires_at <= now:
        raise DeniedError("link.expired")
    taken = session.connection().execute(
        update(OneTimeLink)
        .where(col(OneTimeLink.id) == found.id, col(OneTimeLink.used_at).is_(None))
        .values(used_at=now)
    )
    if taken.rowcount != 1:
        raise DeniedError("link.used")
    return found


def withdraw(session: Session, agent_id: int) -> None:
    """What nobody has used yet of the links that this agent was given, or gave to others, works no more."""
    theirs = or_(col(OneTimeLink.agent_id) == agent_id, col(OneTimeLink.created_by) == f"agent:{agent_id}")
    session.execute(delete(OneTimeLink).where(theirs, col(OneTimeLink.used_at).is_(None)))


def forget(session: Session, before: datetime) -> None:
    """Delete what ran out before that moment."""
    session.execute(delete(OneTimeLink).where(col(OneTimeLink.expires_at) < before))
