"""Pictures that a network keeps: looked at before they are heard, in order and together, and nobody waits for them for ever."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from tests.conftest import FakeClock
from tests.network_pictures import DARK, FAILED, NO_WORDS, Darkroom, photo
from tests.sending import run
from tests.storing import let_claims_lapse
from tests.unit.house import House, incoming
from triagebot.errors import DeliveryError, PictureRefused
from triagebot.flow.intake import LOOK_WITHIN
from triagebot.locale import say
from triagebot.messages import Seen
from triagebot.store import inbox
from triagebot.store.store import Store
from triagebot.store.tables import Inbox

WRITTEN = say("zh", "picture.read", lines="「人脸识别失败，请重试」「刷脸未通过」")


@pytest.fixture
def room(house: House) -> Darkroom:
    return Darkroom(house)


def test_a_screenshot_is_heard_once_somebody_has_looked_at_it(room: Darkroom) -> None:
    run(room.arrive(photo(1, "a", text="怎么办")))
    assert room.house.converse() == 0, "nobody has looked yet"
    assert run(room.looking.once()) == 1
    assert room.house.converse() == 1
    (told,) = room.house.told()
    assert told.startswith(WRITTEN)
    assert "换个亮处" in told
    said = [event.data for event in room.house.events() if event.type == "user_replied"]
    assert [data["text"] for data in said] == ["怎么办", FAILED.text]
    assert [data.get("screen", False) for data in said] == [False, True]
    assert room.keepsakes.find(said[1]["keepsake"]) == b"painted a"
    assert room.house.ticket().summary == "怎么办"


def test_what_the_network_calls_a_picture_is_forgotten_once_it_was_looked_at(room: Darkroom) -> None:
    run(room.arrive(photo(1, "a")))
    run(room.looking.once())
    (row,) = room.house.rows(Inbox)
    assert "file" not in row.payload
    assert row.payload["seen"]["what"] == "screen"


def test_words_before_a_picture_are_answered_and_words_after_it_wait(room: Darkroom) -> None:
    run(room.arrive(incoming(1, "没收到报告"), photo(2, "a"), incoming(3, "解决了")))
    assert room.house.converse() == 1
    assert run(room.looking.once()) == 1
    assert room.house.converse() == 2
    assert WRITTEN in room.house.told()[1]
    assert len(room.house.told()) == 3


def test_an_album_is_heard_together_and_of_a_long_one_five_are_looked_at(room: Darkroom) -> None:
    room.eyes.sights[b"1"] = Seen("screen", text="刷脸第二步失败")
    run(room.arrive(*(photo(n, str(n)) for n in range(7))))
    run(room.looking.once())
    assert room.gallery.fetched == ["0", "1", "2", "3", "4"]
    assert room.house.converse() == 7
    (told,) = room.house.told()
    assert say("zh", "picture.too_many", count=2) in told
    read = [event.data["text"] for event in room.house.events() if event.data.get("screen")]
    assert read == [FAILED.text, "刷脸第二步失败", FAILED.text, FAILED.text, FAILED.text]


def test_pictures_of_an_album_that_come_while_the_first_is_looked_at_are_heard_with_it(room: Darkroom) -> None:
    async def scene() -> None:
        room.eyes.hangs.add(b"a")
        await room.arrive(photo(1, "a"))
        looking = asyncio.create_task(room.looking.once())
        await room.eyes.looking.wait()
        await room.arrive(photo(2, "b"))
        room.eyes.goes_on.set()
        await looking

    run(scene())
    assert room.gallery.fetched == ["a", "b"]
    assert room.house.converse() == 2
    assert len(room.house.told()) == 1


def test_who_is_held_up_by_a_dead_looker_is_heard_after_a_minute(room: Darkroom) -> None:
    run(room.arrive(photo(1, "a", text="刷脸不过")))
    room.clock.advance(59)
    assert room.house.converse() == 0
    room.clock.advance(2)
    assert run(room.looking.once()) == 0, "it is too late for a look"
    assert room.house.converse() == 1
    (told,) = room.house.told()
    assert "换个亮处" in told, "what was written beside the picture counts"
    assert say("zh", "kind.photo") in told


def test_a_look_that_ends_too_late_changes_nothing(room: Darkroom) -> None:
    async def scene() -> None:
        room.eyes.hangs.add(b"a")
        await room.arrive(photo(1, "a"))
        looking = asyncio.create_task(room.looking.once())
        await room.eyes.looking.wait()
        room.clock.advance(61)
        assert await room.house.loop.once() == 1
        room.eyes.goes_on.set()
        await looking
        await room.house.loop.once()

    run(scene())
    assert room.house.told() == [say("zh", "kind.photo")]


def test_pictures_are_not_held_where_nobody_can_look(house: House) -> None:
    house.hear(kind="photo", file="a")
    assert house.told() == [say("zh", "kind.photo")]


def test_a_picture_that_does_not_come_holds_up_nobody_else(room: Darkroom) -> None:
    async def scene() -> None:
        room.gallery.hangs |= {"slow", "slower"}
        await room.arrive(photo(1, "slow"), photo(2, "slower", chat="8"), photo(3, "a", chat="9"))
        looking = asyncio.create_task(room.looking.once())
        async with asyncio.timeout(20):
            while not await room.house.loop.once():
                await room.work.wait(20)
        looking.cancel()

    run(scene())
    assert room.house.told("9")
    assert room.house.told("7") == room.house.told("8") == []


def test_what_takes_too_long_is_given_up_in_time_and_the_rest_is_heard(room: Darkroom) -> None:
    async def scene() -> None:
        room.eyes.hangs.add(b"b")
        await room.arrive(photo(1, "a"), photo(2, "b"))
        room.clock.advance(52)
        await room.looking.once()

    run(scene())
    assert room.house.converse() == 2
    (told,) = room.house.told()
    assert WRITTEN in told
    assert say("zh", "picture.slow") in told


def test_trouble_that_passes_is_tried_again(room: Darkroom) -> None:
    trouble = [DeliveryError("502", permanent=False), DeliveryError("429", permanent=False, retry_after_s=7)]
    room.gallery.trouble["a"] = list(trouble)
    run(room.arrive(photo(1, "a")))
    run(room.looking.once())
    assert room.paused == [1, 7]
    room.house.converse()
    assert WRITTEN in room.house.told()[0]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("trouble", "why"),
    [
        ([PictureRefused("bytes")], "bytes"),
        ([DeliveryError("404", permanent=True)], "gone"),
        ([DeliveryError("502", permanent=False)] * 3, "gone"),
        ([ValueError("a bug")], "broken"),
    ],
)
def test_what_cannot_be_had_is_told_in_words(room: Darkroom, trouble: list[Exception], why: str) -> None:
    room.gallery.trouble["a"] = trouble
    run(room.arrive(photo(1, "a"), photo(2, "b", chat="8")))
    run(room.looking.once())
    room.house.converse()
    assert room.house.told() == [say("zh", f"picture.{why}")]
    assert WRITTEN in room.house.told("8")[0]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_only_two_pictures_are_looked_at_at_once(room: Darkroom) -> None:
    run(room.arrive(*(photo(n, str(n), chat=str(n)) for n in range(20))))
    assert run(room.looking.once()) == 20
    assert room.eyes.most_at_once == 2
    assert len(room.eyes.asked) == 20


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_who_sends_without_end_takes_the_looks_of_nobody_else(room: Darkroom) -> None:
    seconds = [0.0]
    room.looking.monotonic = lambda: seconds[0]
    looking = replace(room.looking)

    def send(number: int, chat: str = "7") -> str:
        run(room.arrive(photo(f"{chat}-{number}", f"{chat}-{number}", chat=chat)))
        run(looking.once())
        room.house.converse()
        return room.house.rows(Inbox)[-1].payload["seen"]["why"]

    assert [send(n) for n in range(14)] == [""] * 12 + ["busy"] * 2
    assert len(room.gallery.fetched) == 12
    assert send(1, chat="8") == ""
    seconds[0] += 10
    assert send(14) == ""


def test_a_picture_is_measured_only_for_who_has_just_asked_for_it(room: Darkroom) -> None:
    house = room.house
    house.hear("刷脸不过")
    house.press("light:1")
    room.eyes.sights[b"me"] = DARK
    run(room.arrive(photo("p1", "me"), photo("p2", "a", chat="8")))
    run(room.looking.once())
    house.converse()
    assert sorted(room.eyes.asked) == [(b"a", "screen"), (b"me", "light")]
    assert say("zh", "light.dark") in house.told()[-1]
    (checked,) = [event for event in house.events() if event.type == "light_checked"]
    assert checked.data == {"light": ["dark", "blurred"]}
    assert not any("keepsake" in event.data for event in house.events()), "an agent never sees a face"
    house.hear("还没试", message_ref="9")
    run(room.arrive(photo("p3", "c")))
    run(room.looking.once())
    assert room.eyes.asked[-1] == (b"c", "screen"), "the person has said something else"


def test_nobody_looks_at_what_colleagues_send(room: Darkroom) -> None:
    room.house.agent("7")
    run(room.arrive(photo(1, "a")))
    assert run(room.looking.once()) == 1
    assert room.gallery.fetched == []
    assert room.house.converse() == 1


def test_danger_beside_a_picture_does_not_wait_for_a_look(room: Darkroom) -> None:
    run(room.arrive(photo(1, "a", text="我被骗了")))
    assert room.house.converse() == 1
    assert room.house.ticket().priority == "P1"


def test_who_looked_and_died_leaves_the_picture_to_the_next(room: Darkroom) -> None:
    async def scene() -> None:
        room.eyes.hangs.add(b"a")
        until = room.clock() + LOOK_WITHIN
        await room.store.write(inbox.commit, [photo(1, "a")], [], room.clock(), look_until=until)
        room.looking.patience_s = 60
        dies = asyncio.create_task(room.looking.run())
        await room.eyes.looking.wait()
        dies.cancel()
        await asyncio.wait({dies})
        let_claims_lapse(room.store)
        room.eyes.goes_on.set()
        assert await room.looker(room.store, "next").once() == 1

    run(scene())
    assert room.house.converse() == 1
    (told,) = room.house.told()
    assert WRITTEN in told


def test_who_was_taken_for_dead_and_goes_on_makes_nothing_happen_twice(room: Darkroom) -> None:
    async def scene() -> None:
        room.eyes.hangs.add(b"a")
        await room.arrive(photo(1, "a"))
        goes_on = asyncio.create_task(room.looking.once())
        await room.eyes.looking.wait()
        let_claims_lapse(room.store)
        room.eyes.goes_on.set()
        await asyncio.gather(goes_on, room.looker(room.store, "next").once())

    run(scene())
    assert room.house.converse() == 1
    (told,) = room.house.told()
    assert WRITTEN in told


def test_two_processes_look_at_each_picture_once(postgres_url: str, clock: FakeClock) -> None:
    stores = [Store.open(postgres_url) for _ in range(2)]
    rooms = [Darkroom(House(store, clock, holder=name), holder=name) for store, name in zip(stores, "ab", strict=True)]
    files = [f"{chat}-{n}" for chat in range(12) for n in range(2)]

    async def scene() -> None:
        await rooms[0].arrive(*(photo(file, file, chat=file.partition("-")[0]) for file in files))
        await asyncio.gather(*(room.looking.once() for room in rooms))
        assert sorted(rooms[0].gallery.fetched + rooms[1].gallery.fetched) == sorted(files)
        while await rooms[0].house.loop.once() + await rooms[1].house.loop.once():
            pass

    run(scene())
    assert all(len(rooms[0].house.told(str(chat))) == 1 for chat in range(12))
    for store in stores:
        store.close()


def test_a_picture_that_failed_to_be_heard_waits_for_its_next_try_undisturbed(room: Darkroom) -> None:
    room.eyes.sights[b"a"] = replace(NO_WORDS, what="screen", text="poison", why="")
    run(room.arrive(photo(1, "a")))
    run(room.looking.once())
    room.house.converse()
    assert run(room.looking.once()) == 0
    assert room.house.rows(Inbox)[0].attempts == 1
