"""What free text means: fragments, more on the same problem, another problem, answers, danger."""

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
    PEOPLE,
    SCAM,
    UNCLEAR,
    WANTS_PEOPLE,
    actions,
    book,
    effects,
    incoming,
    keys,
    move,
    said,
    text,
    ticket,
    trying,
    verdict,
    view,
    words,
)
from triagebot.dialogue.signals import Ears, read
from triagebot.dialogue.state import (
    WHAT_NOW,
    Escalate,
    Focus,
    Memory,
    Open,
    Record,
    Reopen,
    Resolve,
    Signal,
    Step,
    View,
)
from triagebot.dialogue.step import step
from triagebot.rulebook.words import Words
from triagebot.triage.verdict import Verdict


def _next(done: Step, seen: View) -> View:
    """What the bot sees when it hears the next message."""
    return replace(seen, state=done.state, memory=done.memory, lang=done.lang)


def _waiting(**memory: object) -> View:
    return view("handed_over", ticket("queued"), **{"category": FACE, "texts": ("刷脸不过",), **memory})


@pytest.mark.parametrize(
    ("heard", "reply"),
    [
        (FILLER, "advice.take_your_time"),
        (verdict(NONSENSE, "unclear"), "advice.take_your_time"),
        (verdict(FACE, "unclear", scope="conversation"), "advice.noted"),
        (verdict(MISSING, scope="conversation"), "advice.noted"),
        (verdict(MISSING, "ask", candidates=((MISSING, 0.5), (FACE, 0.4))), "advice.noted"),
    ],
)
def test_a_fragment_does_not_change_the_subject(heard: object, reply: str) -> None:
    done = move(trying(), text(heard))  # type: ignore[arg-type]
    assert keys(done) == [reply]
    assert not effects(done, Open)
    assert actions(done) == ["solved", "not_solved", "human"]


def test_the_same_problem_once_more_gets_the_next_way() -> None:
    done = move(trying(), text(verdict(FACE)))
    assert "重启手机" in words(done)
    assert done.memory.round == 1


def test_still_means_not_solved() -> None:
    done = move(trying(), text(verdict(FACE, scope="conversation"), "还是这样"))
    assert "重启手机" in words(done)


def test_the_platform_told_late_brings_its_own_way() -> None:
    done = move(trying(), text(verdict(FACE, platform="wechat")))
    assert "微信相机权限" in words(done)
    assert done.memory.platform == "wechat"


def test_another_problem_ends_the_one_that_the_bot_had() -> None:
    done = move(trying(), text(verdict(MISSING), "报告没收到"))
    (opened,) = effects(done, Open)
    assert (opened.leave, opened.facts["category"], opened.summary) == ("closed", MISSING, "报告没收到")
    assert done.memory.texts == ("报告没收到",)


def test_another_problem_leaves_the_one_that_people_have() -> None:
    (opened,) = effects(move(_waiting(), text(verdict(MISSING))), Open)
    assert opened.leave == ""


@pytest.mark.parametrize("seen", [trying(), trying("menu", category=""), trying("asked_platform"), _waiting()])
@pytest.mark.parametrize("scope", ["message", "conversation"])
def test_danger_is_heard_wherever_the_person_is(seen: View, scope: str) -> None:
    done = move(seen, text(verdict(SCAM, scope=scope)))
    assert keys(done)[:4] == ["safety.head", "text", "handover.done", "promise"]
    (escalated,) = effects(done, Escalate)
    assert (escalated.queue, escalated.priority) == ("security", "P1")


@pytest.mark.parametrize("wants_people", [True, False])
@pytest.mark.parametrize("seen", [trying(), _waiting(), view("idle", ticket("resolved", resolved_at=NOW))])
def test_a_life_at_risk_is_more_than_the_wish_for_a_person(seen: View, wants_people: bool) -> None:
    heard = verdict(PEOPLE, "escalate", priority="P1", escalation="life", human_requested=wants_people)
    (escalated,) = effects(move(seen, text(heard)), Escalate)
    assert (escalated.priority, escalated.reason) == ("P1", "life")


def test_an_alarm_by_likelihood_is_handled_as_the_danger_that_it_may_be() -> None:
    heard = verdict(FACE, "escalate", priority="P1", queue="security", escalation="p1.mass", alarm=SCAM)
    done = move(view(), text(heard))
    assert keys(done)[0] == "safety.head"
    (opened,) = effects(done, Open)
    (escalated,) = effects(done, Escalate)
    assert opened.facts["category"] == escalated.category == SCAM
    assert opened.facts["verdict"]["category"] == FACE


def test_an_alarm_about_the_problem_at_hand_is_another_ticket() -> None:
    heard = verdict(FACE, "escalate", priority="P1", queue="security", escalation="p1.mass", alarm=SCAM)
    (opened,) = effects(move(trying(), text(heard)), Open)
    assert opened.facts["category"] == SCAM


