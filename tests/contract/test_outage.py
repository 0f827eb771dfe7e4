"""A database that cannot be used for a while: nobody's message pays for it, and nothing is said twice because of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import FakeClock
from tests.sending import Network, run, sender
from tests.storing import say
from tests.unit.house import House
from triagebot.errors import RulesError, StoreUnavailable
from triagebot.flow import persevere
from triagebot.flow.persevere import persevering
from triagebot.flow.standby import Held, Standby
from triagebot.store.store import Store
from triagebot.store.tables import Inbox, Outbox


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(persevere, "_FIRST_S", 0.0)


def away(
    monkeypatch: pytest.MonkeyPatch, store: Store, times: int, only: str = "", last: Callable[[], None] = int
) -> list[str]:
    """The next ``times`` writes (of functions called ``only``, if given) fail as an outage does, and ``last`` is called with
    the last one; returns which did."""
    inner, failed = store.write, []

    async def write(fn: Callable[..., Any], *args: Any, **more: Any) -> Any:
        if len(failed) < times and only in fn.__name__:
            failed.append(fn.__name__)
            if len(failed) == times:
                last()
            raise StoreUnavailable("the database server does not answer")
        return await inner(fn, *args, **more)

    monkeypatch.setattr(store, "write", write)
    return failed


def test_work_is_tried_again_until_the_database_is_back_and_other_errors_are_told() -> None:
    tries = iter([StoreUnavailable("away"), StoreUnavailable("away"), None])

    async def work() -> str:
        if (error := next(tries)) is not None:
            raise error
        return "done"

    async def broken() -> str:
        raise RulesError(["a bug"])

    assert asyncio.run(persevering("work", work)) == "done"
    assert next(tries, "used up") == "used up"
    with pytest.raises(RulesError):
        asyncio.run(persevering("work", broken))


def test_a_message_that_met_an_outage_has_not_failed(
    store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = House(store, clock)
    house.arrive("刷脸不过")
    failed = away(monkeypatch, store, times=2, only="_write")
    with pytest.raises(StoreUnavailable):
        house.converse()
    assert failed
    assert [(row.state, row.attempts) for row in house.rows(Inbox)] == [("pending", 0)]
    monkeypatch.undo()
    house.converse()
    assert [row.state for row in house.rows(Inbox)] == ["done"]
    assert len(house.told()) == 1


def test_what_was_sent_during_an_outage_is_noted_afterwards_and_not_said_again(
    store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = Network(clock)
    loop = sender(store, clock, network)
    loop.outlasts = True
    say(store, clock, "7", "试试换光线")
    failed = away(monkeypatch, store, times=3)
    run(loop.once())
    run(loop.once())
    assert failed == ["_delivered"] * 3
    assert network.texts() == ["试试换光线"]
    assert store.read_now(lambda s: s.get_one(Outbox, 1).state) == "sent"


def test_the_sender_goes_on_after_an_outage_without_letting_go_of_what_is_under_way(
    store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = Network(clock, hangs={"7"})
    loop = sender(store, clock, network)
    loop.outlasts = True
    say(store, clock, "7", "试试换光线")
    inner, looks = store.read, []

    async def read(fn: Callable[..., Any], *args: Any, **more: Any) -> Any:
        looks.append(fn.__name__)
        if 3 < len(looks) < 7:
            raise StoreUnavailable("the database server does not answer")
        if len(looks) == 7:
            network.answers.set()
        return await inner(fn, *args, **more)

    monkeypatch.setattr(store, "read", read)

    async def scene() -> None:
        sending = asyncio.ensure_future(loop.run())
        while store.read_now(lambda s: s.get_one(Outbox, 1).state) != "sent":
            await asyncio.wait([sending], timeout=0.01)
            assert not sending.done()
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)

    asyncio.run(asyncio.wait_for(scene(), 30))
    assert len(looks) >= 7
    assert network.texts() == ["试试换光线"]


def test_one_who_holds_a_lease_works_on_while_the_database_is_away(
    store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    back, terms = asyncio.Event(), []
    asked = away(monkeypatch, store, times=3, only="_extend", last=back.set)

    async def work(held: Held) -> None:
        terms.append(held.term)
        await back.wait()

    asyncio.run(Standby(store, "one", clock, ttl_s=0.04).alone("poll", work))
    assert terms == [1]
    assert asked == ["_extend"] * 3
