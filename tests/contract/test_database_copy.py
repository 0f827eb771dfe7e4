"""All of one database into another, in both directions: the same rows, numbers that go on, and nothing where it must not be."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, SQLModel, select

from tests.auditing import verified, write
from tests.conftest import FakeClock
from tests.storing import OWNERS, arrived, take_in
from tests.unit.house import House
from triagebot.desk.finding import indexing
from triagebot.errors import StoreError, UsageError
from triagebot.store import copying, engines, integrity, leases, migrate, outbox
from triagebot.store.store import Store
from triagebot.store.tables import Agent, Card, Outbox, Ticket

ODD_WORDS = "换行\n引号\"'反斜杠\\，表情😀，百分号%s，零宽\u200b"


@pytest.fixture(params=["sqlite to postgres", "postgres to sqlite", "sqlite to sqlite"])
def ways(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str]:
    """A filled kind of database, and an empty one that has no tables yet."""
    source, _, target = request.param.partition(" to ")
    there = f"sqlite:///{tmp_path / 'target.db'}"
    if target == "postgres":
        there = request.getfixturevalue("postgres_empty_url")
    return request.getfixturevalue(f"{source}_url"), there


@pytest.fixture
def filled(ways: tuple[str, str], clock: FakeClock) -> Iterator[House]:
    store = Store.open(ways[0])
    house = House(store, clock)
    house.agent("li", queues=["customer_service"])
    house.agent("gone")
    store.write_now(lambda s: s.exec(select(Agent).where(Agent.name == "gone")).one().__setattr__("active", False))
    for chat in ("7", "8", "9"):
        house.hear("刷脸不过", chat)
    house.press("human:2", "8")
    house.verb("li", "take 2")
    house.verb("li", f"note 2 {ODD_WORDS}")
    house.deliver()
    house.verb("li", "reply 2 您好")
    write(store, clock(), 3)
    clock.advance(microseconds=7)
    house.arrive("还不行", "7")
    yield house
    store.close()


def rows(url: str) -> dict[str, list[Any]]:
    """Everything, as SQLAlchemy reads it."""
    engine = sa.create_engine(engines.parse(url))
    with engine.connect() as connection:
        found = {
            table.name: sorted(tuple(map(repr, row)) for row in connection.execute(sa.select(table)))
            for table in SQLModel.metadata.sorted_tables
        }
    engine.dispose()
    return found


def copied(filled: House, ways: tuple[str, str], clock: FakeClock) -> list[copying.Copied]:
    filled.store.close()
    return copying.copy(*ways, clock())


def test_all_rows_arrive_as_they_were(filled: House, ways: tuple[str, str], clock: FakeClock) -> None:
    seen: list[tuple[str, int]] = []
    filled.store.close()
    done = copying.copy(*ways, clock(), lambda table, count: seen.append((table, count)))
    before = rows(ways[0])
    assert rows(ways[1]) == before
    assert {table.table: table.rows for table in done} == {name: len(found) for name, found in before.items()}
    assert seen == [(table.table, table.rows) for table in done if table.rows]
    assert {table.rows > 0 for table in done if table.table in ("ticket", "event", "card", "agent")} == {True}
    assert integrity.check(ways[1]) == []


def test_what_was_said_is_found_in_the_copy(filled: House, ways: tuple[str, str], clock: FakeClock) -> None:
    filled.store.close()
    copying.copy(*ways, clock(), finish=indexing.fill)
    store = Store.open(ways[1])
    assert store.read_now(lambda s: list(indexing.differences(s))) == []
    assert "#2 " in House(store, clock).verb("li", "search 反斜杠 assignee:me")
    store.close()


def test_work_goes_on_where_it_stopped(filled: House, ways: tuple[str, str], clock: FakeClock) -> None:
    copied(filled, ways, clock)
    store = Store.open(ways[1])
    house = House(store, clock)
    house._number = 100
    cards, before = house.rows(Card), house.types(1)
    assert house.converse() == 1
    assert {"user_replied", "bot_replied"} <= set(house.types(1)[len(before) :])
    waiting = store.read_now(outbox.heads, OWNERS, clock(), 20)
    assert any(parcel.known_ref and parcel.known_ref in {card.ref for card in cards} for parcel in waiting)
    house.deliver()
    assert {(card.name, card.ref) for card in house.rows(Card)} == {(card.name, card.ref) for card in cards}
    house.hear("没收到报告", "new")
    assert [ticket.id for ticket in house.rows(Ticket)] == [1, 2, 3, 4]
    house.agent("wang")
    assert [agent.id for agent in house.rows(Agent)] == [1, 2, 3]
    assert len({row.id for row in house.rows(Outbox)}) == len(house.rows(Outbox))
    write(store, clock(), 2)
    assert (verified(store).rows, verified(store).broken) == (5, None)
    store.close()
    engine = sa.create_engine(engines.parse(ways[1]))
    with pytest.raises(sa.exc.DBAPIError, match="append only"), engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM audit WHERE id = 5"))
    engine.dispose()


def test_there_and_back_nothing_changes(filled: House, ways: tuple[str, str], clock: FakeClock, tmp_path: Path) -> None:
    there = copied(filled, ways, clock)
    back = copying.copy(ways[1], f"sqlite:///{tmp_path / 'back.db'}", clock())
    assert back == there
    assert rows(f"sqlite:///{tmp_path / 'back.db'}") == rows(ways[0])


def test_a_target_that_holds_anything_is_left_alone(filled: House, ways: tuple[str, str], clock: FakeClock) -> None:
    migrate.upgrade(ways[1])
    target = Store.open(ways[1])
    target.write_now(lambda s: s.add(Agent(name="theirs", created_at=clock())))
    target.close()
    before = rows(ways[1])
    with pytest.raises(UsageError, match=r"holds rows already \(agent\)"):
        copied(filled, ways, clock)
    assert rows(ways[1]) == before


def test_a_source_that_is_worked_on_is_not_copied(filled: House, ways: tuple[str, str], clock: FakeClock) -> None:
    filled.store.write_now(_take_a_lease, clock)
    with pytest.raises(UsageError, match=r"triagebot \(elsewhere:1\) works on .*; stop it"):
        copied(filled, ways, clock)
    assert {len(found) for found in rows(ways[1]).values()} == {0}


def _take_a_lease(session: Session, clock: FakeClock) -> None:
    from triagebot.store.clock import database_now

    leases.acquire(session, "owner:telegram:1", "elsewhere:1", database_now(session, clock()), 30)


def test_a_lease_that_ran_out_is_nobodys(sqlite_url: str, tmp_path: Path, clock: FakeClock) -> None:
    store = Store.open(sqlite_url)
    store.write_now(_take_a_lease, clock)
    store.close()
    clock.advance(seconds=31)
    copying.copy(sqlite_url, f"sqlite:///{tmp_path / 'copy.db'}", clock())
    assert integrity.check(f"sqlite:///{tmp_path / 'copy.db'}") == []


def test_the_same_database_an_old_one_and_none_are_refused(
    sqlite_url: str, sqlite_template: Path, tmp_path: Path, clock: FakeClock
) -> None:
    missing, elsewhere = f"sqlite:///{tmp_path / 'missing.db'}", f"sqlite:///{tmp_path / 'new.db'}"
    with pytest.raises(UsageError, match="copied from"):
        copying.copy(sqlite_url, sqlite_url.replace("bot.db", "./bot.db"), clock())
    with pytest.raises(StoreError, match=r"version none.*run: triagebot db upgrade"):
        copying.copy(missing, elsewhere, clock())
    assert not (tmp_path / "new.db").exists()


def test_a_row_that_arrives_changed_undoes_the_copy(
    sqlite_url: str, sqlite_template: Path, tmp_path: Path, clock: FakeClock
) -> None:
    store = Store.open(sqlite_url)
    take_in(store, clock, arrived(1))
    store.close()
    target = tmp_path / "target.db"
    shutil.copy(sqlite_template, target)
    engine = sa.create_engine(f"sqlite:///{target}")
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TRIGGER spoil AFTER INSERT ON inbox BEGIN UPDATE inbox SET chat = 'x'; END"))
    with pytest.raises(StoreError, match=r"table inbox: 1 rows became 1, or not the same ones.*nothing was kept"):
        copying.copy(sqlite_url, f"sqlite:///{target}", clock())
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM inbox")).scalar_one() == 0
    engine.dispose()


def test_checksums_tell_rows_apart_and_not_their_order(clock: FakeClock) -> None:
    one = {"id": 1, "at": clock(), "data": {"b": 1, "a": [1.5, None]}}
    same = {"at": clock().astimezone(), "data": {"a": [1.5, None], "b": 1}, "id": 1}
    two = {**one, "id": 2}
    sums = []
    for batch in ([one, two], [two, same], [one, one], [{**one, "at": clock() + timedelta(microseconds=1)}, two]):
        total = copying.Sum()
        for row in batch:
            total.add(row)
        sums.append(total.checksum)
    assert sums[0] == sums[1]
    assert len(set(sums)) == 3
