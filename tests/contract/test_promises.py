"""Promises are watched: warned of twice, broken once, told to the right people, however often, late or back in time."""

from __future__ import annotations

import pytest

from tests.conftest import FakeClock
from tests.unit.house import House, office
from triagebot.desk import promises
from triagebot.store.store import Store
from triagebot.store.tables import Notice


@pytest.fixture
def house(store: Store, clock: FakeClock) -> House:
    """Ticket 1 waits in customer service since 10:00 and is to be answered by 12:00; li works there, boss supervises."""
    house = House(store, clock)
    house.agent("li", queues=["customer_service"])
    house.agent("zhao", queues=["hotline"])
    house.agent("boss", role="supervisor", queues=["security"])
    house.hear("刷脸不过")
    house.press("human:1")
    return house


def _sweep(house: House, times: int = 1) -> list[tuple[str, str]]:
    """What is told to whom by sweeping now, ``times`` times."""
    before = {name: len(house.told(name)) for name in ("li", "zhao", "boss", "7")}
    for _ in range(times):
        house.store.write_now(promises.sweep, office(), house.clock())
    return [(name, text) for name, n in before.items() for text in house.told(name)[n:] if text[0] in "⏰🚨"]


def _steps(house: House) -> list[str]:
    return [n.step for n in house.rows(Notice)]


def test_every_step_is_told_once(house: House, clock: FakeClock) -> None:
    clock.advance(minutes=59)
    assert _sweep(house, 3) == []
    clock.advance(minutes=1)
    ((who, text),) = _sweep(house, 3)
    assert who == "li"
    assert "50%" in text
    assert "今天 12:00" in text
    clock.advance(minutes=36)
    ((who, text),) = _sweep(house, 3)
    assert (who, "80%" in text) == ("li", True)
    clock.advance(minutes=25)
    ((who, text),) = _sweep(house, 3)
    assert who == "boss"
    assert text.startswith("🚨")
    assert "1 分钟" in text
    assert _steps(house) == ["0.5", "0.8", "user", "breach"]
    assert [t for t in house.types() if t.startswith("sla")] == ["sla_warned", "sla_warned", "sla_breached"]
    clock.advance(days=3)
    assert _sweep(house, 3) == []
    assert house.ticket().next_due_at is None


def test_a_warning_goes_to_whoever_has_the_ticket(house: House, clock: FakeClock) -> None:
    house.agent("sun", queues=["customer_service"])
    house.verb("li", "take 1")
    clock.advance(minutes=61)
    assert [who for who, _ in _sweep(house)] == ["li"]
    clock.advance(minutes=60)
    assert sorted(who for who, _ in _sweep(house)) == ["boss", "li"]


def test_after_a_long_stop_one_message_tells_the_gravest_and_all_steps_are_kept(house: House, clock: FakeClock) -> None:
    house.hear("刷脸不过", chat="8")
    house.press("human:2", chat="8")
    clock.advance(hours=5)
    ((who, text),) = _sweep(house, 3)
    assert who == "boss"
    assert [line[:4] for line in text.splitlines()] == ["🚨 #1", "🚨 #2"]
    assert _steps(house) == ["0.5", "0.8", "user", "breach"] * 2
    told = [e.data["told"] for e in house.events() if e.type.startswith("sla")]
    assert told == [False, False, True]


def test_nothing_is_told_after_an_answer_in_time(house: House, clock: FakeClock) -> None:
    clock.advance(minutes=30)
    house.verb("li", "reply 1 您好")
    assert house.ticket().next_due_at is None
    clock.advance(days=1)
    assert _sweep(house) == []
    house.hear("还是不行呢")
    assert house.ticket().next_due_at is not None
    clock.advance(hours=3)
    assert [who for who, _ in _sweep(house)] == ["li"]


def test_a_ticket_that_is_over_is_not_warned_of(house: House, clock: FakeClock) -> None:
    house.press("solved:1")
    clock.advance(days=1)
    assert _sweep(house) == []


def test_a_clock_that_jumps_back_repeats_nothing(house: House, clock: FakeClock) -> None:
    clock.advance(minutes=61)
    assert len(_sweep(house)) == 1
    clock.advance(minutes=-60)
    assert _sweep(house, 3) == []
    clock.advance(minutes=61)
    assert _sweep(house, 3) == []
    clock.advance(minutes=35)
    assert ["80%" in text for _, text in _sweep(house)] == [True]
    assert _steps(house) == ["0.5", "0.8"]


def test_a_transfer_brings_clocks_of_the_new_place(house: House, clock: FakeClock) -> None:
    clock.advance(hours=1, minutes=50)
    _sweep(house)
    house.agent("chief", role="admin")
    house.verb("chief", "transfer 1 hotline")
    clock.advance(minutes=20)
    assert [t for _, t in _sweep(house) if t.startswith("🚨")] == []
    due = house.ticket().next_due_at
    assert due is not None
    assert due > clock()


def test_a_broken_promise_is_told_to_the_queue_when_nobody_supervises(store: Store, clock: FakeClock) -> None:
    house = House(store, clock)
    house.agent("li", queues=["customer_service"])
    house.hear("刷脸不过")
    house.press("human:1")
    clock.advance(hours=3)
    assert [text[0] for text in house.told("li")] == ["🟡"]
    house.store.write_now(promises.sweep, office(), clock())
    assert [text[0] for text in house.told("li") if text[0] == "🚨"] == ["🚨"]
