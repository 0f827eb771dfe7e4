"""What the inbox promises when several processes work on it: each conversation is with one of them at a time."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from tests.conftest import FakeClock
from tests.storing import OWNERS, arrived, take_in
from triagebot.errors import ClaimLost
from triagebot.store import holders, inbox
from triagebot.store.inbox import Claim, Work
from triagebot.store.store import Store
from triagebot.store.tables import Inbox

TTL = timedelta(seconds=30)


def take(store: Store, clock: FakeClock, holder: str, limit: int = 10) -> list[Work]:
    claim = Claim(holder, clock(), clock() + TTL)
    return store.write_now(inbox.take, OWNERS, clock(), limit, claim)


def taken(store: Store, clock: FakeClock, holder: str, limit: int = 10) -> list[str]:
    """The external ids of what ``holder`` gets; the look before says truly whether there is anything."""
    free = store.read_now(inbox.any_free, OWNERS, clock(), holder, clock())
    found = [work.message.external_id for work in take(store, clock, holder, limit)]
    assert free == bool(found)
    return found


def rows(store: Store) -> list[tuple[str, str, int]]:
    return store.read_now(
        lambda s: [(r.external_id, r.state, r.attempts) for r in s.exec(select(Inbox).order_by(Inbox.id))]
    )


def test_a_conversation_goes_to_one_and_stays_there(store: Store, clock: FakeClock) -> None:
    take_in(store, clock, arrived(1, "7"), arrived(2, "8"), arrived(3, "7"))
    assert taken(store, clock, "a", limit=1) == ["1", "3"]
    take_in(store, clock, arrived(4, "7"))
    assert taken(store, clock, "b") == ["2"]
    assert taken(store, clock, "b") == ["2"], "what one has taken and not finished is one's own"
    assert taken(store, clock, "c") == []


def test_later_words_of_a_person_wait_until_the_earlier_ones_are_finished(store: Store, clock: FakeClock) -> None:
    take_in(store, clock, arrived(1), arrived(2))
    first, second = take(store, clock, "a")
    take_in(store, clock, arrived(3))
    store.write_now(inbox.done, [first.id], clock(), "a")
    assert taken(store, clock, "b") == []
    store.write_now(inbox.done, [second.id], clock(), "a")
    assert taken(store, clock, "b") == ["3"]


def test_more_than_is_handed_out_at_once_stays_in_order(store: Store, clock: FakeClock) -> None:
    take_in(store, clock, *(arrived(n) for n in range(50)))
    works = take(store, clock, "a")
    assert [w.message.external_id for w in works] == [str(n) for n in range(inbox.MOST_PER_CHAT)]
    assert taken(store, clock, "b") == []
    store.write_now(inbox.done, [w.id for w in works], clock(), "a")
    assert taken(store, clock, "b")[0] == str(inbox.MOST_PER_CHAT)


def test_a_claim_lasts_until_it_runs_out_and_not_longer(store: Store, clock: FakeClock) -> None:
    take_in(store, clock, arrived(1))
    assert taken(store, clock, "a") == ["1"]
    clock.advance(29.999)
    assert taken(store, clock, "b") == []
    clock.advance(0.001)
    assert taken(store, clock, "b") == ["1"]
    assert taken(store, clock, "a") == []


def test_who_lost_a_claim_can_no_longer_say_what_became_of_it(store: Store, clock: FakeClock) -> None:
    take_in(store, clock, arrived(1), arrived(2))
    ids = [w.id for w in take(store, clock, "a")]
    clock.advance(30)
    take(store, clock, "b")
    late = clock() + timedelta(seconds=5)
    for write in (
        lambda: store.write_now(inbox.done, ids, clock(), "a"),
        lambda: store.write_now(inbox.fail, ids[0], "ValueError", clock(), late, "a"),
        lambda: store.write_now(inbox.fail, ids[0], "ValueError", clock(), None, "a"),
    ):
        with pytest.raises(ClaimLost):
            write()
    store.write_now(inbox.let_go, ids, "a")
    store.write_now(inbox.let_go_all, "a")
    assert rows(store) == [("1", "pending", 0), ("2", "pending", 0)]
    assert taken(store, clock, "c") == []
    store.write_now(inbox.done, ids, clock(), "b")
    with pytest.raises(ClaimLost):
        store.write_now(inbox.done, ids, clock(), "b")


def test_who_lost_one_of_several_writes_none(store: Store, clock: FakeClock) -> None:
    take_in(store, clock, arrived(1, "7"), arrived(2, "8"))
    ids = [w.id for w in take(store, clock, "a")]
    store.write_now(inbox.let_go, ids[1:], "a")
    with pytest.raises(ClaimLost):
        store.write_now(inbox.done, ids, clock(), "a")
    assert [state for _, state, _ in rows(store)] == ["pending", "pending"]


def test_what_failed_is_anybodys_when_its_time_comes(store: Store, clock: FakeClock) -> None:
    take_in(store, clock, arrived(1), arrived(2))
    first, second = take(store, clock, "a")
    store.write_now(inbox.fail, first.id, "ValueError", clock(), clock() + timedelta(seconds=5), "a")
    clock.advance(5)
    assert taken(store, clock, "b") == [], "a still has what the person said next"
    store.write_now(inbox.let_go, [second.id], "a")
    assert taken(store, clock, "b") == ["1", "2"]


def test_who_stops_leaves_nothing_behind(store: Store, clock: FakeClock) -> None:
    take_in(store, clock, arrived(1, "7"), arrived(2, "8"))
    assert taken(store, clock, "a", limit=1) == ["1"]
    assert taken(store, clock, "b") == ["2"]
    store.write_now(inbox.let_go_all, "a")
    assert taken(store, clock, "c") == ["1"]


def test_a_process_that_died_here_leaves_its_claims_at_once(store: Store, clock: FakeClock) -> None:
    code = "from triagebot.store import holders; print(holders.own())"
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    dead, alive, elsewhere = done.stdout.strip(), holders.own(), f"other-{done.stdout.strip()}"
    for chat, holder in (("7", dead), ("8", alive), ("9", elsewhere)):
        take_in(store, clock, arrived(chat, chat))
        assert taken(store, clock, holder) == [chat]
    assert store.write_now(inbox.free_the_dead) == [dead]
    assert store.write_now(inbox.free_the_dead) == []
    assert taken(store, clock, "b") == ["7"]


def test_two_at_the_same_moment_wait_for_nothing_and_share_nothing(postgres_url: str, clock: FakeClock) -> None:
    """Both have read what is there before either has marked anything."""
    store = Store.open(postgres_url)
    take_in(store, clock, *(arrived(n, chat=str(n % 5)) for n in range(20)))
    both_are_at_it = threading.Barrier(2, timeout=30)
    found: dict[str, list[Work]] = {}

    def slowly(session: Session, holder: str, limit: int) -> list[Work]:
        session.execute(text("SELECT count(*) FROM inbox")).scalar_one()
        both_are_at_it.wait()
        works = inbox.take(session, OWNERS, clock(), limit, Claim(holder, clock(), clock() + TTL))
        both_are_at_it.wait()  # nobody commits before the other has his: a wait for locks would end here
        return works

    def run(holder: str, limit: int) -> None:
        found[holder] = store.write_now(slowly, holder, limit)

    threads = [threading.Thread(target=run, args=("a", 2)), threading.Thread(target=run, args=("b", 2))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    found["c"] = take(store, clock, "c")
    store.close()
    chats = [{work.message.address.chat for work in found[holder]} for holder in "abc"]
    assert sum(len(works) for works in found.values()) == 20
    assert sum(map(len, chats)) == len(set().union(*chats)) == 5
    assert chats[0]
    assert chats[1]
