"""Several processes on one PostgreSQL database, here as several sets of loops with connections of their own."""

from __future__ import annotations

import asyncio
import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime

import pytest
from sqlmodel import col, select

from tests.conftest import FakeClock
from tests.storing import let_claims_lapse
from tests.unit.house import House, incoming
from triagebot.dialogue.state import Step, View
from triagebot.flow import claims
from triagebot.messages import Incoming
from triagebot.store import inbox
from triagebot.store.store import Store
from triagebot.store.tables import Event, Inbox, Ticket

PEOPLE, WORDS_EACH = 30, 12


@pytest.fixture
def two(postgres_url: str, clock: FakeClock) -> Iterator[tuple[House, House]]:
    stores = [Store.open(postgres_url) for _ in range(2)]
    one, other = (House(store, clock, holder=name) for store, name in zip(stores, ("one", "other"), strict=True))
    yield one, other
    for store in stores:
        store.close()


def heard(house: House) -> dict[int, list[str]]:
    """What each person said, by the order of the log; each person has a conversation of one ticket or more."""
    query = select(Ticket.conversation_id, Event.data).join(Ticket, col(Ticket.id) == Event.ticket_id)
    said: dict[int, list[str]] = defaultdict(list)
    for conversation, data in house.store.read_now(
        lambda s: s.exec(query.where(Event.type == "user_replied").order_by(col(Event.id))).all()
    ):
        said[conversation].append(data["text"])
    return said


async def all_at_work(houses: Sequence[House], arrivals: Sequence[Sequence[Incoming]]) -> list[int]:
    """Each loop as fast as it can while batches arrive, until all is handled; returns how many each took up."""
    done = [0] * len(houses)

    async def arrive() -> None:
        for batch in arrivals:
            await houses[0].store.write(inbox.commit, batch, [], houses[0].clock())

    async def loop(number: int) -> None:
        while not arriving.done() or any(row.state == "pending" for row in houses[0].rows(Inbox)):
            done[number] += await houses[number].loop.once()

    async with asyncio.timeout(60):
        arriving = asyncio.create_task(arrive())
        await asyncio.gather(arriving, *(loop(n) for n in range(len(houses))))
    return done


def test_each_message_is_handled_once_and_in_order_by_whichever_process(
    two: tuple[House, House], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "_CONVERSATIONS", 4)
    arrivals = [
        [incoming(f"{chat}-{n}", f"刷脸不过 {chat} {n}", str(chat)) for chat in range(PEOPLE)]
        for n in range(WORDS_EACH)
    ]
    shares = asyncio.run(all_at_work(two, arrivals))
    assert sum(shares) == PEOPLE * WORDS_EACH
    assert all(shares), "one process did everything"
    spoken = list(heard(two[0]).values())
    assert len(spoken) == PEOPLE
    for words in spoken:
        chat = words[0].split()[1]
        assert words == [f"刷脸不过 {chat} {n}" for n in range(WORDS_EACH)]
    assert {row.state for row in two[0].rows(Inbox)} == {"done"}


def interrupted(house: House, between: threading.Thread) -> None:
    """``between`` runs to its end after ``house`` has decided on a message and before it writes, once."""
    decide = house.loop.decide

    def decided_too_late(view: View, heard: Sequence[Incoming], now: datetime) -> Step:
        done = decide(view, heard, now)
        if between.ident is None:
            between.start()
            between.join(60)
        return done

    house.loop.decide = decided_too_late  # type: ignore[method-assign]


@pytest.mark.parametrize("words", ["刷脸不过", "我要提异议"])
def test_a_process_that_was_stopped_for_too_long_writes_nothing(two: tuple[House, House], words: str) -> None:
    one, other = two

    def takes_over() -> None:
        let_claims_lapse(other.store)
        assert other.converse() == 2

    one.arrive(words)
    one.arrive("没收到报告", chat="8")
    interrupted(one, threading.Thread(target=takes_over))
    assert one.converse() == 2
    assert [len(one.told(chat)) for chat in ("7", "8")] == [1, 1]
    assert [(row.state, row.claimed_by, row.attempts) for row in one.rows(Inbox)] == [("done", "other", 0)] * 2
    assert one.types(1).count("opened") == 1
    assert len(one.rows(Ticket)) == 2
    assert one.converse() == other.converse() == 0


def test_an_agent_is_obeyed_once_though_his_message_was_taken_over(two: tuple[House, House]) -> None:
    one, other = two
    one.agent("li")
    one.hear("刷脸不过")
    one.press("human:1")
    one.arrive("/note 1 打过电话了", chat="li")
    look = one.loop._looks

    def looked_too_late(*args: object) -> object:
        seen = look(*args)  # type: ignore[arg-type]
        if not taken:
            taken.append(True)
            let_claims_lapse(other.store)
            other.converse()
        return seen

    taken: list[bool] = []
    one.loop._looks = looked_too_late  # type: ignore[method-assign, assignment]
    thread = threading.Thread(target=one.converse)
    thread.start()
    thread.join(60)
    assert one.types(1).count("note") == 1
    assert taken


def test_what_a_dead_process_had_is_left_alone_until_its_claim_runs_out(two: tuple[House, House]) -> None:
    one, other = two
    one.arrive("刷脸不过")
    one.store.write_now(one.loop.claims._take, one.clock())  # and it dies here
    assert other.converse() == 0
    assert other.told() == []
    let_claims_lapse(other.store)
    assert other.converse() == 1
    assert len(other.told()) == 1


def test_what_failed_in_one_process_is_tried_again_by_another(two: tuple[House, House], clock: FakeClock) -> None:
    one, other = two
    one.arrive("poison")
    one.arrive("/help")
    assert one.converse() == 2
    clock.advance(1)
    assert other.converse() == 2
    assert [(row.attempts, row.claimed_by) for row in one.rows(Inbox)] == [(2, ""), (0, "")]


def test_a_ticket_that_two_agents_take_at_once_is_taken_by_one(two: tuple[House, House]) -> None:
    """Each message is a conversation of its own: it is the ticket that must not be changed twice."""
    one, other = two
    for name in ("li", "zhao"):
        one.agent(name)
    one.hear("刷脸不过")
    one.press("human:1")
    both = threading.Barrier(2, timeout=30)
    told: list[str] = []

    def take(house: House, name: str) -> None:
        both.wait()
        try:
            told.append(house.verb(name, "take 1"))
        except Exception as error:
            told.append(type(error).__name__)

    threads = [threading.Thread(target=take, args=pair) for pair in ((one, "li"), (other, "zhao"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert one.types(1).count("taken") == 1, told
    assert one.ticket().assignee_id is not None
