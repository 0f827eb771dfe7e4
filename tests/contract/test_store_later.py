"""Rows that are written together: nobody can tell that they were not written one by one."""

from __future__ import annotations

import contextlib

import pytest
from sqlmodel import Session, col, select

from tests.conftest import FakeClock
from triagebot.messages import Address, Outgoing
from triagebot.store import later, outbox
from triagebot.store.store import Store
from triagebot.store.tables import Outbox


def texts(session: Session) -> list[str]:
    return [row.payload["text"] for row in session.exec(select(Outbox).order_by(col(Outbox.id)))]


class Writer:
    def __init__(self, session: Session, clock: FakeClock) -> None:
        self.session, self.clock = session, clock

    def put(self, text: str) -> None:
        outbox.put(self.session, Address("telegram", "1", "7"), Outgoing(text), now=self.clock())


def test_who_reads_in_between_sees_everything_so_far_in_order(store: Store, clock: FakeClock) -> None:
    def run(session: Session) -> list[list[str]]:
        writer, seen = Writer(session, clock), []
        for n in range(3):
            writer.put(f"m{n}")
            if n != 1:
                seen.append(texts(session))
        return seen

    assert store.write_now(run) == [["m0"], ["m0", "m1", "m2"]]
    assert store.read_now(texts) == ["m0", "m1", "m2"]


def test_a_call_that_fails_leaves_none_of_them_and_none_for_the_next(store: Store, clock: FakeClock) -> None:
    def fail(session: Session) -> None:
        Writer(session, clock).put("lost")
        raise KeyError("no")

    with pytest.raises(KeyError):
        store.write_now(fail)
    store.write_now(lambda s: Writer(s, clock).put("kept"))
    assert store.read_now(texts) == ["kept"]


@pytest.mark.parametrize("reads", [False, True])
def test_a_savepoint_undoes_what_was_added_in_it_and_nothing_else(store: Store, clock: FakeClock, reads: bool) -> None:
    def run(session: Session) -> None:
        writer = Writer(session, clock)
        writer.put("before")
        with contextlib.suppress(KeyError), later.savepoint(session):
            writer.put("inside")
            if reads:
                assert texts(session) == ["before", "inside"]
            raise KeyError("no")
        writer.put("after")

    store.write_now(run)
    assert store.read_now(texts) == ["before", "after"]


def test_a_savepoint_of_another_kind_is_refused_when_rows_wait(store: Store, clock: FakeClock) -> None:
    """It would take them with it."""

    def run(session: Session) -> None:
        Writer(session, clock).put("before")
        with session.begin_nested():
            raise AssertionError("never reached")

    with pytest.raises(RuntimeError, match="savepoint"):
        store.write_now(run)
    assert store.read_now(texts) == []
