"""The loops on real databases: nothing overtakes, nothing is lost, one bad message or chat holds up nobody else."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from tests.conftest import FakeClock
from tests.storing import OWNERS
from tests.unit.house import House, incoming, office
from triagebot.errors import DeliveryError
from triagebot.flow.bell import Bell
from triagebot.flow.deliver import Deliver
from triagebot.flow.hurry import MOST_TURNS, TURN_S
from triagebot.flow.intake import intake_into
from triagebot.flow.tick import Tick
from triagebot.locale import say
from triagebot.messages import Address, Batch, Incoming, Outgoing, Receipt
from triagebot.store import outbox
from triagebot.store.store import Store
from triagebot.store.tables import Event, Inbox, Outbox


def test_fragments_that_arrived_together_get_one_answer(house: House) -> None:
    for words in ("我刷脸", "老是不过", "急"):
        house.arrive(words)
    assert house.converse() == 3
    assert [e.data["text"] for e in house.events() if e.type == "user_replied"] == ["我刷脸", "老是不过", "急"]
    assert len(house.told()) == 1
    assert house.ticket().summary == "我刷脸\n老是不过\n急"


def test_buttons_and_short_answers_are_heard_by_themselves_and_in_order(house: House) -> None:
    house.arrive("没收到报告")
    house.arrive("解决了")
    house.arrive("刷脸不过")
    house.converse()
    assert [house.ticket(n).status for n in (1, 2)] == ["resolved", "bot"]
    assert len(house.told()) == 3


def test_a_message_that_fails_is_tried_again_later_and_given_up_at_last(house: House, clock: FakeClock) -> None:
    house.arrive("poison")
    house.arrive("/help")
    house.hear("刷脸不过", chat="8")
    assert len(house.told("8")) == 1
    tried = []
    for _ in range(1000):
        bad = house.rows(Inbox)[0]
        if bad.state != "pending":
            break
        assert house.told() == []
        if bad.not_before is not None and bad.not_before <= clock():
            tried.append(bad.attempts)
            house.converse()
        else:
            clock.at = bad.not_before
    assert (bad.state, bad.attempts, bad.error) == ("dead", 5, "RuntimeError")
    assert tried == [1, 2, 3, 4]
    house.converse()
    assert len(house.told()) == 1
    assert {r.state for r in house.rows(Inbox)[1:]} == {"done"}


def test_back_off_grows(house: House, clock: FakeClock) -> None:
    house.hear("poison")
    waits = []
    for _ in range(4):
        due = house.rows(Inbox)[0].not_before
        waits.append((due - clock()).total_seconds())
        clock.at = due
        house.converse()
    assert waits == [1, 5, 30, 120]


def test_an_agent_is_obeyed_and_a_refusal_is_explained(house: House) -> None:
    house.agent("li")
    house.hear("刷脸不过")
    house.press("human:1")
    house.deliver()
    house.press("take:1", chat="li")
    house.hear("/reply@our_bot\n1\n您好\n请稍等", chat="li")
    assert "请稍等" in house.told()[-1]
    card = next(r for r in house.rows(Outbox) if r.card)
    house.hear("看到了吗", chat="li", reply_ref=f"m{card.id}")
    assert "看到了吗" in house.told()[-1]
    for words, answer in [
        ("/take 999999999999999999999", "用法"),
        ("/take 77", "#77"),
        ("你好", "/help"),
        ("/", "/help"),
    ]:
        house.hear(words, chat="li")
        assert answer in house.told("li")[-1]
    assert {r.state for r in house.rows(Inbox)} == {"done"}


def test_what_comes_in_twice_is_heard_once(house: House, store: Store, clock: FakeClock) -> None:
    intake = intake_into(store, clock, Bell())
    batch = Batch([incoming(1, "刷脸不过"), incoming(2, "刷脸不过", "8")], dead=[("3", "KeyError", "message")],
                  source=("telegram", "1"))  # fmt: skip
    assert [asyncio.run(intake(batch)) for _ in range(3)] == [2, 0, 0]
    house.converse()
    assert [len(house.told(chat)) for chat in ("7", "8")] == [1, 1]


@dataclass
class Network:
    """Takes what it is given, unless ``trouble`` has something for that chat."""

    channel: str = "telegram"
    bot: str = "1"
    trouble: dict[str, Exception] = field(default_factory=dict)
    taken: list[tuple[str, str]] = field(default_factory=list)

    async def send(self, to: Address, message: Outgoing, known_ref: str) -> Receipt:
        if to.chat in self.trouble:
            raise self.trouble[to.chat]
        self.taken.append((to.chat, message.text))
        return Receipt(f"m{len(self.taken)}")

    async def acknowledge(self, message: Incoming) -> None:
        return None


@pytest.fixture
def network() -> Network:
    return Network()


@pytest.fixture
def deliver(store: Store, clock: FakeClock, network: Network) -> Deliver:
    return Deliver(store, office(), {"telegram": network}, OWNERS, clock, Bell(), jitter=lambda: 0.5)


def _put(store: Store, clock: FakeClock, chat: str, *texts: str, ticket_id: int | None = None) -> None:
    for text in texts:
        store.write_now(outbox.put, Address("telegram", "1", chat), Outgoing(text), now=clock(), ticket_id=ticket_id)


def _run(deliver: Deliver, times: int = 3) -> None:
    for _ in range(times):
        asyncio.run(deliver.once())


def test_messages_leave_in_order(store: Store, clock: FakeClock, deliver: Deliver, network: Network) -> None:
    _put(store, clock, "7", "a", "b", "c")
    _put(store, clock, "8", "x")
    _run(deliver, 1)
    assert network.taken == [("7", "a"), ("8", "x")]
    _run(deliver)
    assert network.taken[2:] == [("7", "b"), ("7", "c")]


def test_a_chat_that_must_wait_holds_up_only_itself(
    store: Store, clock: FakeClock, deliver: Deliver, network: Network
) -> None:
    network.trouble["7"] = DeliveryError("flood", permanent=False, retry_after_s=30)
    _put(store, clock, "7", "a", "b")
    _run(deliver, 1)
    network.trouble.clear()
    clock.advance(29)
    _put(store, clock, "8", "x")
    _run(deliver)
    assert network.taken == [("8", "x")]
    clock.advance(1)
    _run(deliver)
    assert network.taken[1:] == [("7", "a"), ("7", "b")]


def test_a_network_that_wants_silence_gets_it_everywhere(
    store: Store, clock: FakeClock, deliver: Deliver, network: Network
) -> None:
    network.trouble["7"] = DeliveryError("flood", permanent=False, retry_after_s=30, everywhere=True)
    _put(store, clock, "7", "a")
    _run(deliver, 1)
    network.trouble.clear()
    for chat in ("7", "8"):
        assert [r for r in House(store, clock).rows(Outbox) if r.chat == chat and r.state == "sent"] == []
    _put(store, clock, "7", "b")
    _run(deliver)
    assert network.taken == []
    clock.advance(30)
    _run(deliver)
    assert network.taken == [("7", "a"), ("7", "b")]


@pytest.mark.parametrize("error", [DeliveryError("blocked", permanent=True), DeliveryError("down", permanent=False)])
def test_what_cannot_be_delivered_is_a_dead_letter_that_agents_see(
    house: House, clock: FakeClock, deliver: Deliver, network: Network, error: DeliveryError
) -> None:
    house.hear("刷脸不过")
    network.trouble["7"] = error
    tries = 0
    while house.rows(Outbox)[0].state == "pending":
        tries += 1
        _run(deliver, 1)
        clock.advance(minutes=3)
    assert tries == (1 if error.permanent else 8)
    assert house.rows(Outbox)[0].state == "dead"
    assert (house.events()[-1].type, house.events()[-1].data) == ("undelivered", {"reason": str(error)})
    network.trouble.clear()
    house.hear("/help")
    _run(deliver)
    assert [chat for chat, _ in network.taken] == ["7"]


def test_a_bug_in_a_channel_costs_nobody_elses_message(
    store: Store, clock: FakeClock, deliver: Deliver, network: Network
) -> None:
    network.trouble["7"] = KeyError("a bug")
    _put(store, clock, "7", "a")
    _put(store, clock, "8", "x")
    _run(deliver, 3)
    assert network.taken == [("8", "x")]
    states = {r.chat: (r.state, r.attempts) for r in House(store, clock).rows(Outbox)}
    assert states == {"7": ("pending", 1), "8": ("sent", 0)}


def test_one_tick_does_all_that_is_due_and_only_one_process_ticks(house: House, store: Store, clock: FakeClock) -> None:
    house.agent("boss", role="supervisor")
    house.hear("没收到报告")
    house.hear("刷脸不过", chat="8")
    house.press("human:2", chat="8")
    clock.advance(hours=25)
    ticks = [Tick(store, office(), name, clock, 5.0, timedelta(days=180)) for name in ("one", "two")]
    assert [asyncio.run(t.once()) > 0 for t in ticks] == [True, False]
    assert house.told()[-1] == "报告收到了吗？"
    assert [text[0] for text in house.told("boss")][-1] == "🚨"
    before = len(house.rows(Event))
    clock.advance(60)
    asyncio.run(ticks[1].once())
    assert len(house.rows(Event)) == before


def test_a_flood_is_heard_together_with_one_answer_that_says_so(house: House) -> None:
    for _ in range(15):
        house.arrive("刷脸不过")
    house.converse()
    (answer,) = house.told()
    assert answer.startswith("您一下发来了 15 条")
    assert house.types().count("user_replied") == 15
    for n in range(12):
        house.arrive(f"图{n}", kind="photo")
    house.converse()
    assert len(house.told()) == 2
    assert [e.data["count"] for e in house.events() if e.type == "user_sent"] == [12]


def test_who_has_more_turns_than_can_be_answered_waits_is_told_once_and_loses_nothing(
    store: Store, clock: FakeClock
) -> None:
    house = House(store, clock)
    house.loop = replace(house.loop, limited={"telegram"})
    for n in range(MOST_TURNS):
        house.hear(f"/status {n}")
    assert len(house.told()) == MOST_TURNS
    for n in range(5):
        house.hear(f"刷脸不过{n}")
    house.hear("刷脸不过", chat="8")
    assert house.told()[MOST_TURNS:] == [say("zh", "flood.slow")]
    assert len(house.told("8")) == 1
    clock.advance(seconds=TURN_S)
    house.converse()
    assert "换个亮处" in house.told()[-1]
    assert {row.state for row in house.rows(Inbox)} == {"done"}
    assert [row.attempts for row in house.rows(Inbox)] == [0] * len(house.rows(Inbox))


def test_agents_may_hurry(store: Store, clock: FakeClock) -> None:
    house = House(store, clock)
    house.loop = replace(house.loop, limited={"telegram"})
    house.agent("li")
    for _ in range(MOST_TURNS + 5):
        house.hear("/queue", chat="li")
    assert len(house.told("li")) == MOST_TURNS + 5
