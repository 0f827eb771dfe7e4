"""Two bots in one database, and two programs that poll for one bot."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from sqlmodel import Session, col, select

from tests.acceptance.faults.conftest import Observe, start
from tests.acceptance.faults.network import FaultyTelegram
from tests.acceptance.faults.people import People, handled, opened, outcome, wait_until_all_is_done, waiting
from tests.acceptance.service import Service
from triagebot.store.store import Store
from triagebot.store.tables import Conversation, Event, Outbox, Ticket

pytestmark = pytest.mark.timeout(400)
OTHER_TOKEN = "4243:other-token"


@pytest.fixture
def other() -> Iterator[FaultyTelegram]:
    """Another bot's Telegram; its updates, messages and people have the same numbers."""
    with FaultyTelegram(OTHER_TOKEN) as server:
        yield server


def heard(session: Session, bot: str) -> dict[str, list[str]]:
    """What each person said to ``bot``, according to the tickets."""
    query = (
        select(Conversation.chat, Event.data)
        .join(Ticket, col(Ticket.conversation_id) == Conversation.id)
        .join(Event, col(Event.ticket_id) == Ticket.id)
        .where(Conversation.bot == bot, Event.type == "user_replied")
        .order_by(col(Event.id))
    )
    found: dict[str, list[str]] = {}
    for chat, data in session.exec(query):
        found.setdefault(chat, []).append(data["text"])
    return found


def said_by(store: Store, bot: str) -> Counter[str]:
    """How many messages ``bot`` sent to each person."""
    query = select(Outbox.chat).where(Outbox.bot == bot, Outbox.state == "sent")
    return Counter(store.read_now(lambda s: list(s.exec(query))))


@pytest.mark.fault("一个库里两个机器人，消息号相同", "two bots in one database, same message ids")
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_two_bots_with_the_same_numbers_are_not_mixed_up(
    env: dict[str, str], database_url: str, tmp_path: Path, telegram: FaultyTelegram, other: FaultyTelegram,
    services: Callable[..., Service], observe: Observe,
) -> None:  # fmt: skip
    one = services(env, name="one")
    two = Service(
        {**env, "TRIAGEBOT_TELEGRAM_TOKEN": OTHER_TOKEN, "TRIAGEBOT_WEB_PORT": "0"}, other.base, tmp_path, name="two"
    )
    mine, theirs = People(telegram, 5), People(other, 5)
    try:
        with opened(database_url) as store:
            start(telegram, one, two)
            for _ in range(3):
                mine.say(5)
                theirs.say(5)
            theirs.say(5)
            assert {u["update_id"] for u in telegram.queue} <= {u["update_id"] for u in other.queue}
            total = mine.messages + theirs.messages
            telegram.wait(
                lambda: handled(mine, store) >= total and waiting(store) == 0, "all to be handled and said", 120
            )
            mixed_up = 0
            for people, network in ((mine, telegram), (theirs, other)):
                bot = str(network.bot_id)
                expected = {str(person): words for person, words in people.said.items()}
                mixed_up += store.read_now(heard, bot) != expected
                mixed_up += said_by(store, bot) != Counter(str(m.chat) for m in network.sent)
            observe(
                messages=total, tickets=len(store.read_now(lambda s: s.exec(select(Ticket)).all())), mixed_up=mixed_up
            )
            assert mixed_up == 0
            assert one.stop() == two.stop() == 0
    finally:
        two.kill()


@contextmanager
def polled_by_a_stranger(telegram: FaultyTelegram) -> Iterator[Counter[int]]:
    """Another program asks for the same bot's updates, and confirms none. Counts what it was answered, by status."""
    answers: Counter[int] = Counter()
    enough = threading.Event()

    def ask() -> None:
        with httpx.Client(timeout=20) as client:
            while not enough.wait(0.02):
                url = f"{telegram.base}/bot{telegram.token}/getUpdates"
                answers[client.get(url, params={"timeout": 2, "offset": 0}).status_code] += 1

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        yield answers
    finally:
        enough.set()
        asking.join()


@pytest.mark.fault("别的程序用同一个 token 轮询（409）", "another program polls with the same token (409)")
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_foreign_poller_is_told_of_and_outlasted(
    env: dict[str, str], database_url: str, telegram: FaultyTelegram, services: Callable[..., Service], observe: Observe,
) -> None:  # fmt: skip
    people, service = People(telegram, 5), services(env)
    with opened(database_url) as store:
        start(telegram, service)
        with polled_by_a_stranger(telegram) as answers:
            people.say(10)
            telegram.wait(lambda: service.says("telegram.second_poller"), "the service to tell of it")
            telegram.wait(lambda: answers[409] > 1, "the other to be ended as well", 60)
        people.say(10)
        wait_until_all_is_done(people, store)
        found = outcome(people, store)
        observe(conflicts=telegram.conflicts, said_in_the_log=service.count('"telegram.second_poller"'),
                **found.figures(people.messages))  # fmt: skip
        assert found.clean, found
        assert service.count("another program polls Telegram with this token") == 1
        assert service.stop() == 0
