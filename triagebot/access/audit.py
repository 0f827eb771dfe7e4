"""The audit log: who did or tried what at the desk. Append only; each row's hash covers the row before it.

Rows name people and things by number and hold no word of a user, so that erasing a person need not touch them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Literal

from sqlmodel import Session, col, select

from triagebot.store.statements import PerDialect, run, table_of
from triagebot.store.tables import Audit, AuditHead

Outcome = Literal["done", "refused", "denied"]
"""``denied``: they may not; ``refused``: it could not be done."""

FIRST = "0" * 64
"""What the first row takes for the hash of the one before."""
HEAD = 1
"""The number of the one row of AuditHead."""
_BEGIN = PerDialect(lambda insert: insert(table_of(AuditHead)).on_conflict_do_nothing())


def note(
    session: Session, now: datetime, actor: str, action: str, *, target: str = "", outcome: Outcome = "done",
    data: Mapping[str, Any] | None = None,
) -> Audit:  # fmt: skip
    """Append a row. ``actor`` as in events (``agent:<id>``, ``system``), or ``user:<channel>:<id>`` for who is no agent.

    ``target``: ``ticket:12``, ``agent:3``, a path. Whoever appends holds the head until the transaction ends."""
    head = session.get(AuditHead, HEAD, with_for_update=True, populate_existing=True) or _first_head(session)
    row = Audit(id=head.last + 1, at=now, actor=actor, action=action, target=target, outcome=outcome,
                data=dict(data or {}), previous=head.hash, hash="")  # fmt: skip
    row.hash = hash_of(row)
    head.last, head.hash = row.id or 0, row.hash
    session.add(row)
    session.flush()
    return row


def _first_head(session: Session) -> AuditHead:
    """Several may append the first row at once: one of them comes first."""
    run(session, _BEGIN.on(session), {"id": HEAD, "last": 0, "hash": FIRST})
    return session.get_one(AuditHead, HEAD, with_for_update=True, populate_existing=True)


def hash_of(row: Any) -> str:
    """SHA-256 over the row's values and the hash of the row before, the same on every kind of database. ``row``: an Audit,
    or what was read of its table."""
    values = [row.id, row.at.astimezone(UTC).isoformat(timespec="microseconds"), row.actor, row.action, row.target,
              row.outcome, row.data, row.previous]  # fmt: skip
    return sha256(json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def listed(session: Session, since: datetime | None, actor: str = "", most: int = 1000) -> list[Audit]:
    """The newest ``most`` rows from ``since`` on, oldest first; ``actor``: only theirs."""
    query = select(Audit).order_by(col(Audit.id).desc()).limit(most)
    if since is not None:
        query = query.where(col(Audit.at) >= since)
    if actor:
        query = query.where(Audit.actor == actor)
    return list(session.exec(query))[::-1]
