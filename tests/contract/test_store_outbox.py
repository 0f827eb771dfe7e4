"""What the outbox and the leases promise, on every store."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import delete, select

from tests.conftest import FakeClock
from tests.storing import OWNERS, next_texts, put, say
from triagebot.messages import Address, Button, Outgoing, Receipt
from triagebot.store import leases, outbox, waits
from triagebot.store.store import Store
from triagebot.store.tables import Outbox


def test_one_chat_hears_things_in_order_and_urgent_chats_come_first(store: Store, clock: FakeClock) -> None:
    say(store, clock, "7", "a1", priority=2)
    say(store, clock, "7", "a2", priority=0)
    say(store, clock, "8", "b1", priority=1)
    assert next_texts(store, clock) == ["b1", "a1"]
    head = store.read_now(outbox.heads, OWNERS, clock(), 10)[1]
    store.write_now(outbox.sent, {head.id: Receipt("100")}, clock())
    assert next_texts(store, clock) == ["a2", "b1"]


def test_only_the_best_are_handed_out_when_there_are_many(store: Store, clock: FakeClock) -> None:
    for n in range(6):
        say(store, clock, str(n), f"m{n}", priority=2 - n % 2)
    best = store.read_now(outbox.heads, OWNERS, clock(), 4)
    assert [p.message.text for p in best] == ["m1", "m3", "m5", "m0"]
    assert store.read_now(outbox.heads, [("telegram", "2")], clock(), 4) == []


def test_a_message_comes_out_as_it_was_put_in(store: Store, clock: FakeClock) -> None:
    to = Address("telegram", "1", "7")
    message = Outgoing(
        "试试换光线", ((Button("解决了", "solved:1"),),), "", 12, {"category": "verification.face"}, "55"
    )
    number = store.write_now(put, to, message, now=clock(), priority=0, ticket_id=12)
    parcel = store.read_now(outbox.heads, OWNERS, clock(), 1)[0]
    assert parcel == outbox.Parcel(number or 0, to, message, 0, "", 12, 0)


def test_a_message_for_later_holds_back_its_chat(store: Store, clock: FakeClock) -> None:
    say(store, clock, "7", "a1", not_before=clock() + timedelta(seconds=3))
    say(store, clock, "7", "a2")
    assert next_texts(store, clock) == []
    clock.advance(3)
    assert next_texts(store, clock) == ["a1"]


def test_a_message_to_be_tried_again_holds_back_its_chat(store: Store, clock: FakeClock) -> None:
    number = say(store, clock, "7", "a1")
    say(store, clock, "7", "a2")
    store.write_now(outbox.retry, number, "429", clock() + timedelta(seconds=3))
    assert next_texts(store, clock) == []
    clock.advance(3)
    again = store.read_now(outbox.heads, OWNERS, clock(), 10)
    assert [(p.message.text, p.attempts) for p in again] == [("a1", 1)]


def test_a_dead_message_lets_the_next_one_go_and_keeps_no_words(store: Store, clock: FakeClock) -> None:
    number = say(store, clock, "7", "a1")
    say(store, clock, "7", "a2")
    store.write_now(outbox.dead, number, "blocked by 13812345678", clock())
    assert next_texts(store, clock) == ["a2"]
    row = store.read_now(lambda s: s.get(Outbox, number))
    assert row is not None
    assert (row.state, row.error) == ("dead", "blocked by [手机号]")


def test_what_was_sent_stays_sent(store: Store, clock: FakeClock) -> None:
    number = say(store, clock, "7", "a1")
    store.write_now(outbox.sent, {number: Receipt("100")}, clock())
    store.write_now(outbox.retry, number, "too late", clock())
    store.write_now(outbox.dead, number, "too late", clock())
    row = store.read_now(lambda s: s.get(Outbox, number))
    assert row is not None
    assert (row.state, row.attempts, row.error) == ("sent", 0, "")


def test_a_message_that_was_erased_under_way_is_no_trouble(store: Store, clock: FakeClock) -> None:
    number = say(store, clock, "7", "a1", ticket_id=1)
    store.write_now(lambda s: s.exec(delete(Outbox)).rowcount)
    store.write_now(outbox.sent, {number: Receipt("100")}, clock())
    store.write_now(outbox.retry, number, "429", clock())
    store.write_now(outbox.dead, number, "blocked", clock())
    assert store.read_now(lambda s: s.exec(select(Outbox)).all()) == []


def test_a_key_is_said_once(store: Store, clock: FakeClock) -> None:
    assert say(store, clock, "7", "warning", key="sla:1:breach") > 0
    assert say(store, clock, "7", "warning", key="sla:1:breach") == 0
    assert say(store, clock, "7", "no key") > 0
    assert say(store, clock, "7", "no key") > 0
    assert store.read_now(lambda s: len(s.exec(select(Outbox)).all())) == 3


def test_silence_for_all_chats_of_a_bot(store: Store, clock: FakeClock) -> None:
    for chat in ("7", "8"):
        say(store, clock, chat, f"{chat}a", not_before=clock() + timedelta(seconds=20) if chat == "8" else None)
        say(store, clock, chat, f"{chat}b")
    other = Address("telegram", "", "7")
    store.write_now(outbox.put, other, Outgoing("of another bot"), now=clock())
    store.write_now(outbox.hold_all, "telegram", "1", clock() + timedelta(seconds=9))
    assert next_texts(store, clock) == ["of another bot"]
    clock.advance(9)
    assert next_texts(store, clock) == ["7a", "of another bot"]
    clock.advance(11)
    assert next_texts(store, clock) == ["7a", "8a", "of another bot"]


def test_a_card_is_edited_where_it_was_first_shown(store: Store, clock: FakeClock) -> None:
    to, card = Address("telegram", "", "7"), Outgoing("v1", ((Button("接手", "take:1"),),), card="ticket:1")
    for version, known, receipt in ((card, "", "55"), (Outgoing("v2", card="ticket:1"), "55", "56")):
        store.write_now(outbox.put, to, version, now=clock())
        head = store.read_now(outbox.heads, OWNERS, clock(), 1)[0]
        assert (head.message, head.known_ref) == (version, known)
        store.write_now(outbox.sent, {head.id: Receipt(receipt)}, clock())
    store.write_now(outbox.put, to, Outgoing("v3", card="ticket:1"), now=clock())
    store.write_now(outbox.put, Address("telegram", "", "8"), card, now=clock())
    assert [p.known_ref for p in store.read_now(outbox.heads, OWNERS, clock(), 10)] == ["56", ""]


def test_a_lease_has_one_holder_and_a_growing_term(store: Store, clock: FakeClock) -> None:
    take = lambda who: store.write_now(leases.acquire, "tick", who, clock(), 10)  # noqa: E731
    assert take("a") == 1
    assert take("b") is None
    clock.advance(9)
    assert take("a") == 1
    clock.advance(9)
    assert take("b") is None
    clock.advance(1)
    assert take("b") == 2
    assert take("a") is None
    store.write_now(leases.release, "tick", "a")
    assert take("a") is None
    store.write_now(leases.release, "tick", "b")
    assert take("a") == 3
    assert store.write_now(leases.acquire, "other", "b", clock(), 10) == 1


def test_a_clock_that_was_a_day_ahead_holds_nothing_back_for_a_day(store: Store, clock: FakeClock) -> None:
    number = say(store, clock, "7", "a1")
    say(store, clock, "7", "a2")
    clock.advance(days=1)
    store.write_now(outbox.retry, number, "429", clock() + timedelta(seconds=3))
    assert next_texts(store, clock) == []
    clock.advance(days=-1)
    assert next_texts(store, clock) == ["a1"]
    head = store.read_now(outbox.heads, OWNERS, clock(), 1)[0]
    store.write_now(outbox.retry, number, "429", clock() + waits.LONGEST)
    assert next_texts(store, clock) == [], "so long a network may ask for"
    assert [p.message.text for p in store.read_now(outbox.behind, head, clock(), 10)] == ["a2"]