def test_a_detail_that_only_resembles_another_problem_does_not_change_the_subject() -> None:
    resembles = verdict(MISSING, confidence=0.7, rules=())
    done = move(trying(), text(resembles, "我在网吧"))
    assert keys(done) == ["advice.noted"]
    assert not effects(done, Open)
    for surely in (verdict(MISSING, confidence=0.9, rules=()), verdict(MISSING, confidence=0.7)):
        assert effects(move(trying(), text(surely)), Open)


@pytest.mark.parametrize("pending", ["", "light"])
def test_thanks_while_waiting_are_no_addition_to_the_ticket_and_no_answer(pending: str) -> None:
    done = move(_waiting(pending=pending), text(FILLER, "谢谢"))
    assert keys(done) == ["handover.here", "promise"]
    assert (done.memory.pending, effects(done, Record)) == (pending, [])


def test_danger_is_heard_instead_of_a_reason_for_low_stars() -> None:
    seen = view("idle", ticket("resolved", resolved_at=NOW), pending="rating_reason")
    assert "safety.head" in keys(move(seen, text(verdict(SCAM))))


def test_a_rule_that_says_people_at_once_holds_in_the_middle_of_advice() -> None:
    deadline = verdict(FACE, "escalate", priority="P2", queue="hotline", escalation="face.deadline")
    (escalated,) = effects(move(trying(), text(deadline, "今天就要用")), Escalate)
    assert (escalated.queue, escalated.priority, escalated.reason) == ("hotline", "P2", "face.deadline")


def test_more_danger_for_a_ticket_of_security_brings_the_advice_and_no_second_ticket() -> None:
    for held in ("queued", "assigned"):
        other = ticket(held, DISPUTE, queue="security")
        done = move(view("handed_over", other), text(verdict(SCAM)))
        assert keys(done)[:2] == ["safety.head", "text"]
        assert not done.silent
        assert not done.effects
    known = move(view("handed_over", ticket("assigned", SCAM)), text(verdict(SCAM)))
    assert known.silent
    assert not known.parts


def test_small_words_and_danger_belong_to_the_ticket_that_people_have() -> None:
    other = ticket("queued", SCAM, number=3)
    for heard in (FILLER, verdict(SCAM)):
        done = move(view(others=(other,)), text(heard))
        assert done.effects == (Focus(3),)
        assert done.state == "handed_over"


def test_safety_advice_is_said_even_when_an_agent_has_the_ticket_of_security() -> None:
    done = move(view(others=(ticket("assigned", DISPUTE, number=3, queue="security"),)), text(verdict(SCAM)))
    assert keys(done) == ["safety.head", "text"]
    assert not done.silent


def test_a_hand_over_says_number_queue_and_promise_and_drops_old_buttons() -> None:
    done = move(trying(round=1), Signal("not_solved"))
    assert {"handover.done", "promise"} <= set(keys(done))
    assert actions(done) == ["skip"]
    dispute = move(view(), text(verdict(DISPUTE)))
    assert "400-000-0000" in said(dispute, "handover.contacts").values["contacts"]


def test_at_most_two_questions_each_of_which_may_be_skipped() -> None:
    seen = view()
    first = move(seen, text(verdict(DISPUTE)))
    assert said(first, "slots.ask").values["question"] == "是哪一条记录？"
    seen = _next(first, view("handed_over", ticket("queued", DISPUTE)))
    second = move(seen, text(verdict(DISPUTE, "unclear"), "第三条"))
    assert [e.data for e in effects(second, Record)] == [
        {"slot": "which_record", "title": "是哪一条记录？", "text": "第三条"}
    ]
    assert "slots.ask" in keys(second)
    third = move(_next(second, seen), Signal("skip"))
    assert keys(third) == ["slots.no_more"]
    assert keys(move(_next(third, seen), Signal("skip"))) == ["slots.nothing_to_skip"]
    assert keys(move(_next(third, seen), text(UNCLEAR))) == ["handover.attached", "promise"]


def test_a_question_that_was_answered_already_is_not_asked() -> None:
    done = move(trying(platform="wechat"), Signal("human"))
    assert said(done, "slots.ask").values["question"] == "error_text 是什么？"


def test_whoever_only_asks_for_a_person_is_asked_what_happened_and_helped_when_it_is_known() -> None:
    first = move(view(), text(WANTS_PEOPLE, "人工"))
    assert first.memory.pending == "what_happened"
    seen = _next(first, view("handed_over", ticket("queued", PEOPLE)))
    second = move(seen, text(verdict(FACE), "刷脸不过"))
    assert keys(second) == ["handover.meanwhile", "text", "promise"]
    assert [e.data["category"] for e in effects(second, Record)] == [FACE]


def test_an_answer_that_vaguely_resembles_another_problem_is_an_answer() -> None:
    seen = _waiting(pending="since", asked=("since",))
    vague = verdict(MISSING, confidence=0.7, rules=())
    assert keys(move(seen, text(vague)))[0] == "slots.noted"
    assert effects(move(seen, text(verdict(MISSING))), Open)


