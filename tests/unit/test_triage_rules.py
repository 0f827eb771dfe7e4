"""The brain on the rules that ship: what is written in rules/categories holds, and the main job's messages are understood."""

from __future__ import annotations

import pytest

from triagebot.rulebook import RuleBook
from triagebot.triage import selftest
from triagebot.triage.brain import Brain, Context


def test_all_tests_in_the_rules_hold(book: RuleBook, brain: Brain) -> None:
    assert [str(failure) for failure in selftest.run(book, brain)] == []


@pytest.mark.parametrize(
    "text",
    [
        "搞错了，是短信收不到",
        "不对，短信收不到",
        "我说的是短信，不是人脸",
        "其实想问短信的事",
        "i mean the sms code, not the face",
        "说错了",
    ],
)
def test_words_that_take_back_are_recognised(brain: Brain, text: str) -> None:
    context = Context(earlier=("刷脸不过",), category="verification.face")
    assert brain.triage(text, context).category in ("verification.sms_code", "other.out_of_scope")


@pytest.mark.parametrize(
    "text",
    [
        "错了5次就锁了",
        "选错了证件类型",
        "弄错了名字能改吗",
        "密码错了",
        "报告里有笔不是我的",
        "no sms code comes",
        "wrong password",
    ],
)
def test_a_problem_with_a_mistake_in_it_takes_nothing_back(brain: Brain, text: str) -> None:
    context = Context(earlier=("刷脸不过",), category="verification.face")
    assert brain.triage(text, context).rules == brain.triage(text).rules
    assert not [rule for rule in brain.triage(text, context).rules if rule.startswith("correction")]


def test_every_category_has_tests_of_its_own(book: RuleBook) -> None:
    assert len(book.categories) == 24
    assert selftest.count(book) >= 5 * 24


@pytest.mark.parametrize(
    ("text", "category", "decision"),
    [
        ("刷脸老是不过", "verification.face", "answer"),
        ("微信查征信提示身份验证未通过", "verification.identity", None),
        ("提交两天了报告还没出来", "report.missing", "answer"),
        ("报告里有一笔贷款不是我借的", "anomaly.identity_theft", "escalate"),
        ("有人说交钱能修复征信 是真的吗", "security.scam", "escalate"),
        ("查询记录有个不认识的公司", "anomaly.unauthorized_inquiry", "escalate"),
        ("收不到验证码", "verification.sms_code", "answer"),
        ("U盾插上没反应", "verification.certificate", "answer"),
        ("人在国外怎么查", "access.overseas", "answer"),
        ("转人工", "service.human", "escalate"),
    ],
)
def test_the_messages_of_the_main_job(brain: Brain, text: str, category: str, decision: str | None) -> None:
    verdict = brain.triage(text)
    assert verdict.category == category
    assert decision in (None, verdict.decision)


@pytest.mark.parametrize(
    "text", ["有人说交钱能修复征信 是真的吗", "报告里有一笔贷款不是我借的", "对方让我把验证码报给他"]
)
def test_danger_goes_to_security_at_once(brain: Brain, text: str) -> None:
    verdict = brain.triage(text)
    assert (verdict.decision, verdict.priority, verdict.queue) == ("escalate", "P1", "security")


def test_three_fragments_are_one_problem(brain: Brain) -> None:
    verdict = brain.triage("急", Context(earlier=("在吗", "刷脸不过")))
    assert (verdict.category, verdict.scope, verdict.filler) == ("verification.face", "conversation", True)


@pytest.mark.parametrize("text", ["", "😂😂", "在吗", "你好", "???", "急"])
def test_small_words_are_no_problem_of_their_own(brain: Brain, text: str) -> None:
    verdict = brain.triage(text)
    assert (verdict.category, verdict.decision, verdict.filler) == ("other.out_of_scope", "unclear", True)


def test_a_correction_turns_the_verdict_round(brain: Brain) -> None:
    verdict = brain.triage(
        "不是人脸的问题,是短信验证码收不到", Context(earlier=("刷脸不过",), category="verification.face")
    )
    assert verdict.category == "verification.sms_code"


LOGIN = ("我登录不上去了", "不是密码 是登录名忘了")


def test_a_detail_of_a_login_problem_raises_no_alarm(brain: Brain) -> None:
    verdict = brain.triage("手机号也换了", Context(earlier=LOGIN, category="account.login"))
    assert (verdict.category, verdict.scope) == ("account.login", "conversation")
    assert verdict.priority != "P1"


@pytest.mark.parametrize(
    "text", ["我把验证码告诉他了", "他让我共享屏幕转了钱", "报告里有一笔贷款不是我借的", "钱已经转给那个客服了"]
)
def test_danger_is_heard_in_the_middle_of_a_login_problem(brain: Brain, text: str) -> None:
    verdict = brain.triage(text, Context(earlier=LOGIN, category="account.login"))
    assert (verdict.decision, verdict.priority, verdict.queue) == ("escalate", "P1", "security")
