"""How fast a network may be spoken to, with a clock that only moves when told."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triagebot import pace
from triagebot.pace import Bucket, Limit, Pace


@dataclass
class Watch:
    at: float = 100.0

    def __call__(self) -> float:
        return self.at


def pace_of(overall: Limit, chat: Limit, watch: Watch) -> Pace:
    return Pace(overall, lambda _: chat, watch)


def test_a_burst_at_once_and_then_the_rate() -> None:
    bucket = Bucket(Limit(rate=2, burst=3))
    for _ in range(3):
        assert bucket.wait(10.0) == 0
        bucket.take(10.0)
    assert bucket.wait(10.0) == pytest.approx(0.5)
    assert bucket.wait(10.25) == pytest.approx(0.25)
    assert bucket.wait(10.5) == 0
    assert bucket.wait(1000.0) == 0
    assert bucket.level == 3


def test_a_clock_that_goes_back_gives_nothing_away() -> None:
    bucket = Bucket(Limit(rate=1, burst=1))
    bucket.take(10.0)
    assert bucket.wait(5.0) == pytest.approx(1)
    assert bucket.wait(5.5) == pytest.approx(0.5)


def test_one_chat_waits_for_itself_and_all_wait_for_the_network() -> None:
    watch = Watch()
    limits = pace_of(Limit(10, 2), Limit(1, 1), watch)
    limits.spoken("7")
    assert limits.ready_in("7") == pytest.approx(1)
    assert limits.ready_in("8") == 0
    limits.spoken("8")
    assert limits.ready_in("9") == pytest.approx(0.1)
    watch.at += 0.2
    assert limits.ready_in("9") == 0


def test_chats_that_are_quiet_again_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "_MOST_CHATS", 3)
    watch = Watch()
    limits = pace_of(Limit(1000, 1000), Limit(1, 1), watch)
    for chat in "abcd":
        limits.spoken(chat)
    watch.at += 5
    limits.spoken("e")
    limits.spoken("f")
    assert limits.ready_in("e") == pytest.approx(1)
    assert limits.ready_in("a") == 0
    assert len(limits._chats) <= 3


@given(st.lists(st.floats(0, 3), min_size=1, max_size=60))
def test_never_more_than_the_burst_and_the_rate_allow(pauses: list[float]) -> None:
    watch = Watch()
    limits = pace_of(Limit(100, 100), Limit(2, 3), watch)
    spoken = 0
    for pause in pauses:
        watch.at += pause
        if limits.ready_in("7") == 0:
            limits.spoken("7")
            spoken += 1
    assert spoken <= 3 + 2 * sum(pauses) + 1e-6


def test_what_was_said_before_we_came_counts_and_is_paid_for() -> None:
    watch = Watch()
    limits = pace_of(Limit(10, 4), Limit(1, 3), watch)
    limits.recall([("7", 0.0), ("7", 0.5), ("7", 59.0), ("8", 0.1), ("7", 0.2)])
    assert limits.room("7") == 0
    assert limits.ready_in("7") == pytest.approx(0.5)
    assert limits.room("8") == 2
    for _ in range(5):
        limits.spoken("8")
    assert limits.ready_in("8") == pytest.approx(3.9)


def test_silence_in_all_chats_until_it_is_over() -> None:
    watch = Watch()
    limits = pace_of(Limit(10, 4), Limit(1, 3), watch)
    limits.hold(30)
    limits.hold(5)
    assert limits.ready_in("7") == limits.ready_in("8") == 30
    watch.at += 30
    assert limits.ready_in("7") == 0
