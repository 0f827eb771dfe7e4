"""How the sender spends what a network allows: urgent first, nobody held up by others, notices said together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from sqlmodel import col, select

from tests.conftest import FakeClock
from tests.sending import GROUP_CHAT, Network, goes_on, rates, run, sender
from tests.storing import say
from tests.unit.house import House
from triagebot.desk.team.agents import STAFF
from triagebot.errors import DeliveryError
from triagebot.flow.deliver import Deliver
from triagebot.messages import PRIORITY_NOTICE, PRIORITY_REPLY, PRIORITY_ROUND, PRIORITY_URGENT, Address, Outgoing
from triagebot.pace import Limit
from triagebot.store import outbox
from triagebot.store.store import Store
from triagebot.store.tables import Outbox

PLENTY = Limit(1000, 1000)


@pytest.fixture
def network(clock: FakeClock) -> Network:
    return Network(clock)


@pytest.fixture
def loop(store: Store, clock: FakeClock, network: Network) -> Deliver:
    return sender(store, clock, network)


def notify(store: Store, clock: FakeClock, text: str, chat: str = GROUP_CHAT, **more: Any) -> None:
    message = Outgoing(text, card=more.pop("card", ""))
    values = {"priority": PRIORITY_NOTICE, **more}
    store.write_now(outbox.put, Address("telegram", STAFF, chat), message, now=clock(), **values)


def states(store: Store) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in store.read_now(lambda s: s.exec(select(Outbox).order_by(col(Outbox.id))).all()):
        found.setdefault(row.chat, []).append(row.state)
    return found


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not true():  # noqa: ASYNC110 (what is waited for happens in the database's threads)
            await asyncio.sleep(0)


def test_a_p1_answer_goes_before_a_thousand_notices(
    store: Store, clock: FakeClock, loop: Deliver, network: Network
) -> None:
    def thousand(session: Any) -> None:
        for number in range(1000):
            outbox.put(
                session,
                Address("telegram", "1", f"1{number}"),
                Outgoing("notice"),
                now=clock(),
                priority=PRIORITY_NOTICE,
            )

    store.write_now(thousand)
    goes_on(loop, clock, 1, 0.05)
    assert 20 <= len(network.taken) <= 30
    say(store, clock, "7", "an answer", priority=PRIORITY_REPLY)
    say(store, clock, "8", "an answer about danger", priority=PRIORITY_URGENT)
    before = len(network.taken)
    goes_on(loop, clock, 0.1, 0.05)
    assert network.texts()[before : before + 2] == ["an answer about danger", "an answer"]
    assert rates(network.taken)["second"] <= 30


def test_chats_that_may_not_be_spoken_to_yet_keep_nobody_else_waiting(
    store: Store, clock: FakeClock, network: Network
) -> None:
    loop = sender(store, clock, network, PLENTY)
    for number in range(40):
        for _ in range(7):
            say(store, clock, f"1{number}", "one of many", priority=PRIORITY_URGENT)
    goes_on(loop, clock, 0.9, 0.05)
    assert len(network.taken) == 40 * 5
    say(store, clock, "7", "the only one", priority=PRIORITY_NOTICE)
    goes_on(loop, clock, 0.1, 0.02)
    assert network.texts()[200:] == ["the only one"]


def test_a_chat_whose_answer_does_not_come_keeps_nobody_else_waiting(
    store: Store, clock: FakeClock, network: Network
) -> None:
    loop = sender(store, clock, network, PLENTY)
    network.hangs = {"7"}
    for chat in ("7", "7", "8", "9"):
        say(store, clock, chat, f"to {chat}")

    async def scene() -> None:
        running = asyncio.create_task(loop.run())
        await until(lambda: states(store) == {"7": ["pending", "pending"], "8": ["sent"], "9": ["sent"]})
        assert network.texts("7") == ["to 7"]
        network.answers.set()
        clock.advance(1)
        await until(lambda: states(store)["7"] == ["sent", "sent"])
        running.cancel()

    run(scene())
    assert network.texts("7") == ["to 7", "to 7"]


def test_what_many_people_hear_unasked_goes_out_with_pauses_and_holds_up_nobody(
    store: Store, clock: FakeClock, network: Network
) -> None:
    loop = sender(store, clock, network, PLENTY)
    many = [str(n) for n in range(100, 200)]
    network.hangs = {*many}
    for chat in many:
        say(store, clock, chat, "it is over", priority=PRIORITY_ROUND)
    say(store, clock, "7", "an answer")
    notify(store, clock, "a notice to colleagues")
    at: list[float] = []

    def told() -> int:
        clock.advance(0.01)
        at[:] = [one.at for one in network.taken if one.chat in many]
        return len(at)

    async def scene() -> None:
        running = asyncio.create_task(loop.run())
        await until(lambda: states(store)["7"] == states(store)[GROUP_CHAT] == ["sent"])
        await until(lambda: told() == 2)
        clock.advance(1)
        assert told() == 2, "as long as the network has not answered"
        network.hangs.clear()
        network.answers.set()
        await until(lambda: told() == 20)
        running.cancel()

    run(scene())
    assert min(later - sooner for sooner, later in pairwise(at)) >= 0.05 - 1e-6
    assert len(set(network.texts())) == 3


def test_what_is_under_way_when_the_process_is_told_to_stop_is_noted_and_not_said_again(
    store: Store, clock: FakeClock, loop: Deliver, network: Network
) -> None:
    network.hangs = {"7"}
    say(store, clock, "7", "a")

    async def scene() -> None:
        running = asyncio.create_task(loop.run())
        await until(lambda: bool(network.taken))
        running.cancel()
        await asyncio.sleep(0)
        network.answers.set()
        await asyncio.wait([running])

    run(scene())
    assert states(store) == {"7": ["sent"]}


def test_an_answer_that_is_lost_costs_one_repetition(
    store: Store, clock: FakeClock, loop: Deliver, network: Network
) -> None:
    take = network.send

    async def loses(*arguments: Any) -> Any:
        receipt = await take(*arguments)
        if len(network.taken) == 1:
            raise DeliveryError("the connection was reset", permanent=False)
        return receipt

    network.send = loses  # type: ignore[method-assign]
    say(store, clock, "7", "a")
    goes_on(loop, clock, 60, 1)
    assert network.texts("7") == ["a", "a"]
    assert states(store) == {"7": ["sent"]}


def test_a_restart_goes_on_at_the_pace_at_which_it_ended(
    store: Store, clock: FakeClock, loop: Deliver, network: Network
) -> None:
    for _ in range(9):
        say(store, clock, "7", "a")
        notify(store, clock, "card", card="ticket:1")
    goes_on(loop, clock, 1, 0.1)
    again = sender(store, clock, network)
    run(again.recall())
    goes_on(again, clock, 3, 0.1)
    assert len(network.texts("7")) == 8
    assert len(network.texts(GROUP_CHAT)) == 5
    goes_on(again, clock, 20, 0.5)
    assert len(network.texts(GROUP_CHAT)) == 9


def flood(seconds: float = 30) -> list[Exception]:
    return [DeliveryError("wait", permanent=False, retry_after_s=seconds)]


def test_a_flood_in_one_chat_is_that_chats_and_in_two_is_everybodys(
    store: Store, clock: FakeClock, loop: Deliver, network: Network
) -> None:
    network.trouble = {"7": flood()}
    for chat in ("7", "8"):
        say(store, clock, chat, f"to {chat}")
    goes_on(loop, clock, 1, 0.5)
    assert network.texts() == ["to 8"]
    network.trouble = {"9": flood(20)}
    say(store, clock, "9", "to 9")
    goes_on(loop, clock, 1, 0.5)
    say(store, clock, "8", "more to 8")
    notify(store, clock, "to colleagues")
    goes_on(loop, clock, 18, 1)
    assert network.texts() == ["to 8"]
    goes_on(loop, clock, 2, 0.2)
    assert sorted(network.texts()[1:]) == ["more to 8", "to 9", "to colleagues"]
    goes_on(loop, clock, 10, 1)
    assert network.texts()[-1] == "to 7"


def test_patience_that_the_network_asks_for_is_no_failed_try(
    store: Store, clock: FakeClock, loop: Deliver, network: Network
) -> None:
    network.trouble = {"7": flood(1) * 20 + [DeliveryError("down", permanent=False)]}
    say(store, clock, "7", "a")
    goes_on(loop, clock, 40, 1)
    assert network.texts() == ["a"]
    assert House(store, clock).rows(Outbox)[0].attempts == 1


def test_notices_that_a_group_can_hear_one_by_one_are_said_one_by_one(
    store: Store, clock: FakeClock, loop: Deliver, network: Network
) -> None:
    for number in range(5):
        notify(store, clock, f"notice {number}")
    goes_on(loop, clock, 1, 0.1)
    assert network.texts() == [f"notice {number}" for number in range(5)]


def test_notices_beyond_the_pace_are_said_together_the_gravest_first(
    store: Store, clock: FakeClock, loop: Deliver, network: Network
) -> None:
    for number in range(7):
        notify(
            store,
            clock,
            f"notice\n{number}",
            priority=PRIORITY_URGENT if number == 4 else PRIORITY_NOTICE,
            ticket_id=number,
        )
    goes_on(loop, clock, 1, 0.1)
    (message,) = (one.message for one in network.taken)
    assert message.text.splitlines() == ["有 7 条提醒：", "• notice 4", *(f"• notice {n}" for n in (0, 1, 2, 3, 5, 6))]
    assert [row[0].action for row in message.buttons] == ["show:4", "show:0", "show:1", "show:2", "show:3"]
    assert states(store) == {GROUP_CHAT: ["sent"] * 7}


def test_a_notice_of_many_tickets_names_all_of_them_when_it_is_folded(
    store: Store, clock: FakeClock, loop: Deliver, network: Network
) -> None:
    tickets = [f"🚨 #{number}（人工客服，P3）首次回复已超时，请马上处理" for number in range(1, 21)]
    notify(store, clock, "\n".join(["有 20 条提醒：", *tickets]))
    for number in range(6):
        notify(store, clock, f"notice {number}")
    goes_on(loop, clock, 1, 0.1)
    (text,) = network.texts()
    assert [ticket for ticket in tickets if ticket not in text] == []


def test_a_hundred_long_notices_fit_into_one_message_that_counts_the_rest(
    store: Store, clock: FakeClock, loop: Deliver, network: Network
) -> None:
    for number in range(100):
        notify(store, clock, f"{number} " + "长" * 500)
    goes_on(loop, clock, 1, 0.1)
    (text,) = network.texts()
    lines = text.splitlines()
    assert len(text) <= 4096
    assert lines[-1] == f"……另有 {100 - (len(lines) - 2)} 条，发 /sla 查看。"
    assert states(store) == {GROUP_CHAT: ["sent"] * 100}


def test_only_notices_are_folded_and_what_must_keep_its_place_keeps_it(
    store: Store, clock: FakeClock, loop: Deliver, network: Network
) -> None:
    notify(store, clock, "n1")
    notify(store, clock, "card v1", card="ticket:1")
    notify(store, clock, "n2")
    notify(store, clock, "what the person wrote", priority=PRIORITY_REPLY)
    notify(store, clock, "n3")
    notify(store, clock, "card v2", card="ticket:1")
    notify(store, clock, "n4")
    goes_on(loop, clock, 2, 0.1)
    assert network.texts() == ["有 2 条提醒：\n• n1\n• n2", "card v1", "what the person wrote",
                               "有 2 条提醒：\n• n3\n• n4", "card v2"]  # fmt: skip


def test_a_person_is_never_told_several_answers_in_one(
    store: Store, clock: FakeClock, loop: Deliver, network: Network
) -> None:
    for number in range(9):
        say(store, clock, "7", f"answer {number}", priority=PRIORITY_NOTICE)
    goes_on(loop, clock, 10, 0.5)
    assert network.texts() == [f"answer {number}" for number in range(9)]


def test_a_folded_message_that_fails_is_folded_again_with_what_came_meanwhile(
    store: Store, clock: FakeClock, loop: Deliver, network: Network
) -> None:
    network.trouble = {GROUP_CHAT: [DeliveryError("down", permanent=False)]}
    for number in range(6):
        notify(store, clock, f"n{number}")
    goes_on(loop, clock, 0.5, 0.1)
    assert network.texts() == []
    notify(store, clock, "n6")
    goes_on(loop, clock, 3, 0.5)
    (text,) = network.texts()
    assert text.startswith("有 7 条提醒：")
    assert states(store) == {GROUP_CHAT: ["sent"] * 7}


def test_an_agent_reads_folded_notices_in_the_language_that_was_chosen(
    store: Store, clock: FakeClock, loop: Deliver, network: Network
) -> None:
    House(store, clock).agent("li", lang="en")
    for number in range(6):
        notify(store, clock, f"n{number}", chat="li")
    goes_on(loop, clock, 0.5, 0.1)
    assert network.texts()[0].startswith("6 reminders:")


def test_a_group_hears_at_most_twenty_messages_a_minute(
    store: Store, clock: FakeClock, loop: Deliver, network: Network
) -> None:
    for number in range(40):
        notify(store, clock, f"card {number}", card=f"ticket:{number}")
    goes_on(loop, clock, 130, 1)
    assert 18 <= rates(network.taken)["group"] <= 20
    assert network.texts() == [f"card {number}" for number in range(len(network.taken))]
