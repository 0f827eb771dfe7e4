"""Several senders on one PostgreSQL database, here as loops with connections of their own: one sends at a time, and together
they keep one pace."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from sqlmodel import Session

from tests.conftest import FakeClock
from tests.sending import GROUP_CHAT, Network, goes_on, rates, run, seconds, sender
from tests.storing import let_leases_lapse, say
from triagebot.desk.team.agents import STAFF
from triagebot.flow.deliver import Deliver
from triagebot.flow.standby import Held
from triagebot.messages import PRIORITY_NOTICE, Address, Outgoing
from triagebot.store import leases, outbox
from triagebot.store.clock import database_now
from triagebot.store.store import Store
from triagebot.store.tables import Outbox

TTL_S = 10.0


@pytest.fixture
def network(clock: FakeClock) -> Network:
    return Network(clock)


@pytest.fixture
def two(postgres_url: str, clock: FakeClock, network: Network) -> Iterator[tuple[Deliver, Deliver]]:
    stores = [Store.open(postgres_url) for _ in range(2)]
    yield sender(stores[0], clock, network), sender(stores[1], clock, network)
    for store in stores:
        store.close()


def acquired(loop: Deliver, who: str, lease: str = "send") -> Held:
    """The lease is free: ``who`` gets it, as flow.standby does it."""

    def acquire(session: Session) -> int | None:
        return leases.acquire(session, lease, who, database_now(session, loop.clock()), TTL_S)

    term = loop.store.write_now(acquire)
    assert term is not None
    return Held(lease, who, term, TTL_S / 2, loop.clock)


def begins(loop: Deliver, who: str) -> None:
    """And looks at what was sent before."""
    loop.held = acquired(loop, who)
    loop.staff = {"telegram": acquired(loop, who, "staff")}
    run(loop.recall())


def put_many(session: Session, clock: FakeClock) -> None:
    """Ten messages to each of twelve people, thirty cards and a few notices to a group."""
    for number in range(120):
        to = Address("telegram", "1", f"2{number % 12}")
        outbox.put(session, to, Outgoing(f"{number}"), now=clock())
    for number in range(30):
        card = Outgoing(f"card {number}", card=f"ticket:{number}")
        outbox.put(session, Address("telegram", STAFF, GROUP_CHAT), card, now=clock(), priority=PRIORITY_NOTICE)


def test_two_that_take_turns_keep_one_pace_and_say_each_message_once(
    two: tuple[Deliver, Deliver], clock: FakeClock, network: Network
) -> None:
    one, other = two
    one.store.write_now(put_many, clock)
    began = seconds(clock)
    for turn in range(30):
        begins(*((one, "one") if turn % 2 else (other, "other")))
        goes_on(one, clock, 0.5, 0.05)
        goes_on(other, clock, 0.5, 0.05)
        let_leases_lapse(one.store)
    assert seconds(clock) - began == pytest.approx(30)
    for chat in [f"2{n}" for n in range(12)]:
        assert network.texts(chat) == [f"{n}" for n in range(120) if f"2{n % 12}" == chat]
    cards = network.texts(GROUP_CHAT)
    assert cards == [f"card {n}" for n in range(len(cards))]
    assert 10 <= len(cards) <= 13
    found = rates(network.taken)
    assert found["second"] <= 30
    assert found["private"] <= 15
    assert found["group"] <= 20


def test_one_that_lost_its_lease_sends_nothing_and_the_other_goes_on(
    two: tuple[Deliver, Deliver], clock: FakeClock, network: Network
) -> None:
    one, other = two
    for number in range(4):
        say(one.store, clock, f"2{number}", "a")
    begins(one, "one")
    let_leases_lapse(one.store)
    goes_on(one, clock, 1, 0.1)
    assert network.taken == []
    begins(other, "other")
    goes_on(one, clock, 1, 0.1)
    assert network.taken == []
    goes_on(other, clock, 1, 0.1)
    assert len(network.taken) == 4


def test_one_that_is_stopped_between_looking_and_sending_sends_nothing_when_it_wakes(
    two: tuple[Deliver, Deliver], clock: FakeClock, network: Network
) -> None:
    one, other = two
    say(one.store, clock, "7", "a")
    begins(one, "one")
    look = one._look

    def takes_over() -> None:
        let_leases_lapse(other.store)
        acquired(other, "other")

    def looks_and_is_stopped(session: Session, most: int) -> Any:
        found = look(session, most)
        if found and not thread.ident:
            thread.start()
            thread.join(30)
            clock.advance(TTL_S)
        return found

    thread = threading.Thread(target=takes_over)
    one._look = looks_and_is_stopped  # type: ignore[method-assign]
    goes_on(one, clock, 1, 0.1)
    assert thread.ident
    assert network.taken == []
    (row,) = other.store.read_now(lambda s: [s.get_one(Outbox, 1)])
    assert (row.state, row.attempts) == ("pending", 0)


def test_what_one_that_died_had_under_way_is_said_again_once(
    two: tuple[Deliver, Deliver], clock: FakeClock, network: Network
) -> None:
    one, other = two
    network.hangs = {"7"}
    for chat in ("7", "8"):
        say(one.store, clock, chat, f"to {chat}")
    begins(one, "one")

    async def dies() -> None:
        sending = asyncio.create_task(one.once())
        async with asyncio.timeout(20):
            while one.store.read_now(lambda s: s.get_one(Outbox, 2).state) != "sent":  # noqa: ASYNC110 (a database's event)
                await asyncio.sleep(0)
        sending.cancel()
        for task in one._under_way._tasks.values():
            task.cancel()

    run(dies())
    network.hangs = set()
    let_leases_lapse(one.store)
    begins(other, "other")
    goes_on(other, clock, 5, 0.5)
    assert sorted(network.texts()) == ["to 7", "to 7", "to 8"]


def test_two_bots_each_send_their_own_and_one_of_them_speaks_to_staff(
    two: tuple[Deliver, Deliver], clock: FakeClock, network: Network
) -> None:
    one, other = two
    one.owners, other.owners = [("telegram", "1"), ("telegram", STAFF)], [("telegram", "2"), ("telegram", STAFF)]
    one.held, other.held = acquired(one, "one", "send:1"), acquired(other, "other", "send:2")
    other.staff = {"telegram": acquired(other, "other", "staff")}
    for bot, text in (("1", "from one"), ("2", "from two"), (STAFF, "to staff")):
        one.store.write_now(outbox.put, Address("telegram", bot, f"7{bot}"), Outgoing(text), now=clock())
    goes_on(one, clock, 1, 0.1)
    assert network.texts() == ["from one"]
    goes_on(other, clock, 1, 0.1)
    assert sorted(network.texts()) == ["from one", "from two", "to staff"]
    one.store.write_now(outbox.put, Address("telegram", STAFF, "7"), Outgoing("to staff again"), now=clock())
    let_leases_lapse(one.store)
    one.held, one.staff = acquired(one, "one", "send:1"), {"telegram": acquired(one, "one", "staff")}
    goes_on(other, clock, 1, 0.1)
    assert len(network.texts()) == 3
    goes_on(one, clock, 1, 0.1)
    assert network.texts()[3:] == ["to staff again"]
