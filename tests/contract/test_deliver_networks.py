"""Several networks at one sender: a slow one holds up nobody on another; who was spoken to is told after it was noted."""

from __future__ import annotations

import pytest
from sqlmodel import Session, col, select

from tests.conftest import FakeClock
from tests.sending import Network, run, seconds
from tests.unit.house import office
from triagebot.flow.bell import Bell
from triagebot.flow.deliver import Deliver
from triagebot.messages import PRIORITY_FIRST, Address, Outgoing
from triagebot.pace import Limit, Pace
from triagebot.store import outbox
from triagebot.store.store import Store
from triagebot.store.tables import Outbox

SLOW, WEB = "telegram", "web"


@pytest.fixture
def networks(clock: FakeClock) -> dict[str, Network]:
    return {SLOW: Network(clock, SLOW, "1"), WEB: Network(clock, WEB, WEB)}


@pytest.fixture
def sender(store: Store, clock: FakeClock, networks: dict[str, Network]) -> Deliver:
    """Telegram may be spoken to once in a thousand seconds."""
    limit = Limit(0.001, 1)
    owners = {(network.channel, network.bot) for network in networks.values()}
    paces = {SLOW: Pace(limit, lambda chat: limit, lambda: seconds(clock))}
    return Deliver(store, office(), dict(networks), owners, clock, Bell(), paces=paces, patience_s=0.01)


def put(session: Session, channel: str, bot: str, chats: int, now: FakeClock) -> None:
    for chat in range(chats):
        outbox.put(session, Address(channel, bot, str(chat)), Outgoing("您好"), now=now(), priority=PRIORITY_FIRST)


def test_strangers_who_wait_for_a_slow_network_do_not_stand_before_those_of_another(
    store: Store, clock: FakeClock, sender: Deliver, networks: dict[str, Network]
) -> None:
    store.write_now(put, SLOW, "1", 200, clock)
    store.write_now(put, WEB, WEB, 3, clock)
    run(sender.once())
    assert networks[WEB].texts() == ["您好"] * 3
    assert len(networks[SLOW].texts()) == 1


def test_who_was_spoken_to_is_told_once_the_database_says_so(store: Store, clock: FakeClock, sender: Deliver) -> None:
    told: list[tuple[Address, str]] = []

    def look(session: Session, to: Address) -> str:
        return session.exec(select(Outbox.state).where(col(Outbox.chat) == to.chat)).one()

    sender.noted = lambda chats: told.extend((to, store.read_now(look, to)) for to in chats)
    store.write_now(put, WEB, WEB, 2, clock)
    run(sender.once())
    assert sorted(told, key=lambda one: one[0].chat) == [(Address(WEB, WEB, chat), "sent") for chat in ("0", "1")]
