"""One story in several messages is one ticket; a second problem still has its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.unit.house import (
    DISPUTE,
    FACE,
    FILLER,
    MISSING,
    NONSENSE,
    NOW,
    SCAM,
    book,
    effects,
    keys,
    text,
    ticket,
    trying,
    verdict,
    words,
)
from triagebot.dialogue.state import ANOTHER, Escalate, Open, Step
from triagebot.dialogue.step import step
from triagebot.rulebook.schema import RuleBook
from triagebot.triage.verdict import Verdict

NAMED = {"patterns": [{"id": "missing.word", "re": "报告"}]}


def _book(**face: object) -> RuleBook:
    """The small house; a report that does not come has an expression of its own."""
    known = book().categories
    missing = type(known[MISSING]).model_validate({**known[MISSING].model_dump(exclude_none=True), **NAMED})
    return book().model_copy(
        update={"categories": {**known, MISSING: missing, FACE: known[FACE].model_copy(update=face)}}
    )


APART, AKIN = _book(), _book(neighbours=(MISSING, DISPUTE))
SURE = verdict(MISSING, rules=("missing.word",))
UNSURE = verdict(MISSING, confidence=0.7, rules=("missing.word",))
BY_LIKELIHOOD = verdict(MISSING, confidence=0.9, rules=("face.not_something",))


def _hears(heard: Verdict, rules: RuleBook, minutes: float = 2, arg: str = "") -> Step:
    seen = replace(trying(), ticket=ticket(opened_at=NOW - timedelta(minutes=minutes)))
    return step(seen, replace(text(heard, "报告也没来"), arg=arg), rules, NOW)


def test_a_neighbouring_problem_is_where_the_story_went() -> None:
    done = _hears(SURE, AKIN)
    assert not effects(done, Open)
    assert "等到明天" in words(done)
    assert (done.memory.category, done.memory.texts) == (MISSING, ("刷脸不过", "报告也没来"))


def test_two_steps_on_the_way_to_the_report_are_one_story() -> None:
    both = {name: APART.categories[name].model_copy(update={"on_the_way": True}) for name in (FACE, MISSING)}
    rules = APART.model_copy(update={"categories": {**APART.categories, **both}})
    assert not effects(_hears(SURE, rules), Open)
    assert effects(_hears(SURE, APART), Open)


@pytest.mark.parametrize(
    "heard", [UNSURE, BY_LIKELIHOOD, verdict(MISSING, "ask", candidates=((MISSING, 0.5), (NONSENSE, 0.4)))]
)
def test_what_is_not_surely_another_problem_belongs_to_the_story(heard: Verdict) -> None:
    done = _hears(heard, APART)
    assert not effects(done, Open)
    assert keys(done) == ["advice.noted"]


def test_what_goes_to_people_takes_the_story_along() -> None:
    done = _hears(verdict(DISPUTE), AKIN)
    assert not effects(done, Open)
    assert [escalated.queue for escalated in effects(done, Escalate)] == ["hotline"]


@pytest.mark.parametrize(
    "heard", [verdict(SCAM), verdict(FACE, "escalate", priority="P1", queue="security", alarm=SCAM)]
)
def test_danger_always_has_a_ticket_of_its_own(heard: Verdict) -> None:
    neighbours = _book(neighbours=(SCAM,))
    (opened,) = effects(_hears(heard, neighbours), Open)
    assert opened.facts["category"] == SCAM


def test_whoever_says_that_it_is_another_matter_is_believed() -> None:
    assert effects(_hears(SURE, AKIN, arg=ANOTHER), Open)


def test_a_clear_problem_that_has_nothing_to_do_with_it_has_its_own() -> None:
    assert effects(_hears(SURE, APART), Open)


def test_a_story_is_told_in_one_go() -> None:
    assert not effects(_hears(SURE, AKIN, minutes=10), Open)
    assert effects(_hears(SURE, AKIN, minutes=10.1), Open)
    assert effects(_hears(BY_LIKELIHOOD, APART, minutes=10.1), Open)


def test_small_words_turn_no_story() -> None:
    assert keys(_hears(FILLER, AKIN)) == ["advice.take_your_time"]
