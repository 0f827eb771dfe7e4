"""Both boxes are emptied of what is finished, and of nothing else."""

from __future__ import annotations

from datetime import timedelta

from tests.conftest import FakeClock
from tests.storing import arrived, claimed, say, take_in
from tests.unit.house import House
from triagebot.desk import erase
from triagebot.messages import Receipt
from triagebot.store import finished, inbox, outbox
from triagebot.store.store import Store
from triagebot.store.tables import Inbox, Outbox

KEEP = timedelta(days=180)


def purge(house: House) -> None:
    house.store.write_now(erase.purge, house.office, house.clock(), KEEP)


def test_what_was_handled_and_sent_goes_after_a_week_and_the_log_keeps_the_words(
    house: House, clock: FakeClock
) -> None:
    house.hear("刷脸不过")
    house.hear("没收到报告", chat="8")
    house.deliver()
    told = [event.data for event in house.events()]
    clock.advance(days=7)
    purge(house)
    assert (len(house.rows(Inbox)), len(house.rows(Outbox))) == (2, 2)
    clock.advance(seconds=1)
    purge(house)
    assert [[row.chat for row in house.rows(box)] for box in (Inbox, Outbox)] == [["8"], ["8"]]
    assert [event.data for event in house.events()] == told
    house.hear("还是不行")
    assert house.types()[-2:] == ["user_replied", "bot_replied"]
    assert [row.id for row in house.rows(Inbox)] == [2, 3]


def test_what_waits_failed_or_has_a_key_stays(house: House, store: Store, clock: FakeClock) -> None:
    take_in(store, clock, arrived(1, "waits"), arrived(2, "failed"), arrived(3, "handled"), arrived(4, "newest"))
    store.write_now(inbox.fail, 2, "a bug", clock(), None)
    store.write_now(inbox.done, [3], clock())
    for chat, key in (("waits", None), ("failed", None), ("keyed", "notice-1"), ("sent", None)):
        say(store, clock, chat, "话", key=key)
    store.write_now(outbox.dead, 2, "blocked", clock())
    say(store, clock, "newest", "话")
    store.write_now(lambda s: outbox.sent(s, {n: Receipt("m") for n in (3, 4)}, clock()))
    clock.advance(days=100)
    purge(house)
    assert [row.chat for row in house.rows(Inbox)] == ["waits", "failed", "newest"]
    assert [row.chat for row in house.rows(Outbox)] == ["waits", "failed", "keyed", "newest"]
    assert claimed(store, clock) == ["1", "4"]
    assert say(store, clock, "keyed", "话", key="notice-1") == 0


def test_a_thousand_go_at_a_time_oldest_first(house: House, store: Store, clock: FakeClock) -> None:
    take_in(store, clock, *(arrived(number) for number in range(1, 1202)))
    for first in (1, 601):
        store.write_now(inbox.done, range(first, first + 600), clock())
    clock.advance(days=8)
    purge(house)
    assert [row.id for row in house.rows(Inbox)] == list(range(1001, 1202))
    purge(house)
    assert [row.id for row in house.rows(Inbox)] == [1201]
    assert finished.KEPT < KEEP
