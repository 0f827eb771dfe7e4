"""Short questions beside the problem: when does a person answer, and does this hurt my credit?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.house import (
    DISPUTE,
    FACE,
    MISSING,
    PEOPLE,
    SCAM,
    STATUS,
    UNCLEAR,
    WANTS_PEOPLE,
    actions,
    effects,
    keys,
    move,
    said,
    ticket,
    trying,
    verdict,
    view,
    words,
)
from triagebot.dialogue.state import HOW_LONG, STILL_WAITING, WORRIED, Escalate, Open, Signal, View
from triagebot.triage.verdict import Verdict

QUEUED, HELD = (
    view("handed_over", ticket("queued"), category=FACE),
    view("handed_over", ticket("assigned"), category=FACE),
)


def _asks(what: str, heard: Verdict = UNCLEAR) -> Signal:
    return Signal("text", what, text="问一句", verdict=heard)


@pytest.mark.parametrize("heard", [UNCLEAR, verdict(STATUS), verdict(PEOPLE, "escalate"), verdict(MISSING)])
def test_before_a_hand_over_nobody_is_promised_and_what_would_be_is_told(heard: Verdict) -> None:
    done = move(trying(), _asks(HOW_LONG, heard))
    assert keys(done) == ["wait.nobody_yet"]
    assert said(done, "wait.nobody_yet").values == {"queue": "customer_service", "priority": "P3", "category": ""}
    assert actions(done) == ["solved", "not_solved", "human"]
    assert (done.state, done.effects) == ("answered", ())


def test_before_anything_the_question_opens_no_ticket() -> None:
    done = move(view(), _asks(HOW_LONG, verdict(STATUS)))
    assert keys(done) == ["wait.nobody_yet"]
    assert said(done, "wait.nobody_yet").values["category"] == PEOPLE
    assert (done.state, actions(done), done.effects) == ("idle", ["human"], ())


@pytest.mark.parametrize("seen", [QUEUED, HELD], ids=["waiting", "held"])
@pytest.mark.parametrize("what", [HOW_LONG, STILL_WAITING])
def test_after_a_hand_over_the_promise_is_told(seen: View, what: str) -> None:
    done = move(seen, _asks(what, verdict(MISSING)))
    assert keys(done) == ["status.line"]
    assert (done.state, done.effects, done.silent) == ("handed_over", (), False)


def test_how_the_ticket_is_that_only_the_bot_has_is_the_same_question() -> None:
    done = move(trying(), _asks("", verdict(STATUS)))
    assert keys(done) == ["wait.nobody_yet"]


def test_what_people_have_beside_the_problem_at_hand_is_told() -> None:
    done = move(replace(trying(), others=(ticket("queued", DISPUTE, number=3),)), _asks(HOW_LONG))
    assert [part.values["ticket"].number for part in done.parts] == [3]


def test_how_long_it_takes_is_no_question_about_people_before_they_have_it() -> None:
    assert keys(move(trying(), _asks(STILL_WAITING))) == ["advice.take_your_time"]


def test_whoever_follows_others_is_told_that_they_do() -> None:
    done = move(view("followed", ticket("merged", follows=True)), _asks(STILL_WAITING))
    assert keys(done) == ["status.line"]


@pytest.mark.parametrize("state", ["answered", "asked_platform"])
@pytest.mark.parametrize("heard", [verdict(DISPUTE), verdict(MISSING), UNCLEAR])
def test_a_worry_is_answered_about_the_problem_at_hand_and_the_talk_goes_on(state: str, heard: Verdict) -> None:
    done = move(trying(state), _asks(WORRIED, heard))
    assert keys(done) == ["text", "advice.take_your_time"]
    assert "不会写进报告" in words(done)
    assert (done.state, actions(done), done.effects) == (state, ["solved", "not_solved", "human"], ())
    assert done.memory.texts == ("刷脸不过",)


def test_a_worry_while_waiting_is_answered_and_opens_nothing() -> None:
    assert keys(move(QUEUED, _asks(WORRIED, verdict(MISSING)))) == ["text", "promise"]
    assert move(HELD, _asks(WORRIED, verdict(MISSING))).silent


def test_a_worry_about_what_may_indeed_matter_is_a_problem_of_its_own() -> None:
    """The rules say nothing soothing about a report that has not come: whatever triage makes of the words counts."""
    seen = view("answered", ticket("bot", MISSING), category=MISSING, round=0, texts=("没收到报告",))
    assert effects(move(seen, _asks(WORRIED, verdict(DISPUTE))), Open)
    assert effects(move(view(), _asks(WORRIED, verdict(DISPUTE))), Open)


@pytest.mark.parametrize("what", [HOW_LONG, WORRIED])
def test_danger_and_the_wish_for_a_person_go_first(what: str) -> None:
    for heard, queue in ((verdict(SCAM), "security"), (WANTS_PEOPLE, "customer_service")):
        (escalated,) = effects(move(trying(), _asks(what, heard)), Escalate)
        assert escalated.queue == queue
