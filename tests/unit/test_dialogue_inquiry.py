"""Judging one strange inquiry with its person: the offer, the questions, the ways out, the result."""

from __future__ import annotations

import pytest

from tests.unit.judging import NOW, THEFT, Person, book, verdict
from triagebot.dialogue.state import Escalate, LookAfter, Open, Remind, Signal, View
from triagebot.dialogue.step import step


def judged(reason: str, business: str, **more: str) -> Person:
    """Somebody who answered with buttons as far as it was asked."""
    person = Person(more.pop("lang", "zh"))
    person.starts()
    answers = {"reason": reason, "institution": "consumer", "business": business, "several": "few", "date": "yesterday"}
    answers |= more
    while person.question:
        person.presses(f"judge:{person.question}.{answers[person.question]}")
    return person


def test_the_first_advice_offers_to_judge_it_and_asks_nobody_yet() -> None:
    person = Person()
    person.writes("有个不认识的机构查了我", verdict())
    assert person.buttons == ["judge:start", "solved", "not_solved", "human"]
    assert not person.escalated
    assert [type(effect) for effect in person.did if isinstance(effect, LookAfter)] == [LookAfter]


def test_what_was_said_already_is_not_asked_again() -> None:
    person = Person()
    person.starts("3月12日有家小贷以贷款审批查了我")
    assert person.facts == {"reason": "loan", "institution": "consumer", "date": "2026-03-12"}
    assert person.question == "business"
    assert "贷款审批" in str(person.done.parts[1].values["facts"]) if person.done else ""


def test_whoever_tells_the_reason_instead_of_pressing_the_button_has_begun() -> None:
    person = Person()
    person.writes("有个机构查了我", verdict())
    person.writes("写的是贷后管理", verdict(scope="conversation"))
    assert person.facts == {"reason": "post_loan"}
    assert person.question == "institution"


def test_a_routine_check_by_a_lender_of_ones_own_is_normal_after_three_questions() -> None:
    person = judged("post_loan", "did")
    assert person.result == "normal"
    assert "“贷后管理”是您已有业务的机构" in person.words
    assert len(person.happened("fact_given")) == 3
    assert not person.escalated
    assert {"solved", "not_solved", "human", f"pick:{THEFT}"} <= set(person.buttons)


def test_a_tapped_ad_is_asked_about_at_the_institution_with_the_sentence_to_say() -> None:
    person = judged("loan", "tapped")
    assert person.result == "ask_institution"
    assert person.done is not None
    said = next(part.values["words"] for part in person.done.parts if part.key == "inquiry.phone")
    assert "在2026年11月22日以“贷款审批”查询过我" in said
    assert any(isinstance(effect, Remind) for effect in person.done.effects)
    assert not person.escalated
    assert "judge:paper.dispute" in person.buttons


def test_no_business_goes_to_the_hotline_with_a_letter_to_copy() -> None:
    person = judged("card", "none")
    assert person.result == "unauthorised"
    assert [(e.queue, e.priority, e.reason) for e in person.escalated] == [("hotline", "P2", "inquiry.none")]
    assert person.done is not None
    (letter,) = person.done.papers
    assert "2026年11月22日，（查询机构全称）以“信用卡审批”为由查询" in letter
    assert "没有在该机构申请或办理过任何业务" in letter
    assert "第十八条" in letter
    assert "20日" in letter
    assert "（姓名）" in letter
    assert "judge:paper.complaint" in person.buttons
    assert person.done.memory.pending == ""


def test_the_complaint_is_still_to_be_had_when_people_have_the_ticket() -> None:
    person = judged("card", "none")
    done = person.presses("judge:paper.complaint")
    (letter,) = done.papers
    assert letter.startswith("征信投诉信")
    assert "第二十六条" in letter
    assert "第四十条第（三）项" in letter
    assert done.state == "handed_over"


