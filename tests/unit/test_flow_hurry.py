"""What is kept in mind of people who hurry: whether they must wait, whether they know, and nothing of those who are quiet."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.conftest import FakeClock
from triagebot.flow import hurry
from triagebot.flow.hurry import MOST_TURNS, MOST_WAIT_S, TURN_S, Hurry
from triagebot.messages import Address


def person(number: int) -> Address:
    return Address("telegram", "1", str(number))


def had(kept: Hurry, clock: FakeClock, turns: int) -> None:
    for _ in range(turns):
        kept.turn(person(7), clock())


def test_who_had_all_turns_waits_for_one_and_the_others_do_not(clock: FakeClock) -> None:
    kept = Hurry()
    had(kept, clock, MOST_TURNS - 1)
    assert kept.until(person(7), clock()) is None
    had(kept, clock, 1)
    assert kept.until(person(7), clock()) == clock() + timedelta(seconds=TURN_S)
    assert kept.until(person(8), clock()) is None
    clock.advance(TURN_S)
    assert kept.until(person(7), clock()) is None
    had(kept, clock, 1)
    assert kept.until(person(7), clock()) is not None


def test_however_much_was_heard_at_once_the_wait_stays_seconds(clock: FakeClock) -> None:
    kept = Hurry()
    had(kept, clock, MOST_TURNS + 100)
    assert kept.until(person(7), clock()) == clock() + timedelta(seconds=MOST_WAIT_S)


def test_it_is_told_once_and_again_after_a_time_of_quiet(clock: FakeClock) -> None:
    kept = Hurry()
    assert not kept.tell(person(7)), "nothing to tell somebody who was not heard yet"
    for _ in range(2):
        had(kept, clock, MOST_TURNS)
        assert kept.tell(person(7))
        clock.advance(TURN_S)
        had(kept, clock, 1)
        assert not kept.tell(person(7))
        clock.advance(MOST_TURNS * TURN_S)
        kept.turn(person(8), clock())


def test_a_clock_that_goes_back_makes_nobody_wait_for_longer(clock: FakeClock) -> None:
    kept = Hurry()
    had(kept, clock, MOST_TURNS)
    clock.advance(-3600)
    assert kept.until(person(7), clock()) is None


def test_who_is_quiet_is_forgotten_and_nobody_else(clock: FakeClock) -> None:
    kept = Hurry()
    for number in range(300):
        kept.turn(person(number), clock())
    clock.advance(MOST_TURNS * TURN_S - 1)
    had(kept, clock, MOST_TURNS)
    assert len(kept) == 300
    clock.advance(1)
    kept.turn(person(8), clock())
    assert len(kept) == 2
    assert kept.until(person(7), clock()) is not None


def test_however_many_come_so_many_are_kept_and_the_one_in_a_hurry_is_among_them(
    monkeypatch: pytest.MonkeyPatch, clock: FakeClock
) -> None:
    monkeypatch.setattr(hurry, "_MOST_CHATS", 50)
    kept = Hurry()
    for number in range(100, 1100):
        kept.turn(person(7), clock())
        kept.turn(person(number), clock())
        assert len(kept) <= 50
    assert kept.until(person(7), clock()) is not None
