"""What the inbox promises, on every store."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from tests.conftest import FakeClock
from tests.storing import OWNERS, arrived, claimed, take_in
from triagebot.messages import Address, Incoming
from triagebot.store import inbox
from triagebot.store.store import Store
from triagebot.store.tables import Inbox


def test_the_same_message_is_taken_in_once(store: Store, clock: FakeClock) -> None:
    assert take_in(store, clock, arrived(1, hidden=("phone",)), arrived(2, mine=False)) == 2
    assert take_in(store, clock, arrived(1), arrived(2), arrived(3), arrived(3)) == 1
    works = store.read_now(inbox.claim, OWNERS, clock(), 10)
    assert [w.message for w in works] == [arrived(1, hidden=("phone",)), arrived(2, mine=False), arrived(3)]


def test_another_bot_may_use_the_same_message_numbers(store: Store, clock: FakeClock) -> None:
    other = Incoming(Address("telegram", "2", "7"), "1", user="7", at=clock())
    assert take_in(store, clock, arrived(1), other) == 2
    assert claimed(store, clock) == ["1"]


def test_who_owns_nothing_is_given_nothing(store: Store, clock: FakeClock) -> None:
    take_in(store, clock, arrived(1))
    assert store.read_now(inbox.claim, [], clock(), 10) == []


def test_handled_messages_are_not_handed_out_again(store: Store, clock: FakeClock) -> None:
    take_in(store, clock, arrived(1), arrived(2), arrived(3, chat="8"))
    works = store.read_now(inbox.claim, OWNERS, clock(), 10)
    store.write_now(inbox.done, [works[0].id, works[2].id], clock.advance(1))
    assert claimed(store, clock) == ["2"]
    store.write_now(inbox.done, [], clock())
    assert take_in(store, clock, arrived(1)) == 0
    assert claimed(store, clock) == ["2"]


def test_a_message_that_waits_holds_back_its_conversation_only(store: Store, clock: FakeClock) -> None:
    take_in(store, clock, arrived(1), arrived(2), arrived(3, chat="8"))
    first = store.read_now(inbox.claim, OWNERS, clock(), 10)[0]
    store.write_now(inbox.fail, first.id, "ValueError", clock(), clock() + timedelta(seconds=5))
    assert claimed(store, clock) == ["3"]
    clock.advance(5)
    again = store.read_now(inbox.claim, OWNERS, clock(), 10)
    assert [(w.message.external_id, w.attempts) for w in again] == [("1", 1), ("2", 0), ("3", 0)]


def test_a_later_message_that_waits_lets_the_earlier_ones_go(store: Store, clock: FakeClock) -> None:
    take_in(store, clock, arrived(1), arrived(2), arrived(3))
    second = store.read_now(inbox.claim, OWNERS, clock(), 10)[1]
    store.write_now(inbox.fail, second.id, "ValueError", clock(), clock() + timedelta(seconds=5))
    assert claimed(store, clock) == ["1"]


def test_conversations_come_whole_and_the_longest_waiting_first(store: Store, clock: FakeClock) -> None:
    take_in(store, clock, arrived(1, "7"), arrived(2, "8"), arrived(3, "9"), arrived(4, "7"), arrived(5, "8"))
    assert claimed(store, clock, limit=2) == ["1", "4", "2", "5"]


def test_what_was_posted_in_the_wrong_order_is_heard_in_the_right_one(store: Store, clock: FakeClock) -> None:
    order = (3, 1, 4, 2)
    for number in order:
        take_in(store, clock, arrived(number, position=number), arrived(f"without {number}", chat="8"))
    assert claimed(store, clock) == ["1", "2", "3", "4", *(f"without {number}" for number in order)]


def test_an_earlier_one_that_arrived_late_and_waits_holds_back_the_others(store: Store, clock: FakeClock) -> None:
    take_in(store, clock, arrived(2, position=2), arrived(1, position=1))
    first = store.read_now(inbox.claim, OWNERS, clock(), 10)[0]
    assert first.message.external_id == "1"
    store.write_now(inbox.fail, first.id, "ValueError", clock(), clock() + timedelta(seconds=5))
    assert claimed(store, clock) == []
    clock.advance(5)
    assert claimed(store, clock) == ["1", "2"]


def test_a_flood_from_one_person_keeps_nobody_waiting(store: Store, clock: FakeClock) -> None:
    take_in(store, clock, *(arrived(n) for n in range(900)), arrived("other", chat="8"))
    taken = claimed(store, clock)
    assert taken[-1] == "other"
    assert taken[:-1] == [str(n) for n in range(len(taken) - 1)]
    assert 1 < len(taken) < 100


def test_conversations_that_wait_for_a_retry_keep_nobody_waiting(store: Store, clock: FakeClock) -> None:
    take_in(store, clock, *(arrived(n, chat=str(n)) for n in range(20)))
    for work in store.read_now(inbox.claim, OWNERS, clock(), 19):
        store.write_now(inbox.fail, work.id, "ValueError", clock(), clock() + timedelta(seconds=5))
    assert claimed(store, clock, limit=1) == ["19"]


def test_the_reason_of_a_dead_letter_is_redacted(store: Store, clock: FakeClock) -> None:
    store.write_now(inbox.commit, [arrived(1)], [("9", "KeyError", "update{x}")], clock(), dead_from=("telegram", "1"))
    work = store.read_now(inbox.claim, OWNERS, clock(), 10)
    store.write_now(inbox.fail, work[0].id, "ValueError: 我的手机号是13812345678", clock(), None)
    rows = store.read_now(lambda s: [(r.state, r.error) for r in s.exec(select(Inbox).order_by(Inbox.id))])
    assert rows == [("dead", "ValueError: 我的手机号是[手机号]"), ("dead", "KeyError: update{x}")]
    assert claimed(store, clock) == []


def test_an_unreadable_update_is_noted_once_and_is_no_new_message(store: Store, clock: FakeClock) -> None:
    for _ in range(2):
        dead = [("9", "KeyError", "update{x}")]
        assert store.write_now(inbox.commit, [], dead, clock(), dead_from=("telegram", "1")) == 0
    assert len(store.read_now(lambda s: s.exec(select(Inbox)).all())) == 1
    assert store.write_now(inbox.commit, [], [], clock()) == 0


@pytest.mark.parametrize(("bad", "kept"), [("查\0征信", "查征信"), ("刷脸\ud83d", "刷脸?"), ("\0", "")])
def test_what_no_database_takes_does_not_hold_up_the_batch(store: Store, clock: FakeClock, bad: str, kept: str) -> None:
    assert take_in(store, clock, arrived(1), arrived(f"2{bad}", chat=f"8{bad}", text=bad, user_name=bad)) == 2
    strange = store.read_now(inbox.claim, OWNERS, clock(), 10)[1].message
    assert (strange.text, strange.user_name, strange.external_id) == (kept, kept, f"2{kept}")


def test_a_clock_that_was_a_day_ahead_holds_nothing_back_for_a_day(store: Store, clock: FakeClock) -> None:
    take_in(store, clock, arrived(1), arrived(2))
    first = store.read_now(inbox.claim, OWNERS, clock(), 10)[0]
    clock.advance(days=1)
    store.write_now(inbox.fail, first.id, "ValueError", clock(), clock() + timedelta(seconds=5))
    assert claimed(store, clock) == []
    clock.advance(days=-1)
    assert claimed(store, clock) == ["1", "2"]
