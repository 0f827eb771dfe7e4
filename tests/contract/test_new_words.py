"""Many people who say something alike that fits no category: supervisors hear of it once, the people go their own way."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest

from tests.conftest import FakeClock
from tests.reporting import opened
from tests.unit.house import House
from triagebot.desk.incident import going, incidents, silences, story
from triagebot.flow.new_words import NewWords
from triagebot.flow.tick import Tick
from triagebot.store.incident_tables import Incident
from triagebot.store.tables import Event

WHITE = ["小程序白屏打不开", "打开就是白屏", "又白屏了", "一直白屏进不去", "点进去白屏", "查的时候白屏"]


@pytest.fixture
def desk(house: House) -> House:
    house.agent("boss", role="supervisor")
    house.agent("li")
    return house


def ticking(house: House) -> Tick:
    words = NewWords(house.store, house.office)
    return Tick(house.store, house.office, "one", house.clock, 5.0, timedelta(days=180), words=words)


def tick(loop: Tick) -> None:
    asyncio.run(loop.once())


def unclear(
    house: House, person: int, text: str, decision: str = "unclear", *, confidence: float = 0.9, filler: bool = False
) -> int:
    verdict = {"text": text, "filler": filler, "confidence": confidence, "evidence": {"rules": [], "nearest": []}}
    return opened(house, person, "other.out_of_scope", "unknown", decision=decision, verdict=verdict)


def crowd(house: House, texts: Sequence[str], first: int = 100, **how: object) -> list[int]:
    numbers = []
    for person, text in enumerate(texts, first):
        numbers.append(unclear(house, person, text, **how))  # type: ignore[arg-type]
        house.clock.advance(seconds=60)
    return numbers


def test_supervisors_hear_once_of_people_who_say_the_same_new_thing(desk: House) -> None:
    loop = ticking(desk)
    for part in (WHITE[:3], WHITE[3:5], WHITE[5:]):
        crowd(desk, part, first=100 + WHITE.index(part[0]))
        tick(loop)
    (incident,) = desk.rows(Incident)
    assert (incident.title, incident.signature, incident.state) == ("新说法：“白屏”", "words:白屏", "open")
    (told,) = desk.told("boss")
    assert told.startswith("🆕 事件 1：从今天 10:00 起有 6 人说了差不多的话，都有“白屏”，还对不上任何一类问题。\n#")
    assert told.count("\n#") == 3
    assert "用户那边照常" in told
    assert desk.told("li") == []


def test_no_words_of_one_person_are_kept_in_its_story(desk: House) -> None:
    numbers = crowd(desk, WHITE)
    tick(ticking(desk))
    (event,) = desk.store.read_now(story.timeline, 1)
    assert event.data["tickets"] == numbers
    assert len(event.data["examples"]) == 3
    assert not any(text in str(event.data) for text in WHITE)


def test_its_people_keep_their_own_way(desk: House) -> None:
    crowd(desk, WHITE)
    loop = ticking(desk)
    tick(loop)
    assert desk.rows(Incident)
    assert {event.type for event in desk.rows(Event)} == {"opened"}
    assert desk.store.read_now(going.load, desk.office).told == ()


def test_another_process_finds_the_same_incident(desk: House) -> None:
    crowd(desk, WHITE)
    for _ in range(3):
        tick(ticking(desk))
    crowd(desk, ["白屏", "还是白屏"], first=300)
    tick(ticking(desk))
    assert len(desk.rows(Incident)) == 1
    assert len(desk.told("boss")) == 1


def test_its_story_goes_on_when_they_are_twice_as_many(desk: House) -> None:
    loop = ticking(desk)
    crowd(desk, WHITE)
    tick(loop)
    crowd(desk, WHITE * 2, first=200)
    tick(loop)
    told = [(event.type, event.data["people"]) for event in desk.store.read_now(story.timeline, 1)]
    assert told == [("opened", 6), ("surged", 18)]


def test_what_was_looked_into_and_ended_is_not_raised_again_the_same_day(desk: House) -> None:
    loop = ticking(desk)
    crowd(desk, WHITE)
    tick(loop)
    desk.store.write_now(lambda s: incidents.resolve(s, incidents.get(s, 1), "", "agent:1", desk.clock()))
    crowd(desk, WHITE, first=200)
    tick(loop)
    (incident,) = desk.rows(Incident)
    assert incident.state == "resolved"


def test_a_silence_over_everything_holds_it_back(desk: House) -> None:
    until = desk.clock() + timedelta(hours=3)
    desk.store.write_now(silences.put, "", "", until, "works", "agent:1", desk.clock())
    crowd(desk, WHITE)
    tick(ticking(desk))
    assert desk.rows(Incident) == []


@pytest.mark.parametrize(
    ("text", "how"),
    [("在吗", {"filler": True}), ("白屏打不开", {"decision": "answer"}), ("白屏打不开", {"decision": "ask"})],
)
def test_fillers_and_what_fits_a_category_are_no_new_words(desk: House, text: str, how: dict[str, object]) -> None:
    crowd(desk, [text] * 8, **how)
    tick(ticking(desk))
    assert desk.rows(Incident) == []


@pytest.mark.parametrize("decision", ["ask", "answer", "escalate"])
def test_what_the_brain_was_not_sure_of_may_be_new(desk: House, decision: str) -> None:
    crowd(desk, WHITE, decision=decision, confidence=0.5)
    tick(ticking(desk))
    assert [incident.signature for incident in desk.rows(Incident)] == ["words:白屏"]


def test_one_person_alone_is_no_crowd(desk: House) -> None:
    for _ in range(10):
        unclear(desk, 100, "白屏打不开")
    tick(ticking(desk))
    assert desk.rows(Incident) == []


def test_what_rose_long_before_a_start_is_over(desk: House, clock: FakeClock) -> None:
    crowd(desk, WHITE)
    clock.advance(hours=5)
    tick(ticking(desk))
    assert desk.rows(Incident) == []


def test_whoever_lost_the_lease_writes_nothing(desk: House) -> None:
    crowd(desk, WHITE)
    words = NewWords(desk.store, desk.office)
    asyncio.run(words.look(1, lambda session: False, desk.clock()))
    assert desk.rows(Incident) == []
    asyncio.run(words.look(1, lambda session: True, desk.clock()))
    assert len(desk.rows(Incident)) == 1


def test_the_page_tells_the_words_and_the_tickets(desk: House) -> None:
    crowd(desk, WHITE)
    tick(ticking(desk))
    said = desk.verb("boss", "incident 1")
    assert "新说法“白屏”" in said
    assert "例如 #" in said
    assert "起 0 人" not in said


def test_the_list_says_how_many_said_it(desk: House) -> None:
    crowd(desk, WHITE)
    tick(ticking(desk))
    (told,) = [event.data["people"] for event in desk.store.read_now(story.timeline, 1) if event.type == "opened"]
    assert told >= desk.office.book.incidents.least_people
    assert f"工单 0 张（未完 0），{told} 人" in desk.verb("boss", "incidents")


def test_new_words_for_what_is_an_incident_already_are_no_second_one(desk: House) -> None:
    numbers = crowd(desk, WHITE)
    desk.verb("boss", "incident_open 微信打不开")
    for number in numbers[: len(numbers) // 2]:
        desk.verb("boss", f"attach {number} 1")
    tick(ticking(desk))
    assert [incident.title for incident in desk.rows(Incident)] == ["微信打不开"]
