"""From words and what went before to a verdict."""

from __future__ import annotations

import json

import pytest
from triage_pack import book, brain

from triagebot.triage.brain import Context

PROMISED = {
    "text",
    "category",
    "confidence",
    "candidates",
    "decision",
    "platform",
    "priority",
    "queue",
    "human_requested",
    "lang",
    "evidence",
}


@pytest.mark.parametrize("name", list(book().categories))
def test_every_category_can_be_reached(name: str) -> None:
    rules = book().categories[name]
    assert {brain().triage(text).category for text in (*rules.examples.zh, *rules.examples.en)} >= {name}


@pytest.mark.parametrize(
    "text", ["", " ", "\n\t", "😂😂😂", "\u200b", "\ud800", "\x00\x01", "???", "1", "。。。", "急"]
)
def test_what_says_nothing_is_unclear_and_harms_nobody(text: str) -> None:
    verdict = brain().triage(text)
    assert (verdict.category, verdict.decision, verdict.filler) == ("other.out_of_scope", "unclear", True)


def test_twenty_thousand_characters_are_judged_like_their_beginning() -> None:
    assert brain().triage("刷脸不过," * 5000).category == "verification.face"


def test_fragments_are_one_story() -> None:
    verdict = brain().triage("急", Context(earlier=("在吗", "刷脸不过")))
    assert (verdict.category, verdict.scope, verdict.filler) == ("verification.face", "conversation", True)
    assert verdict.decision == brain().triage("刷脸不过").decision


def test_a_fragment_leans_on_what_was_said_before() -> None:
    alone = brain().triage("还是一样")
    verdict = brain().triage("还是一样", Context(earlier=("刷脸不过",)))
    assert alone.category != "verification.face"
    assert (verdict.category, verdict.scope, verdict.filler) == ("verification.face", "conversation", False)


def test_a_message_that_is_clear_alone_stands_alone() -> None:
    verdict = brain().triage(
        "收不到短信验证码", Context(earlier=("刷脸不过", "人脸识别失败"), category="verification.face")
    )
    assert (verdict.category, verdict.scope) == ("verification.sms_code", "message")


def test_a_correction_turns_the_verdict_round() -> None:
    verdict = brain().triage("不是人脸,是短信", Context(earlier=("刷脸不过",), category="verification.face"))
    assert verdict.category == "verification.sms_code"


@pytest.mark.parametrize("words", ["我说的是短信,不是人脸", "搞错了 是短信收不到", "不对,短信收不到"])
def test_who_was_taken_wrong_is_heard_without_what_was_said_before(words: str) -> None:
    context = Context(earlier=("刷脸不过", "人脸识别失败"), category="verification.face")
    verdict = brain().triage(words, context)
    assert (verdict.category, verdict.scope, verdict.also) == ("verification.sms_code", "message", ())


def test_who_names_the_same_thing_again_corrects_nothing() -> None:
    context = Context(earlier=("刷脸不过",), category="verification.face")
    assert brain().triage("不对,还是刷脸不过", context).category == "verification.face"


def test_without_a_problem_at_hand_there_is_nothing_to_correct() -> None:
    assert brain().triage("不对,刷脸不过") == brain().triage("不对,刷脸不过", Context(earlier=("你好",)))


def test_older_messages_count_for_less() -> None:
    def share(*earlier: str) -> float:
        verdict = brain().triage("还是一样", Context(earlier=earlier))
        assert verdict.scope == "conversation"
        return dict(verdict.candidates)["verification.sms_code"]

    assert share("刷脸不过", "短信收不到") > share("短信收不到", "刷脸不过")


def test_a_greeting_before_the_problem_changes_nothing() -> None:
    assert brain().triage("刷脸不过", Context(earlier=("你好", "在吗"))) == brain().triage("刷脸不过")


def test_only_greetings_before_a_filler_leave_it_unclear() -> None:
    assert brain().triage("急", Context(earlier=("你好", "在吗"))).decision == "unclear"


def test_a_platform_name_alone_is_an_answer_not_a_problem() -> None:
    verdict = brain().triage("微信", Context(earlier=("刷脸不过",)))
    assert (verdict.category, verdict.platform, verdict.filler) == ("verification.face", "wechat", True)


def test_the_platform_of_the_message_wins_over_that_of_the_conversation() -> None:
    context = Context(earlier=("微信刷脸不过",), platform="wechat")
    assert brain().triage("支付宝也刷脸不过", context).platform == "alipay"
    assert brain().triage("刷脸又不过", context).platform == "wechat"
    assert brain().triage("急", Context(earlier=("支付宝刷脸不过",))).platform == "alipay"


def test_only_the_message_itself_asks_for_a_person() -> None:
    assert not brain().triage("急", Context(earlier=("刷脸不过 转人工",))).human_requested
    verdict = brain().triage("转人工", Context(earlier=("刷脸不过",)))
    assert (verdict.human_requested, verdict.decision) == (True, "escalate")


def test_a_second_problem_in_other_words_is_mentioned() -> None:
    verdict = brain().triage("刷脸不过,还有我要提异议更正")
    assert {verdict.category, *verdict.also} >= {"verification.face", "report.dispute"}
    assert brain().triage("刷脸不过").also == ()


def test_what_comes_after_another_thing_needs_no_expression_of_its_own() -> None:
    verdict = brain().triage("刷脸不过,另外短信收不到")
    assert {verdict.category, *verdict.also} == {"verification.face", "verification.sms_code"}
    assert brain().triage("刷脸不过,另外天气不错").also == ()


def test_the_promised_fields_are_json_and_the_candidates_are_sorted() -> None:
    said = brain().triage("微信刷脸老是不过").to_json()
    assert json.loads(json.dumps(said)) == said
    assert said.keys() >= PROMISED
    shares = [candidate["p"] for candidate in said["candidates"]]
    assert len(shares) >= 3
    assert shares == sorted(shares, reverse=True)
    assert (said["candidates"][0]["category"], said["platform"], said["lang"]) == ("verification.face", "wechat", "zh")
    assert said["evidence"]["rules"] == ["face.word"]
    assert said["evidence"]["nearest"][0] == "刷脸老是不过"


def test_many_are_judged_in_order_and_apart() -> None:
    texts = ["刷脸不过", "急", "收不到验证码"]
    assert [brain().triage(text) for text in texts] == [brain().triage(text) for text in reversed(texts)][::-1]
