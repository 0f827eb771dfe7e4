"""The audit log: who did or tried what at the desk. Append only; each row's hash covers the row before it.

Rows name people and things by number and hold no word of a user, so that erasing a person need not touch them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
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
_HEAD = 1
_BATCH = 1000
_BEGIN = PerDialect(lambda insert: insert(table_of(AuditHead)).on_conflict_do_nothing())


@dataclass(frozen=True)
class Broken:
    """The first place at which the log is not what was written. ``row``: its number; ``words``: what is wrong."""

    row: int
    words: str


def note(
    session: Session, now: datetime, actor: str, action: str, *, target: str = "", outcome: Outcome = "done",
    data: Mapping[str, Any] | None = None,
) -> Audit:  # fmt: skip
    """Append a row. ``actor`` as in events (``agent:<id>``, ``system``), or ``user:<channel>:<id>`` for who is no agent.

    ``target``: ``ticket:12``, ``agent:3``, a path. Whoever appends holds the head until the transaction ends."""
    head = session.get(AuditHead, _HEAD, with_for_update=True, populate_existing=True) or _first_head(session)
    row = Audit(id=head.last + 1, at=now, actor=actor, action=action, target=target, outcome=outcome,
                data=dict(data or {}), previous=head.hash, hash="")  # fmt: skip
    row.hash = hash_of(row)
    head.last, head.hash = row.id or 0, row.hash
    session.add(row)
    session.flush()
    return row


def _first_head(session: Session) -> AuditHead:
    """Several may append the first row at once: one of them comes first."""
    run(session, _BEGIN.on(session), {"id": _HEAD, "last": 0, "hash": FIRST})
    return session.get_one(AuditHead, _HEAD, with_for_update=True, populate_existing=True)


def hash_of(row: Audit) -> str:
    """SHA-256 over the row's values and the hash of the row before, the same on every kind of database."""
    values = [row.id, row.at.astimezone(UTC).isoformat(timespec="microseconds"), row.actor, row.action, row.target,
              row.outcome, row.data, row.previous]  # fmt: skip
    return sha256(json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def verify(session: Session) -> tuple[int, str, Broken | None]:
    """How many rows are sound, the hash of the last of them, and the first that is not."""
    previous, number = FIRST, 0
    while True:
        rows = session.exec(select(Audit).where(col(Audit.id) > number).order_by(col(Audit.id)).limit(_BATCH)).all()
        for row in rows:
            if row.id != number + 1:
                return number, previous, Broken(number + 1, "it is missing")
            if row.previous != previous or row.hash != hash_of(row):
                return number, previous, Broken(number + 1, "it is not as it was written")
            previous, number = row.hash, number + 1
            session.expunge(row)
        if not rows:
            break
    head = session.get(AuditHead, _HEAD)
    if (head.last if head is not None else 0) != number or (head is not None and head.hash != previous):
        return number, previous, Broken(number + 1, "the end of the log was cut off")
    return number, previous, None
