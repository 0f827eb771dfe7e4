"""What the rules alone see: expressions, signatures, a wish for a person, and what that adds to a category's score."""

from __future__ import annotations

import pytest
from triage_pack import book

from triagebot.errors import RulesError
from triagebot.rulebook.schema import Category
from triagebot.triage.normalise import normalise
from triagebot.triage.patterns import Rule, Sieve
from triagebot.triage.reading import Reader, Reading
from triagebot.triage.signatures import Signatures

T = book().thresholds


def read(text: str) -> Reading:
    return Reader(book()).read(normalise(text))


def test_every_hit_says_where_it_was_found() -> None:
    hits = Sieve([Rule("a", "strong", "x", "刷脸"), Rule("b", "weak", "x", "不.{0,2}过")]).hits("刷脸不通过,又刷脸")
    assert [(hit.rule.id, hit.spans) for hit in hits] == [("a", ((0, 2), (7, 9))), ("b", ((2, 5),))]


def test_an_expression_that_re2_refuses_is_named() -> None:
    with pytest.raises(RulesError, match=r"verification\.face: face\.bad: RE2 refuses"):
        Sieve([Rule("face.bad", "strong", "verification.face", "(?<!x)y")])


def test_an_expression_that_outgrows_the_usual_memory_still_works() -> None:
    assert Sieve([Rule("a", "strong", "x", "(刷脸.{0,300}){3}不过")]).hits("刷脸刷脸,又刷脸,就是不过")


def test_no_rules_and_no_text_hit_nothing() -> None:
    assert Sieve([]).hits("刷脸") == ()
    assert Sieve([Rule("a", "strong", "x", ".*")]).hits("") == ()


def test_evil_repetition_takes_no_time() -> None:
    assert Sieve([Rule("a", "strong", "x", "(a+)+$")]).hits("a" * 1999 + "!") == ()


def test_a_denied_hit_speaks_against_its_category() -> None:
    reading = read("不是人脸的问题,是验证码")
    assert reading.bonus == {"verification.face": -T.against_weight, "verification.sms_code": T.strong_weight}
    assert [hit.rule.id for hit in reading.having("strong")] == ["sms.word"]


def test_one_mention_that_is_not_denied_is_enough() -> None:
    assert read("不是人脸的问题?刷脸就是过不了").bonus["verification.face"] == T.strong_weight


def test_what_is_not_negatable_stays_a_hit() -> None:
    sieve = Sieve([Rule("a", "strong", "x", "本人", negatable=False), Rule("b", "strong", "x", "本人")])
    assert [hit.denied for hit in sieve.hits("说不是本人")] == [False, True]


def test_an_objection_lowers_what_a_hit_gives() -> None:
    assert read("短信说没有相机权限").bonus["verification.sms_code"] == T.strong_weight - T.against_weight


@pytest.mark.parametrize(
    "shown", ["提示“疑似非真人录制, 请重试”", "疑似非真人录制请 重试！", "报错 face-1004", "(FACE-1004)"]
)
def test_shown_wording_and_codes_are_found_however_they_are_typed(shown: str) -> None:
    reading = read(shown)
    assert [s.category for s in reading.shown] == ["verification.face"]
    assert reading.bonus["verification.face"] == T.signature_weight


@pytest.mark.parametrize("other", ["face-10045", "疑似非真人", "1004"])
def test_parts_of_a_signature_are_not_it(other: str) -> None:
    assert read(other).shown == ()


def test_a_signature_of_punctuation_only_is_never_found() -> None:
    broken = (
        book()
        .categories["verification.face"]
        .model_copy(
            update={
                "signatures": (
                    book().categories["verification.face"].signatures[0].model_copy(update={"text": "…", "code": ""}),
                )
            }
        )
    )
    assert isinstance(broken, Category)
    assert Signatures({broken.id: broken}).find("什么都没有") == ()


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("转人工", True),
        ("刷脸不过,叫个活人来", True),
        ("I want to talk to a human", True),
        ("人工智能吗你", False),
        ("不用转人工", False),
        ("人工智能不行 转人工", True),
        ("刷脸不过", False),
    ],
)
def test_a_wish_for_a_person(text: str, asked: bool) -> None:
    assert read(text).human_requested is asked
