"""One person who sends far too much: slowed, heard together, told once, and nothing is lost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.conftest import FakeClock
from tests.unit.house import House
from triagebot.flow.hurry import MOST_TURNS, TURN_S
from triagebot.locale import say
from triagebot.store.store import Store
from triagebot.store.tables import Event, Inbox, Ticket


@pytest.fixture
def house(store: Store, clock: FakeClock) -> House:
    made = House(store, clock)
    made.loop = replace(made.loop, limited={"telegram"})
    return made


def sent(house: House) -> list[tuple[str, int]]:
    """Kind and number of what the event log says was sent."""
    return [(e.data["kind"], e.data.get("count", 1)) for e in house.rows(Event) if e.type == "user_sent"]


def test_pictures_that_keep_coming_are_refused_once_and_counted(house: House, clock: FakeClock) -> None:
    house.hear("刷脸不过")
    for _ in range(10):
        for _ in range(5):
            house.arrive(kind="photo")
        house.converse()
        clock.advance(5)
    assert house.told()[1:] == [say("zh", "kind.photo")]
    assert sum(count for _, count in sent(house)) == 50
    house.hear("收不到验证码")
    assert len(house.told()) == 3
    house.hear(kind="photo")
    assert house.told()[3:] == [say("zh", "kind.photo")], "words were spoken in between"


def test_each_kind_is_refused_in_its_own_words_and_again_after_a_while(house: House, clock: FakeClock) -> None:
    kinds = ["photo", "document", "voice", "photo", "document", "voice"]
    for kind in kinds:
        house.hear(kind=kind)
    refused = [say("zh", f"kind.{kind}") for kind in kinds[:3]]
    assert house.told() == refused
    clock.advance(61)
    house.hear(kind="photo")
    assert house.told() == [*refused, refused[0]]


def test_pictures_before_any_words_are_noted_on_the_ticket_that_follows(house: House) -> None:
    for kind in ("photo", "photo", "voice"):
        house.hear(kind=kind)
    assert house.rows(Ticket) == []
    house.hear("刷脸不过")
    assert sent(house) == [("photo", 2), ("voice", 1)]
    house.hear("被骗了")
    assert len(sent(house)) == 2, "noted once"


def test_a_thousand_messages_in_a_minute_are_all_heard_in_a_few_turns(house: House, clock: FakeClock) -> None:
    words = [f"刷脸不过 {n}" for n in range(1000)]
    for start in range(0, len(words), 10):
        house.arrive_together(words[start : start + 10])
        house.converse()
        clock.advance(0.6)
    for _ in range(10):
        clock.advance(TURN_S)
        house.converse()
    assert {row.state for row in house.rows(Inbox)} == {"done"}
    assert [event.data["text"] for event in house.rows(Event) if event.type == "user_replied"] == words
    told = house.told()
    assert told.count(say("zh", "flood.slow")) == 1
    assert len(told) <= 2 * MOST_TURNS + 12
    assert sum("我合在一起看了" in text for text in told) <= 2


def test_pictures_and_documents_in_turn_for_a_minute_are_refused_once_each(house: House, clock: FakeClock) -> None:
    """What waits is heard in many small parts, since each kind is one; that must not make the person wait ever longer."""
    house.hear("刷脸不过")
    before = len(house.told())
    for number in range(100):
        house.arrive("截图.zip" if number % 2 else "", kind="document" if number % 2 else "photo")
        house.converse()
        clock.advance(0.6)
    while any(row.state == "pending" for row in house.rows(Inbox)):
        clock.advance(1)
        house.converse()
    said = house.told()[before:]
    assert len(said) == len(set(said)) == 3, "a picture, a document, and that it is too fast"
