"""The audit log: nothing can be changed in it unseen, no call leaves a gap, and it holds no word of any person."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import Session, select

from tests.auditing import said, tamper, verified, write
from tests.conftest import FakeClock
from tests.unit.house import House
from triagebot.access import audit, audit_check
from triagebot.access.audit_check import Broken, Head
from triagebot.cli.db_check import problems_of
from triagebot.desk import verbs
from triagebot.desk.team import agents
from triagebot.errors import StoreError, UsageError
from triagebot.settings import Settings
from triagebot.store import engines
from triagebot.store.store import Store
from triagebot.store.tables import Audit, Conversation, Event

WRITERS, EACH = 8, 12


def head_of(store: Store) -> Head:
    return store.read_now(audit_check.head)


def test_a_log_that_nobody_touched_is_sound(store: Store, clock: FakeClock) -> None:
    assert (verified(store).rows, verified(store).broken) == (0, None)
    write(store, clock(), 3)
    found = verified(store, head_of(store))
    assert (found.rows, found.broken) == (3, None)
    assert str(head_of(store)) == f"3:{found.hash}"


@pytest.mark.parametrize("change", ["UPDATE audit SET outcome = 'done' WHERE id = 1", "DELETE FROM audit WHERE id = 1"])
def test_the_database_itself_refuses_to_change_what_was_written(
    store: Store, database_url: str, clock: FakeClock, change: str
) -> None:
    write(store, clock(), 2)
    engine = sa.create_engine(engines.parse(database_url))
    with pytest.raises(sa.exc.DBAPIError, match="append only"), engine.begin() as connection:
        connection.execute(sa.text(change))
    engine.dispose()
    assert verified(store).broken is None


_REST = "at, actor, action, target, outcome, data, previous, hash"
INSERT = f"INSERT INTO audit (id, {_REST}) SELECT {{id}}, {_REST} FROM audit WHERE id = {{like}}"


@pytest.mark.parametrize(
    ("changes", "broken"),
    [
        (["UPDATE audit SET actor = 'agent:2' WHERE id = 3"], Broken(3, "changed")),
        (["DELETE FROM audit WHERE id = 3"], Broken(3, "missing")),
        (["DELETE FROM audit WHERE id = 1"], Broken(1, "missing")),
        (["DELETE FROM audit WHERE id > 3"], Broken(4, "cut")),
        (["DELETE FROM audit"], Broken(1, "cut")),
        ([INSERT.format(id=6, like=5)], Broken(6, "changed")),
        ([INSERT.format(id=0, like=1)], Broken(0, "inserted")),
        (["DELETE FROM audit WHERE id = 3", INSERT.format(id=3, like=2)], Broken(3, "changed")),
        (["DELETE FROM audit_head"], Broken(5, "headless")),
        (["UPDATE audit_head SET last = 4"], Broken(5, "inserted")),
        (["UPDATE audit_head SET hash = 'x'"], Broken(5, "headless")),
    ],
)  # fmt: skip
def test_the_first_row_that_is_not_as_it_was_written_is_named(
    store: Store, database_url: str, clock: FakeClock, changes: list[str], broken: Broken
) -> None:
    write(store, clock(), 5)
    tamper(database_url, *changes)
    assert verified(store).broken == broken


def test_a_check_of_the_database_looks_at_the_log_too(store: Store, database_url: str, clock: FakeClock) -> None:
    write(store, clock(), 3)
    assert problems_of(Settings(database_url=database_url), database_url) == []
    tamper(database_url, "DELETE FROM audit WHERE id = 2")
    assert problems_of(Settings(database_url=database_url), database_url) == ["audit log, row 2: it is missing"]


@pytest.mark.parametrize("value", ["at = 'never'", "at = 5", "data = '{'", "actor = x'00ff'", "hash = x'00'"])
def test_what_sqlite_keeps_and_nobody_can_read_is_named_too(sqlite_url: str, clock: FakeClock, value: str) -> None:
    store = Store.open(sqlite_url)
    write(store, clock(), 3)
    tamper(sqlite_url, f"UPDATE audit SET {value} WHERE id = 2")
    found = verified(store)
    assert found.broken in (Broken(2, "unreadable"), Broken(2, "changed"))
    store.close()


def test_a_log_that_was_written_anew_shows_against_the_head_that_was_kept(
    store: Store, database_url: str, clock: FakeClock
) -> None:
    write(store, clock(), 4)
    kept = head_of(store)
    write(store, clock(), 1)
    assert verified(store, kept).broken is None, "a log that has grown since is sound"
    tamper(database_url, "DELETE FROM audit", "DELETE FROM audit_head")
    write(store, clock.advance(hours=1), 6)
    assert verified(store).broken is None, "by itself it looks sound"
    assert verified(store, kept).broken == Broken(4, "rewritten")
    assert verified(store, Head(None, kept.hash)).broken == Broken(1, "rewritten")
    tamper(database_url, "DELETE FROM audit", "DELETE FROM audit_head")
    write(store, clock(), 2)
    assert verified(store, kept).broken == Broken(3, "cut")


def test_a_kept_head_is_read_as_it_was_printed() -> None:
    some = "ab" * 32
    assert audit_check.parse_head(f" 12:{some.upper()}\n") == Head(12, some)
    assert audit_check.parse_head(some) == Head(None, some)
    for wrong in ("", "12", f"x:{some}", some[:-1], f"12:{some}0"):
        with pytest.raises(UsageError, match="audit head"):
            audit_check.parse_head(wrong)


def test_eight_who_write_at_once_make_one_chain(store: Store, clock: FakeClock) -> None:
    with ThreadPoolExecutor(WRITERS) as writers:
        for written in [writers.submit(write, store, clock(), EACH) for _ in range(WRITERS)]:
            written.result()
    assert (verified(store).rows, verified(store).broken) == (WRITERS * EACH, None)


def test_a_call_that_fails_leaves_no_gap_whoever_writes_beside_it(store: Store, clock: FakeClock) -> None:
    def half(session: Session, at: datetime) -> None:
        audit.note(session, at, "agent:1", "take")
        raise RuntimeError("midway")

    async def together() -> list[object]:
        calls = [
            store.write(half, clock()) if n % 3 == 1 else store.write(audit.note, clock(), "agent:2", "take")
            for n in range(30)
        ]
        return await asyncio.gather(*calls, return_exceptions=True)

    failed = [done for done in asyncio.run(together()) if isinstance(done, Exception)]
    assert len(failed) == 10
    assert (verified(store).rows, verified(store).broken) == (20, None)
    assert {actor for actor, *_ in said(store)} == {"agent:2"}


def test_time_that_goes_backwards_breaks_nothing(store: Store, clock: FakeClock) -> None:
    write(store, clock(), 1)
    write(store, clock() - timedelta(days=3), 1)
    assert verified(store).broken is None


def test_what_a_person_said_is_not_in_the_log_and_erasing_them_leaves_it_whole(queued: House) -> None:
    def attempt(session: Session, name: str, words: str) -> None:
        verbs.attempt(
            session, queued.office, agents.by_name(session, "li", queued.clock()), name, words, queued.clock()
        )

    queued.hear("我很着急，刷脸三次都不行", chat="9")
    queued.press("human:2", "9")
    for name, words in (("take", "2"), ("reply", "2 您好王女士"), ("note", "2 用户很着急"), ("resolve", "2 换窗边")):
        queued.store.write_now(attempt, name, words)
    before = queued.store.read_now(lambda s: [row.model_dump() for row in s.exec(select(Audit))])
    assert [row["action"] for row in before] == ["take", "reply", "note", "resolve"]
    queued.hear("/forgetme", chat="9")
    queued.press("forget:yes", "9")
    assert "着急" not in str([*queued.rows(Conversation), *queued.rows(Event)])
    assert queued.store.read_now(lambda s: [row.model_dump() for row in s.exec(select(Audit))]) == before
    assert verified(queued.store).broken is None
    for word in ("着急", "王女士", "窗边", "刷脸"):
        assert word not in str(before)


def test_a_log_that_cannot_be_written_undoes_what_it_was_to_say(queued: House, database_url: str) -> None:
    def attempt(session: Session) -> None:
        verbs.attempt(
            session, queued.office, agents.by_name(session, "li", queued.clock()), "take", "1", queued.clock()
        )

    write(queued.store, queued.clock(), 1)
    tamper(database_url, "ALTER TABLE audit RENAME TO moved")
    with pytest.raises(StoreError):
        queued.store.write_now(attempt)
    assert queued.ticket().status == "queued"
