"""Answer, ask, admit not to know, or hand over: each for its reason, danger first."""

from __future__ import annotations

from typing import Any

import pytest
from triage_pack import book

from triagebot.triage.decision import BY_MASS, Judge, Outcome
from triagebot.triage.normalise import normalise
from triagebot.triage.reading import Reader

ALL = tuple(book().categories)


def decide(text: str, in_set: float = 0.15, changed: dict[str, Any] | None = None, **shares: float) -> Outcome:
    """``shares`` by the last part of the category's name; the rest is spread evenly over the others."""
    given = {c: shares.get(c.split(".")[-1]) for c in ALL}
    rest = (1 - sum(p for p in given.values() if p is not None)) / max(1, sum(p is None for p in given.values()))
    candidates = sorted(((c, rest if p is None else p) for c, p in given.items()), key=lambda c: -c[1])
    rules = book(**(changed or {}))
    return Judge(rules, dict.fromkeys(ALL, in_set)).decide(candidates, Reader(rules).read(normalise(text)))


def test_one_credible_category_is_answered() -> None:
    found = decide("刷脸不过", face=0.8)
    assert (found.category, found.decision, found.priority, found.queue) == (
        "verification.face",
        "answer",
        "P3",
        "customer_service",
    )
    assert found.choices == ("verification.face",)


def test_a_category_that_people_handle_goes_to_them() -> None:
    found = decide("异议", dispute=0.8)
    assert (found.decision, found.queue, found.priority, found.escalation) == ("escalate", "hotline", "P2", "")


def test_two_credible_ones_are_asked_about() -> None:
    found = decide("不过", face=0.45, sms_code=0.4)
    assert (found.decision, found.choices) == ("ask", ("verification.face", "verification.sms_code"))


def test_never_more_choices_than_the_rules_allow() -> None:
    found = decide("不过", in_set=0.01, face=0.35, sms_code=0.3, changed={"ask_most": 2})
    assert found.choices == ("verification.face", "verification.sms_code")


def test_nothing_credible_is_unclear() -> None:
    assert decide("不过", face=0.25, sms_code=0.24).decision == "unclear"


def test_what_looks_out_of_scope_is_unclear_however_sure() -> None:
    assert decide("天气", out_of_scope=0.95).decision == "unclear"


def test_out_of_scope_is_never_a_button() -> None:
    assert decide("天气", out_of_scope=0.5, face=0.4).decision == "unclear"


def test_an_alarm_expression_escalates_whatever_is_on_top() -> None:
    found = decide("刷脸的时候让我共享屏幕", face=0.9)
    assert (found.decision, found.priority, found.queue) == ("escalate", "P1", "security")
    assert found.escalation == "scam.alarm"


def test_a_denied_alarm_is_none() -> None:
    assert decide("不是被骗的问题,刷脸不过", face=0.9).decision == "answer"


def test_enough_probability_over_p1_escalates_without_any_expression() -> None:
    found = decide("总觉得怪怪的", scam=0.55)
    assert (found.category, found.decision, found.escalation) == ("security.scam", "escalate", BY_MASS)
    assert decide("总觉得怪怪的", scam=0.45).decision != "escalate"
    assert decide("怪怪的", scam=0.55).decision != "escalate"


def test_an_escalation_rule_of_the_top_category_wins_over_its_answer() -> None:
    found = decide("有人教我刷", face=0.9)
    assert (found.category, found.decision, found.priority, found.queue) == (
        "security.scam",
        "escalate",
        "P1",
        "security",
    )
    assert found.escalation == "face.coached"


def test_an_escalation_rule_of_another_category_stays_out() -> None:
    assert decide("有人教我刷", sms_code=0.9).decision == "answer"


def test_unless_it_holds_anywhere() -> None:
    found = decide("刷脸不过 今天就要签", face=0.9)
    assert (found.category, found.queue, found.priority, found.escalation) == (
        "verification.face",
        "hotline",
        "P2",
        "sms.deadline",
    )


@pytest.mark.parametrize(("share", "queue"), [(0.9, "hotline"), (0.24, "customer_service")])
def test_who_asks_for_a_person_gets_one_where_the_problem_belongs(share: float, queue: str) -> None:
    found = decide("转人工", dispute=share)
    assert (found.decision, found.queue) == ("escalate", queue)


def test_danger_comes_before_the_wish_for_a_person() -> None:
    assert decide("被骗了 转人工", face=0.9).queue == "security"


def test_an_alarm_by_likelihood_does_not_change_what_the_message_is_about() -> None:
    found = decide("总觉得怪怪的", face=0.48, scam=0.51)
    assert (found.category, found.alarm) == ("security.scam", "security.scam")
    found = decide("总觉得怪怪的", changed={"p1_mass": 0.2}, face=0.6, scam=0.3)
    assert (found.category, found.alarm, found.priority) == ("verification.face", "security.scam", "P1")
    assert found.queue == "security"
    assert decide("刷脸不过", face=0.9).alarm == ""
