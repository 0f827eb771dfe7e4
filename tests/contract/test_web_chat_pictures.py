"""Pictures in the web chat: looked at once, before the answer; what the bot shows is seen by its person and nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest
from sqlmodel import Session, col, select

from tests.chatting import Chatting, Person
from tests.conftest import FakeClock
from tests.network_pictures import FAILED, Eyes
from triagebot.locale import say
from triagebot.messages import Outgoing, Seen
from triagebot.store import mailbox, outbox
from triagebot.store.store import Store
from triagebot.store.tables import Conversation, Inbox

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 100
SHOWN = b"\xff\xd8\xff-with-the-light-drawn-in"
Run = Callable[[Coroutine[Any, Any, Any]], Any]


@pytest.fixture
def run() -> Iterator[Run]:
    with asyncio.Runner() as runner:
        yield runner.run


@pytest.fixture
def eyes() -> Eyes:
    return Eyes()


@pytest.fixture
def chatting(store: Store, clock: FakeClock, eyes: Eyes) -> Chatting:
    return Chatting(store, clock, eyes=eyes)


@pytest.fixture
def small(sqlite_url: str, clock: FakeClock, eyes: Eyes) -> Iterator[Chatting]:
    """For what does not depend on the database."""
    store = Store.open(sqlite_url)
    yield Chatting(store, clock, eyes=eyes)
    store.close()


def heard(store: Store) -> list[Inbox]:
    return store.read_now(lambda s: list(s.exec(select(Inbox).order_by(col(Inbox.id)))))


async def newcomer(chatting: Chatting) -> Person:
    person = chatting.person()
    await person.begin()
    return person


async def shown_picture(chatting: Chatting, person: Person) -> str:
    """The bot sends ``SHOWN`` to somebody who has spoken; returns its name."""
    name = chatting.keepsakes.keep(SHOWN)
    (chat,) = {row.chat for row in heard(chatting.store) if row.payload.get("text") == "测光"}

    def put(session: Session) -> None:
        outbox.put(session, mailbox.address(chat), Outgoing("脸的右半边太暗", keepsake=name), now=chatting.clock())

    chatting.store.write_now(put)
    await chatting.answer()
    return name


def test_a_picture_is_looked_at_before_the_answer_and_posted_again_not_a_second_time(
    chatting: Chatting, run: Run, eyes: Eyes
) -> None:
    async def scene() -> None:
        person = await newcomer(chatting)
        assert (await person.picture(PNG)).status_code == 200
        assert (await person.picture(PNG)).status_code == 200, "the answer was lost"
        await chatting.answer()
        assert (await person.texts())[0] == ("me", say("zh", "web.chat.picture_sent"))

    run(scene())
    assert eyes.asked == [(PNG, "screen")]
    (row,) = heard(chatting.store)
    assert row.payload["seen"]["text"] == FAILED.text
    assert "file" not in row.payload


def test_the_second_picture_of_a_chat_waits_for_the_first_and_others_do_not(
    small: Chatting, run: Run, eyes: Eyes
) -> None:
    async def scene() -> None:
        eyes.hangs.add(PNG)
        person, other = await newcomer(small), await newcomer(small)
        first = asyncio.create_task(person.picture(PNG, "picture-1"))
        await eyes.looking.wait()
        assert (await person.picture(PNG, "picture-2")).status_code == 429
        eyes.looking.clear()
        second = asyncio.create_task(other.picture(PNG, "picture-1"))
        await eyes.looking.wait()
        eyes.goes_on.set()
        assert [answer.status_code for answer in await asyncio.gather(first, second)] == [200, 200]
        assert (await person.picture(PNG, "picture-2")).status_code == 200

    run(scene())


def test_pictures_of_all_people_together_have_so_much_memory_and_no_more(small: Chatting, run: Run, eyes: Eyes) -> None:
    small.house.hands.most_bytes = 3 * len(PNG) // 2

    async def scene() -> None:
        eyes.hangs.add(PNG)
        person, other = await newcomer(small), await newcomer(small)
        first = asyncio.create_task(person.picture(PNG))
        await eyes.looking.wait()
        answer = await other.picture(PNG)
        assert (answer.status_code, answer.json()["why"]) == (503, "busy")
        eyes.goes_on.set()
        assert (await first).status_code == 200
        assert (await other.picture(PNG)).status_code == 200, "what was held is let go of"

    run(scene())


@pytest.mark.parametrize("why", ["broken", "busy"])
def test_what_only_a_look_shows_is_said_by_the_bot(small: Chatting, run: Run, eyes: Eyes, why: str) -> None:
    eyes.sights[PNG] = Seen("refused", why=why)

    async def scene() -> None:
        person = await newcomer(small)
        assert (await person.picture(PNG)).status_code == 200
        await small.answer()
        assert (await person.texts())[-1] == ("us", say("zh", f"picture.{why}"))

    run(scene())
    assert heard(small.store)[0].payload["seen"]["why"] == why


def test_a_picture_of_the_bot_is_shown_in_its_own_chat_only_and_falls_away(chatting: Chatting, run: Run) -> None:
    async def scene() -> None:
        person, other = await newcomer(chatting), await newcomer(chatting)
        await person.say("测光")
        await other.say("刷脸老是不过")
        name = await shown_picture(chatting, person)
        (image,) = {entry["image"] for entry in (await person.shown()).values() if entry.get("image")}
        assert image == f"/chat/pictures/{name}"
        answer = await person.ask("GET", image)
        assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, SHOWN, "image/jpeg")
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert (await other.ask("GET", image)).status_code == 404
        assert (await chatting.person().ask("GET", image)).status_code == 404, "without a cookie"
        chatting.keepsakes.forget(name)
        assert (await person.ask("GET", image)).status_code == 404
        entry = next(entry for entry in (await person.shown()).values() if "右半边" in entry["text"])
        assert entry["image"] == "", "the page leaves it out"

    run(scene())


def test_only_who_was_asked_for_their_face_is_offered_the_camera(chatting: Chatting, run: Run) -> None:
    def ask_for_face(session: Session) -> None:
        for conversation in session.exec(select(Conversation)):
            conversation.memory = {**conversation.memory, "awaits": "light"}
            session.add(conversation)

    async def scene() -> None:
        person = await newcomer(chatting)
        await person.say("刷脸老是不过")
        await chatting.answer()
        async with person.listening() as stream:
            assert (await stream.news())["camera"] is False
            chatting.store.write_now(ask_for_face)
            chatting.wakes.wake([mailbox.address(heard(chatting.store)[0].chat)])
            await stream.until(lambda news: bool(news["camera"]))

    run(scene())


@pytest.mark.parametrize(
    ("path", "framed_by"), [("/", "'none'"), ("/?embed=1", "https://shop.example.org")], ids=["alone", "in a frame"]
)
def test_the_page_may_show_pictures_from_its_own_memory_and_from_nowhere_else(
    store: Store, clock: FakeClock, run: Run, path: str, framed_by: str
) -> None:
    async def scene() -> None:
        person = Chatting(store, clock, embedding=("https://shop.example.org",)).person()
        policy = (await person.ask("GET", path)).headers["content-security-policy"]
        assert "img-src 'self' blob:;" in policy
        assert f"frame-ancestors {framed_by}" in policy

    run(scene())