def test_the_reminder_of_its_answer_comes_with_each_letter_once() -> None:
    person = judged("card", "none")
    assert person.buttons.count("remind:dispute_20d") == 1
    person.presses("judge:paper.complaint")
    assert "remind:complaint_accept_10wd" in person.buttons
    asked = judged("loan", "tapped")
    asked.presses("judge:paper.dispute")
    assert asked.buttons.count("remind:dispute_20d") == 1
    assert "solved" in asked.buttons


def test_an_english_speaker_gets_the_chinese_letter_and_what_it_says() -> None:
    person = judged("loan", "none", lang="en")
    assert person.done is not None
    letter, gloss = person.done.papers
    assert letter.startswith("异议申请书")
    assert "以“贷款审批”为由" in letter
    assert gloss.startswith("In English")


def test_an_own_query_by_somebody_else_is_an_alarm_with_its_checklist_at_once() -> None:
    person = judged("own", "none")
    assert person.result == "identity_theft"
    assert [(e.queue, e.priority, e.category) for e in person.escalated] == [("security", "P1", THEFT)]
    assert "safety.head" in person.words
    assert [fact["slot"] for fact in person.happened("fact_given")] == ["inquiry.reason", "inquiry.business"]


def test_many_institutions_on_one_day_and_no_business_are_an_alarm() -> None:
    person = judged("loan", "none", several="four")
    assert person.result == "identity_theft"
    assert person.escalated[0].priority == "P1"


def test_an_unknown_account_beside_it_is_an_alarm_on_the_same_ticket() -> None:
    person = judged("post_loan", "did")
    person.presses(f"pick:{THEFT}")
    assert [e.priority for e in person.escalated] == ["P1"]
    assert sum(isinstance(effect, Open) for effect in person.did) == 1


def test_an_unknown_account_beside_what_people_have_is_a_ticket_of_its_own() -> None:
    person = judged("loan", "none")
    person.presses(f"topic:{THEFT}")
    assert [e.priority for e in person.escalated] == ["P2", "P1"]
    assert sum(isinstance(effect, Open) for effect in person.did) == 2


@pytest.mark.parametrize("words", ["没有", "没办过", "从来没有过", "no"])
def test_an_answer_may_be_typed(words: str) -> None:
    person = Person()
    person.starts("小贷以贷款审批查了我")
    assert person.question == "business"
    person.writes(words)
    assert person.facts["business"] == "none"


def test_a_short_answer_is_one_whatever_it_resembles() -> None:
    person = Person()
    person.starts("小贷以贷款审批查了我")
    person.writes("点过广告", verdict("billing.quota", "answer"))
    assert person.facts["business"] == "tapped"


@pytest.mark.parametrize(("words", "alarm"), [("我从来没贷过款", False), ("还有一笔不是我贷的", True)])
def test_a_denial_is_an_answer_and_an_account_is_an_alarm(words: str, alarm: bool) -> None:
    person = Person()
    person.starts("小贷以贷款审批查了我")
    person.writes(words, verdict(THEFT))
    assert [e.priority for e in person.escalated] == (["P1"] if alarm else [])
    assert alarm or person.facts["business"] == "none"


def test_a_screenshot_of_the_record_answers_what_it_shows() -> None:
    person = Person()
    person.starts()
    person.shows("查询日期 2026.03.12\n查询机构 某某消费金融有限公司\n查询原因 贷款审批")
    assert person.facts == {"reason": "loan", "institution": "consumer", "date": "2026-03-12"}
    assert person.question == "business"


def test_of_a_screenshot_of_many_records_nothing_is_taken_for_the_one() -> None:
    person = Person()
    person.starts()
    person.shows("1 2026.03.12 某某银行 贷后管理\n2 2026.02.01 某消费金融公司 贷款审批\n3 2025.12.01 本人 本人查询")
    assert person.facts == {}
    assert person.question == "reason"


def test_a_reason_in_english_is_an_answer_and_no_alarm() -> None:
    person = Person("en")
    person.starts()
    person.writes("credit card approval", verdict(THEFT))
    assert person.facts == {"reason": "card"}
    assert not person.escalated


