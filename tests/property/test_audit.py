"""Any one change to any column of any row of the audit log is found, at that row."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import StaticPool, create_engine, insert, update
from sqlmodel import Session, SQLModel

from triagebot.access import audit, audit_check
from triagebot.access.audit_check import Head
from triagebot.store.statements import table_of
from triagebot.store.tables import Audit

START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
TABLE = table_of(Audit)

words = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
moments = st.integers(0, 10**12).map(lambda us: START + timedelta(microseconds=us))
facts = st.dictionaries(words, st.none() | st.booleans() | st.integers(-(2**40), 2**40) | words, max_size=3)
entries = st.fixed_dictionaries({
    "actor": words, "action": words, "target": words, "outcome": st.sampled_from(["done", "refused", "denied"]), "data": facts,
})  # fmt: skip
logs = st.lists(st.tuples(moments, entries), min_size=1, max_size=6)
COLUMNS: dict[str, st.SearchStrategy[Any]] = {
    "id": st.integers(-5, 20), "at": moments, "actor": words, "action": words, "target": words, "outcome": words,
    "data": facts, "previous": words, "hash": words | st.just("0" * 64),
}  # fmt: skip


def written(log: list[tuple[datetime, dict[str, Any]]]) -> Session:
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    SQLModel.metadata.create_all(engine)
    session = Session(engine)
    for at, entry in log:
        audit.note(session, at, entry["actor"], entry["action"], target=entry["target"], outcome=entry["outcome"],
                   data=entry["data"])  # fmt: skip
    session.flush()
    session.expunge_all()
    return session


def differs(one: Any, other: Any) -> bool:
    """As the log means it: 1 and true are not the same."""
    return repr(one) != repr(other)


@given(logs)
@settings(max_examples=40, deadline=None)
def test_what_was_written_is_sound(log: list[tuple[datetime, dict[str, Any]]]) -> None:
    with written(log) as session:
        found = audit_check.verify(session, audit_check.head(session))
        assert (found.rows, found.broken) == (len(log), None)


@given(logs, st.data())
@settings(max_examples=150, deadline=None)
def test_one_change_to_one_column_of_one_row_is_found(
    log: list[tuple[datetime, dict[str, Any]]], data: st.DataObject
) -> None:
    with written(log) as session:
        rows = session.connection().execute(TABLE.select().order_by(TABLE.c.id)).all()
        row = data.draw(st.sampled_from(rows))
        column = data.draw(st.sampled_from(sorted(COLUMNS)))
        free = {"id": lambda value: value not in {r.id for r in rows}}.get(
            column, lambda value: differs(value, getattr(row, column))
        )
        value = data.draw(COLUMNS[column].filter(free))
        session.connection().execute(update(TABLE).where(TABLE.c.id == row.id).values({column: value}))
        broken = audit_check.verify(session).broken
        assert broken is not None
        if column == "id":
            assert broken.row == (value if value < 1 else row.id)
        else:
            assert broken.row == row.id


@given(logs, st.data())
@settings(max_examples=60, deadline=None)
def test_a_row_put_in_or_taken_out_anywhere_is_found(
    log: list[tuple[datetime, dict[str, Any]]], data: st.DataObject
) -> None:
    with written(log) as session:
        rows = session.connection().execute(TABLE.select().order_by(TABLE.c.id)).all()
        if data.draw(st.booleans()):
            gone = data.draw(st.sampled_from(rows)).id
            session.connection().execute(TABLE.delete().where(TABLE.c.id == gone))
            expected = gone
        else:
            like = data.draw(st.sampled_from(rows))._asdict()
            expected = data.draw(st.integers(-3, 12).filter(lambda id: id not in {r.id for r in rows}))
            session.connection().execute(insert(TABLE).values({**like, "id": expected}))
            expected = expected if expected < 1 else len(rows) + 1
        broken = audit_check.verify(session).broken
        assert broken is not None
        assert broken.row == expected


@given(logs, moments)
@settings(max_examples=40, deadline=None)
def test_a_head_that_was_kept_vouches_for_all_rows_before_it(
    log: list[tuple[datetime, dict[str, Any]]], at: datetime
) -> None:
    """Who writes the log anew from some row on, with hashes that fit, cannot meet the kept head again."""
    with written([*log, (at, {**log[0][1], "action": "the last"})]) as session:
        kept = audit_check.head(session)
    with written([*log, (at, {**log[0][1], "action": "another"})]) as session:
        broken = audit_check.verify(session, kept).broken
        assert broken is not None
        assert broken.row == kept.number
        assert audit_check.verify(session, Head(None, kept.hash)).broken is not None