@pytest.mark.parametrize(("days", "reopened"), [(0, True), (6.99, True), (7.01, False), (30, False)])
def test_a_reply_reopens_for_seven_days(days: float, reopened: bool) -> None:
    seen = view("idle", ticket("resolved", resolved_at=NOW - timedelta(days=days)))
    done = move(seen, text(verdict(FACE), "又不行了"))
    assert bool(effects(done, Reopen)) == reopened
    assert bool(effects(done, Open)) != reopened


def test_what_was_tried_before_it_seemed_solved_is_not_tried_again() -> None:
    solved = move(trying(), Signal("solved"))
    assert effects(solved, Resolve)
    again = view("idle", ticket("resolved", escalated=False, queue="", resolved_at=NOW))
    done = move(_next(solved, again), Signal("not_solved"))
    assert "重启手机" in words(done)


@pytest.mark.parametrize("stars", ["1", "2", "3", "4", "5"])
@pytest.mark.parametrize("typed", [True, False])
def test_stars_typed_and_pressed(stars: str, typed: bool) -> None:
    seen = view("idle", ticket("resolved", resolved_at=NOW))
    done = move(seen, text(UNCLEAR, f"{stars} 分") if typed else Signal("rate", stars))
    assert [e.data for e in effects(done, Record)] == [{"stars": int(stars)}]
    low = int(stars) <= 2
    assert keys(done) == ["rate.sorry" if low else "rate.thanks"]
    assert done.memory.pending == ("rating_reason" if low else "")
    if low:
        why = move(_next(done, seen), text(UNCLEAR, "等太久了"))
        assert [(e.type, e.data) for e in effects(why, Record)] == [("rating_explained", {"text": "等太久了"})]
        assert why.memory.pending == ""


def test_better_stars_after_bad_ones_need_no_reason() -> None:
    seen = view("idle", ticket("resolved", resolved_at=NOW), pending="rating_reason")
    assert move(seen, Signal("rate", "5")).memory.pending == ""


def test_going_on_after_low_stars_is_no_answer_to_a_question() -> None:
    seen = view("idle", ticket("resolved", resolved_at=NOW), pending="rating_reason", category=FACE)
    done = move(seen, Signal("reopen"))
    after = move(_next(done, view("handed_over", ticket("queued"))), text(UNCLEAR, "还是不行"))
    assert not effects(after, Record)


def test_text_without_a_verdict_is_a_mistake_of_the_program() -> None:
    with pytest.raises(ValueError, match="judged by triage"):
        move(view(), Signal("text", text="刷脸"))


def test_what_to_have_at_hand_is_the_problems_own_where_it_has_something() -> None:
    """The queue's list speaks of an item in the report; a person without a passport needs another one."""
    of_queue = book()
    own = of_queue.categories[DISPUTE].model_copy(update={"ready": (Words(zh="护照", en="passport"),)})
    of_problem = of_queue.model_copy(update={"categories": {**of_queue.categories, DISPUTE: own}})
    heard = text(verdict(DISPUTE, "escalate", queue="hotline"))
    said = [
        next(part.values["ready"] for part in step(view(), heard, rules, NOW).parts if part.key == "handover.ready")
        for rules in (of_queue, of_problem)
    ]
    assert said == ["报告编号", "护照"]


def _what_now(heard: Verdict) -> Signal:
    return Signal("text", WHAT_NOW, text="那我现在怎么办", verdict=heard)


def test_asked_what_to_do_meanwhile_danger_gets_its_safety_steps_again() -> None:
    """Also when the message, heard with what went before it, alone would be danger once more."""
    seen = view("handed_over", ticket("queued", SCAM), category=SCAM, pending="when")
    for heard in (FILLER, verdict(SCAM, scope="conversation")):
        done = move(seen, _what_now(heard))
        assert keys(done) == ["safety.head", "text", "promise"]
        assert not effects(done, Escalate)
        assert done.memory.pending == "when"


def test_asked_what_to_do_meanwhile_a_way_that_was_not_tried_is_shown_else_a_number_to_call() -> None:
    done = move(_waiting(round=0), _what_now(FILLER))
    assert keys(done) == ["handover.until_then", "text", "promise"]
    assert "重启手机" in words(done)
    done = move(_waiting(round=9), _what_now(FILLER))
    assert keys(done)[0] == "handover.here"
    assert keys(done)[-1] == "promise"


def test_the_question_is_known_by_its_words() -> None:
    ears = Ears.of(book())
    assert [read(incoming(1, words), Memory(), ears).arg for words in ("怎么办？！", "我刷脸不过怎么办")] == [
        WHAT_NOW,
        "",
    ]


def test_an_agent_who_took_it_says_what_to_do() -> None:
    seen = view("handed_over", ticket("assigned"), category=FACE)
    assert move(seen, _what_now(FILLER)).silent
    assert keys(move(trying(), _what_now(FILLER))) == ["advice.take_your_time"]


def test_thanks_after_danger_are_thanks_though_the_conversation_is_about_danger() -> None:
    seen = view("handed_over", ticket("queued", SCAM), category=SCAM)
    assert keys(move(seen, text(verdict(SCAM, scope="conversation", filler=True), "谢谢"))) == [
        "handover.here",
        "promise",
    ]
