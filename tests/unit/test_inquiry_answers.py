"""What people say about a strange inquiry, read as facts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.unit.judging import rules
from triagebot.dialogue.inquiry_answers import of_answer, of_story

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("story", "facts"),
    [
        ("征信上有我没授权的查询记录", {}),
        ("没贷款怎么会有贷款审批查询", {"reason": "loan"}),
        ("某消费金融公司三月份查了我征信 我没申请过", {"institution": "consumer", "date": "2026-03"}),
        (
            "2026年3月12日，某某银行以贷后管理查了我",
            {"reason": "post_loan", "institution": "bank", "date": "2026-03-12"},
        ),
        ("不是贷款审批，是贷后管理", {"reason": "post_loan"}),
        ("贷后管理和贷款审批都有", {}),
        ("法人代表资信审查 我又不是法人", {"reason": "legal_person", "business": "none"}),
        ("特约商户实名审查？我没开店啊 谁查的", {"reason": "merchant", "business": "none"}),
        ("本人查询那里有一次不是我查的", {"reason": "own", "business": "none"}),
        ("贷后管理，可这张卡早就注销了", {"reason": "post_loan", "business": "ended"}),
        ("我就点了下测额度 就算授权了吗", {"business": "tapped"}),
        ("查詢原因寫擔保資格審查，可我沒替人擔保過", {"reason": "guarantee"}),
        ("担保公司和小贷都查我", {}),
        ("那几天没点过任何广告，那这条查询咋来的", {}),
        ("人民银行在哪里投诉", {}),
        ("怎么跟银行证明不是我申请的", {}),
        ("inquiry list里有一条loan approval，我never apply过", {"reason": "loan"}),
        ("同一天三家都查了，贷款审批", {"reason": "loan", "several": "three"}),
        ("loan approval inquiry by a consumer finance firm", {"reason": "loan", "institution": "consumer"}),
    ],
)
def test_facts_of_a_story(story: str, facts: dict[str, str]) -> None:
    assert of_story(rules(), [story], {}, NOW) == facts


def test_what_is_known_already_is_not_read_again() -> None:
    assert of_story(rules(), ["贷款审批，小贷查的"], {"reason": "card"}, NOW) == {"institution": "consumer"}


@pytest.mark.parametrize(
    ("question", "said", "answer"),
    [
        ("reason", "货后管理", "post_loan"), ("reason", "写的资信审查", "standing"), ("reason", "担保资格", "guarantee"),
        ("reason", "保后管理", "post_guarantee"), ("reason", "别的", "other"), ("reason", "看不清楚写的啥", ""),
        ("reason", "法人代表、负责人、高管等资信审查", "legal_person"), ("reason", "本人查询", "own"),
        ("institution", "是个小额贷款的", "consumer"), ("institution", "农商行", "bank"),
        ("institution", "保险公司", "elsewhere"),
        ("institution", "那家融资租赁公司", "guarantor"), ("institution", "a bank", "bank"),
        ("business_any", "没有", "none"), ("business_any", "没有，就点过一次广告", "tapped"), ("business_any", "有", "did"),
        ("business_any", "我测过额度", "tapped"), ("business_any", "从来没听说过", "none"),
        ("business_any", "记不得了", "unsure"),
        ("business_any", "nothing", "none"), ("business_any", "我从来没贷过款", "none"), ("business_any", "不是我办的", "none"),
        ("business_any", "有没有影响我房贷", ""), ("business_any", "他们凭什么查我", ""), ("business_any", "没影响吧？", ""),
        ("business_post", "有过，早还清了", "ended"), ("business_post", "还在用", "did"), ("business_post", "从来没有", "none"),
        ("business_own", "不是我查的", "none"), ("business_own", "查过", "did"), ("business_own", "没查过", "none"),
        ("several", "三家", "three"), ("several", "5", "four"), ("several", "就一家", "few"), ("several", "好几家", "four"),
        ("several", "12家", "four"), ("several", "2", "few"), ("date", "上个月", "2026-10"), ("date", "嗯", ""),
    ],
)  # fmt: skip
def test_an_answer_in_ones_own_words(question: str, said: str, answer: str) -> None:
    asked = next(q for q in rules().questions if q.id == question)
    assert of_answer(asked, said, NOW) == answer


def test_a_story_is_no_answer_by_a_word_that_would_do_as_one() -> None:
    asked = next(q for q in rules().questions if q.id == "business_any")
    assert of_answer(asked, "我跟你说啊这事可真是奇了怪了" * 5 + "没", NOW) == ""


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_typing_a_label_gives_that_answer(lang: str) -> None:
    """A label that is typed with other words around it is still understood, where the question can be answered in words."""
    for question in rules().questions:
        for option in question.options:
            if question.fact == "reason" and option.id != "other":
                assert of_answer(question, option.in_(lang), NOW) == option.id, option
