"""The audit log in tests: what it says, and changes to it behind the product's back."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from triagebot.access import audit, audit_check
from triagebot.access.audit_check import Head, Verified
from triagebot.store import engines
from triagebot.store.store import Store
from triagebot.store.tables import Audit


def write(store: Store, at: datetime, count: int = 1) -> None:
    """So many rows, each a transaction of its own."""
    for number in range(count):
        store.write_now(audit.note, at, "agent:1", "take", target=f"ticket:{number}", data={"number": number})


def said(store: Store) -> list[tuple[str, str, str, str]]:
    """(actor, action, target, outcome) of all rows, oldest first."""

    def read(session: Session) -> list[tuple[str, str, str, str]]:
        rows = session.exec(select(Audit).order_by(col(Audit.id)))
        return [(row.actor, row.action, row.target, row.outcome) for row in rows]

    return store.read_now(read)


def verified(store: Store, kept: Head | None = None) -> Verified:
    return store.read_now(audit_check.verify, kept)


def tamper(url: str, *statements: str) -> None:
    """As somebody does who may do anything with the database: the triggers are no obstacle to them."""
    engine = sa.create_engine(engines.parse(url))
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.execute(sa.text("DROP TRIGGER IF EXISTS audit_no_update"))
            connection.execute(sa.text("DROP TRIGGER IF EXISTS audit_no_delete"))
        else:
            connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
        for statement in statements:
            connection.execute(sa.text(statement))
    engine.dispose()
