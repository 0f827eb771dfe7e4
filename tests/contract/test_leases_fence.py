"""One process at a time: who held a lease, was stopped, and wakes up, changes nothing."""

from __future__ import annotations

import asyncio
import threading
from datetime import datetime, timedelta

import pytest
from sqlmodel import Session

from tests.conftest import FakeClock
from tests.storing import let_leases_lapse
from tests.unit.house import House, office
from triagebot.flow.standby import Held, Standby
from triagebot.flow.tick import Tick
from triagebot.store import leases
from triagebot.store.clock import database_now
from triagebot.store.store import Store
from triagebot.store.tables import Event, Lease, Notice, Outbox

TTL_S = 10.0


def test_a_lease_is_extended_in_its_term_only(store: Store, clock: FakeClock) -> None:
    take = lambda who: store.write_now(leases.acquire, "tick", who, clock(), TTL_S)  # noqa: E731
    extend = lambda who, term: store.write_now(leases.extend, "tick", who, term, clock(), TTL_S)  # noqa: E731
    assert take("a") == 1
    clock.advance(9)
    assert extend("a", 1)
    clock.advance(9)
    assert extend("a", 1)
    assert not extend("b", 1)
    assert not extend("a", 0)
    clock.advance(10)
    assert not extend("a", 1), "it has run out, though nobody has taken it"
    assert take("b") == 2
    assert take("a") is None
    clock.advance(10)
    assert take("a") == 3
    assert not extend("a", 1)
    assert not extend("b", 2)
    assert not store.write_now(leases.extend, "never heard of", "a", 1, clock(), TTL_S)


def test_a_clock_that_is_put_back_a_day_keeps_nobody_out_for_a_day(store: Store, clock: FakeClock) -> None:
    """The holder may be on a machine that was started anew, or in a container: nothing shows whether it lives."""
    take = lambda who: store.write_now(leases.acquire, "owner", who, clock(), TTL_S)  # noqa: E731
    assert take("a") == 1
    clock.advance(days=-1)
    assert take("b") is None
    clock.advance(TTL_S - 1)
    assert take("b") is None
    clock.advance(1)
    assert take("b") == 2
    clock.advance(days=-1)
    assert take("a") is None
    clock.advance(TTL_S - 1)
    assert store.write_now(leases.extend, "owner", "b", 2, clock(), TTL_S)
    clock.advance(1)
    assert take("a") is None, "who says that it lives keeps it"


def test_the_time_of_a_lease_is_the_databases(store: Store) -> None:
    """A host whose clock is a day ahead must not hold it for a day."""
    wrong = datetime(2031, 1, 1).astimezone()
    found = store.read_now(database_now, wrong)
    assert (found == wrong) == (not store.shared)
    assert found.tzinfo is not None


def ticks(house: House) -> list[Tick]:
    return [Tick(house.store, office(), name, house.clock, 5.0, timedelta(days=180)) for name in ("one", "two")]


def test_a_leader_that_was_stopped_in_its_tick_changes_nothing(house: House, clock: FakeClock) -> None:
    one, two = ticks(house)
    house.agent("boss", role="supervisor")
    house.hear("刷脸不过")
    house.press("human:1")
    clock.advance(hours=25)
    term = house.store.write_now(one._acquire)
    assert term == 1
    let_leases_lapse(house.store)  # the stop is here: after the lease was taken, before anything is written
    assert asyncio.run(two.once()) > 0
    assert house.types(1).count("sla_breached") == 1
    clock.advance(hours=25)
    before = [len(house.rows(table)) for table in (Event, Outbox, Notice)]
    assert house.store.write_now(one._batch, term) == ()
    assert [len(house.rows(table)) for table in (Event, Outbox, Notice)] == before
    assert house.store.read_now(lambda s: s.get_one(Lease, "tick").holder) == "two"


def test_one_breach_is_told_once_whoever_ticks(house: House, clock: FakeClock) -> None:
    one, two = ticks(house)
    house.agent("boss", role="supervisor")
    house.hear("刷脸不过")
    house.press("human:1")
    clock.advance(hours=2, seconds=1)
    for tick in (one, two, one):
        asyncio.run(tick.once())
        let_leases_lapse(house.store)
    assert house.types(1).count("sla_breached") == 1
    assert sum("🚨" in words for words in house.told("boss")) == 1


class Work:
    """Goes on until it is told to end, or is cancelled."""

    def __init__(self) -> None:
        self.goes_on, self.enough, self.ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def __call__(self, held: Held) -> None:
        self.goes_on.set()
        try:
            await self.enough.wait()
        finally:
            self.goes_on.clear()
            self.ended.set()


def alone(store: Store, clock: FakeClock, holder: str, work: Work) -> asyncio.Task[None]:
    return asyncio.create_task(Standby(store, holder, clock, ttl_s=1.0).alone("poll", work))


@pytest.mark.parametrize("how", ["stopped", "finished", "silent"])
def test_who_stands_by_takes_over(store: Store, clock: FakeClock, how: str) -> None:
    async def scene() -> None:
        one, other = Work(), Work()
        if how == "silent":
            store.write_now(leases.acquire, "poll", "one", clock(), TTL_S)
            having = asyncio.create_task(asyncio.sleep(0))
        else:
            having = alone(store, clock, "one", one)
            await one.goes_on.wait()
        waiting = alone(store, clock, "other", other)
        assert await asyncio.to_thread(tried.wait, 20)
        assert not other.goes_on.is_set()
        if how == "silent":
            let_leases_lapse(store)
        elif how == "stopped":
            having.cancel()
        else:
            one.enough.set()
        await other.goes_on.wait()
        assert not one.goes_on.is_set()
        waiting.cancel()
        await asyncio.gather(having, waiting, return_exceptions=True)

    tried = threading.Event()
    acquire = leases.acquire

    def noticed(session: Session, name: str, holder: str, now: datetime, ttl_s: float) -> int | None:
        term = acquire(session, name, holder, now, ttl_s)
        if holder == "other":
            tried.set()
        return term

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(leases, "acquire", noticed)
        asyncio.run(asyncio.wait_for(scene(), 30))
    assert store.write_now(leases.acquire, "poll", "third", clock(), TTL_S) == 3, "it was not given back"


def test_who_lost_the_lease_stops_and_stands_by_again(store: Store, clock: FakeClock) -> None:
    def rob(session: Session) -> None:
        """As after a long stop: another process has it by now."""
        session.get_one(Lease, "poll").expires_at = clock() - timedelta(days=9999)
        session.flush()
        assert leases.acquire(session, "poll", "robber", database_now(session, clock()), 1000) == 2

    async def scene() -> None:
        work = Work()
        having = alone(store, clock, "one", work)
        await work.goes_on.wait()
        store.write_now(rob)
        await work.ended.wait()
        assert store.read_now(leases.holder_of, "poll") == "robber"
        store.write_now(leases.release, "poll", "robber")
        await work.goes_on.wait()
        assert store.read_now(lambda s: s.get_one(Lease, "poll").term) == 3
        having.cancel()
        await asyncio.gather(having, return_exceptions=True)

    asyncio.run(asyncio.wait_for(scene(), 30))


def test_an_error_of_the_work_is_an_error_of_who_does_it(store: Store, clock: FakeClock) -> None:
    async def broken(held: Held) -> None:
        raise KeyError("a bug")

    with pytest.raises(KeyError):
        asyncio.run(Standby(store, "one", clock).alone("poll", broken))
    assert store.write_now(leases.acquire, "poll", "other", clock(), TTL_S) == 2