def test_a_question_in_between_is_put_off_kindly() -> None:
    person = Person()
    person.starts("小贷以贷款审批查了我")
    person.writes("这会不会影响我房贷啊")
    assert "inquiry.first" in person.words
    assert person.question == "business"


def test_whoever_does_not_know_is_asked_the_next_thing() -> None:
    person = Person()
    person.starts()
    person.writes("不知道")
    assert person.facts == {"reason": "unknown"}
    assert person.question == "institution"


def test_what_is_not_understood_is_asked_once_more_and_then_left_out() -> None:
    person = Person()
    person.starts()
    person.writes("嗯那个呃")
    assert person.question == "reason"
    assert "inquiry.which" in person.words
    person.writes("嗯那个呃")
    assert person.facts == {"reason": "unknown"}
    assert person.question == "institution"


def test_a_date_that_is_still_to_come_is_asked_for_again() -> None:
    person = Person()
    person.starts("小贷以贷款审批查了我")
    person.presses("judge:business.tapped")
    assert person.question == "date"
    person.writes("2027-03-01")
    assert person.question == "date"
    assert "inquiry.which_date" in person.words
    person.writes("3月")
    assert person.facts["date"] == "2026-03"


def test_the_way_back_takes_the_last_answer_away() -> None:
    person = Person()
    person.starts()
    assert "judge:back" not in person.buttons
    person.presses("judge:reason.loan")
    person.presses("judge:institution.bank")
    person.presses("judge:back")
    assert person.question == "institution"
    assert person.facts == {"reason": "loan"}


def test_an_older_button_corrects_its_answer_and_drops_what_no_longer_fits() -> None:
    person = judged("loan", "tapped")
    assert person.facts["business"] == "tapped"
    person.presses("judge:reason.own")
    assert person.facts["reason"] == "own"
    assert "business" not in person.facts
    assert person.question == "business"


def test_another_problem_in_between_is_a_ticket_of_its_own() -> None:
    person = Person()
    person.starts()
    done = person.writes("另外微信刷脸总失败", verdict("verification.face", "answer"))
    assert any(isinstance(effect, Open) for effect in done.effects)
    assert done.memory.category == "verification.face"
    assert done.memory.inquiry == ()


def test_a_person_is_to_be_had_at_any_question_and_gets_what_was_told() -> None:
    person = Person()
    person.starts("小贷以贷款审批查了我")
    person.presses("human")
    assert person.escalated[0].reason == "asked_for_human"
    assert [fact["text"] for fact in person.happened("fact_given")] == ["贷款审批", "消费金融、小贷、互联网平台"]
    assert person.done is not None
    assert person.done.memory.pending == ""


def test_letting_it_be_ends_it() -> None:
    person = Person()
    person.starts()
    done = person.writes("算了")
    assert [effect.data["reason"] for effect in done.effects if getattr(effect, "type", "") == "closed"] == ["gave_up"]


def test_danger_in_between_is_heard_before_anything_else() -> None:
    person = Person()
    person.starts()
    person.writes("等等，报告里还有一笔贷款不是我的", verdict(THEFT))
    assert [(e.queue, e.priority) for e in person.escalated] == [("security", "P1")]


def test_it_still_does_not_help_gives_the_next_way() -> None:
    person = judged("post_loan", "did")
    done = person.presses("not_solved")
    assert done.memory.round == 1
    assert "书面授权" in person.words


def test_its_buttons_mean_nothing_where_we_talk_about_something_else() -> None:
    person = Person()
    person.writes("刷脸失败", verdict("verification.face", "answer"))
    done = person.presses("judge:reason.loan")
    assert [part.key for part in done.parts] == ["greet.nothing_open"]


def test_rules_without_judging_hand_over_at_once_as_before() -> None:
    bare = book().model_copy(update={"inquiry": None})
    done = step(View(version=1), Signal("text", text="有机构查我", verdict=verdict()), bare, NOW)
    assert [effect.queue for effect in done.effects if isinstance(effect, Escalate)] == ["hotline"]
    assert "judge:start" not in [button.action for row in done.buttons for button in row]
