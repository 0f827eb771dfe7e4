"""Whose turn it is to be spoken to: others before strangers, and a stranger each fourth time."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from triagebot.flow.share import EACH, Share
from triagebot.messages import PRIORITY_FIRST, Address, Outgoing
from triagebot.store.outbox import Parcel


def parcel(number: int, priority: int) -> Parcel:
    return Parcel(number, Address("telegram", "1", str(number)), Outgoing("…"), 0, "", None, priority)


def test_one_at_a_time_every_fourth_is_a_strangers() -> None:
    share, others, strangers = Share(), 0, 0
    for number in range(100):
        first = share.in_turn([parcel(number, 1), parcel(1000 + number, PRIORITY_FIRST)])[0]
        share.spoken(first)
        strangers += first.priority == PRIORITY_FIRST
        others += first.priority != PRIORITY_FIRST
    assert (others, strangers) == (75, 25)


def test_with_nobody_else_waiting_strangers_go_at_once() -> None:
    waiting = [parcel(n, PRIORITY_FIRST) for n in range(5)]
    assert Share().in_turn(waiting) == waiting


@given(st.lists(st.integers(0, PRIORITY_FIRST), max_size=40), st.integers(0, 5))
def test_all_that_wait_are_in_turn_each_kind_in_its_order_and_no_kind_starves(
    priorities: list[int], before: int
) -> None:
    waiting = sorted((parcel(n, p) for n, p in enumerate(priorities)), key=lambda one: (one.priority, one.id))
    found = Share(before).in_turn(waiting)
    kinds = [one.priority == PRIORITY_FIRST for one in found]
    for stranger in (True, False):
        assert [o for o, k in zip(found, kinds, strict=True) if k == stranger] == [
            one for one in waiting if (one.priority == PRIORITY_FIRST) == stranger
        ]
    since = before
    for number, stranger in enumerate(kinds):
        both_left = True in kinds[number:] and False in kinds[number:]
        assert not both_left or stranger == (since >= EACH - 1)
        since = 0 if stranger else since + 1
