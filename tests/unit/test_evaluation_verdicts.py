"""Figures over labelled rows, the tests inside rule files, and the explanation of a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from triage_pack import book, brain

from triagebot.errors import UsageError
from triagebot.rulebook.schema import InlineTest
from triagebot.triage import selftest
from triagebot.triage.evaluation.labelled import Row, read_rows
from triagebot.triage.evaluation.verdicts import Judged, judge, measure
from triagebot.triage.explain import explain
from triagebot.triage.verdict import Verdict

HEADER = "text\tlang\tcategory\tplatform\thuman_requested\thard\n"
FACE, SMS, SCAM, OUTSIDE = "verification.face", "verification.sms_code", "security.scam", "other.out_of_scope"


def _row(category: str, platform: str = "unknown", human: bool = False) -> Row:
    return Row("x", "zh", category, platform, human, False)


def _verdict(category: str, confidence: float, decision: str = "answer", others: tuple[str, ...] = ()) -> Verdict:
    return Verdict(
        text="x",
        category=category,
        confidence=confidence,
        candidates=((category, confidence), *((o, 0.1) for o in others)),
        decision=decision,
        platform="unknown",
        priority="P1" if category == SCAM else "P3",
        queue="",
        human_requested=False,
        lang="zh",
        choices=(category, *others[:1]),
    )


def _measured(rows: Sequence[Row], verdicts: Sequence[Verdict]) -> dict[str, Any]:
    blank = brain().judge("", {})
    judged = [
        Judged(row, v, replace(blank, candidates=v.candidates), 1.0) for row, v in zip(rows, verdicts, strict=True)
    ]
    return measure(judged, {c.id: c.priority for c in book().categories.values()})


def test_figures_of_a_case_worked_out_by_hand() -> None:
    rows = [_row(FACE), _row(FACE, "wechat"), _row(SMS, human=True), _row(SCAM), _row(SCAM)]
    verdicts = [
        _verdict(FACE, 0.95),
        _verdict(SMS, 0.55, "ask", (FACE, SCAM)),
        _verdict(SCAM, 0.85, "escalate", (FACE, "report.dispute", SMS)),
        _verdict(SCAM, 0.85, "escalate"),
        _verdict(FACE, 0.45, "unclear", (SMS, SCAM)),
    ]
    found = _measured(rows, verdicts)
    assert found["n"] == 5
    assert found["accuracy"] == 0.4
    assert found["top3"] == 0.8
    assert found["p1_recall"] == 0.5
    assert found["p1_precision"] == 0.5
    assert found["platform_accuracy"] == found["human_accuracy"] == 0.8
    assert found["ece"] == pytest.approx((0.05 + 0.55 + 0.7 + 0.45) / 5, abs=1e-4)
    assert found["decisions"]["answer"] == {"share": 0.2, "accuracy": 1.0}
    assert found["decisions"]["ask"] == {"share": 0.2, "accuracy": 0.0, "contains_truth": 1.0}
    assert found["decisions"]["unclear"] == {"share": 0.2, "accuracy": 0.0}
    assert found["per_category"][FACE] == {
        "n": 2,
        "recall": 0.5,
        "precision": 0.5,
        "f1": 0.5,
        "mistaken_for": {SMS: 1},
    }
    assert found["confusions"] == [
        {"truth": SCAM, "taken_for": FACE, "n": 1},
        {"truth": FACE, "taken_for": SMS, "n": 1},
        {"truth": SMS, "taken_for": SCAM, "n": 1},
    ]
    assert found["oos_auroc"] is None


def test_a_share_of_nothing_is_no_figure() -> None:
    found = _measured([_row(FACE)], [_verdict(FACE, 0.9)])
    assert found["p1_recall"] is None
    assert found["decisions"]["ask"] == {"share": 0.0, "accuracy": None, "contains_truth": None}


def test_the_less_likely_all_known_categories_the_more_out_of_scope() -> None:
    rows = [_row(FACE), _row(SMS), _row(OUTSIDE), _row(OUTSIDE)]
    verdicts = [
        _verdict(FACE, 0.9),
        _verdict(SMS, 0.3),
        _verdict(OUTSIDE, 0.8, "unclear", (FACE,)),
        _verdict(FACE, 0.5),
    ]
    assert _measured(rows, verdicts)["oos_auroc"] == 0.75


def test_each_message_is_judged_alone_and_timed() -> None:
    ticks = count()
    rows = [replace(_row(FACE), text="刷脸老是不过"), replace(_row(OUTSIDE), text="急")]
    face, filler = judge(rows, brain(), clock=lambda: next(ticks) * 1e-3)
    assert (face.took_us, filler.took_us) == (pytest.approx(1000), pytest.approx(1000))
    for judged in (face, filler):
        assert judged.verdict == brain().triage(judged.row.text)
        assert judged.judgement.candidates[:5] == judged.verdict.candidates
        assert len(judged.judgement.candidates) == 5


def test_rows_are_read_with_quotes_and_blank_lines_as_they_are() -> None:
    rows = read_rows("\ufeff" + HEADER + '查出来是"白条\tzh\t' + FACE + "\twechat\t1\t0\n\n", "file.tsv")
    assert rows == [Row('查出来是"白条', "zh", FACE, "wechat", True, False)]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "file.tsv:1: the header must be"),
        ("text\tcategory\nx\ty\n", "file.tsv:1: the header must be"),
        (HEADER, "file.tsv: there is no message in it"),
        (HEADER + "a\tzh\tx\tunknown\t0\t0\nb\tzh\n", "file.tsv:3: 2 columns instead of 6"),
        (HEADER + "a\tzh\t\tunknown\t0\t0\n", "file.tsv:2: the category is empty"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_with_its_line(content: str, problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        read_rows(content, "file.tsv")


def test_a_category_that_the_rules_do_not_have_is_named() -> None:
    with pytest.raises(UsageError, match=r"verification\.voice"):
        judge([_row("verification.voice")], brain())


def test_tests_in_rule_files_that_hold_say_nothing() -> None:
    assert selftest.run(book(), brain()) == []
    assert selftest.count(book()) == 5


def test_tests_in_rule_files_that_fail_say_where_and_what() -> None:
    rules = book()
    wrong = InlineTest(
        text="微信刷脸老是不过", category=SMS, top3="other.out_of_scope", platform="alipay", queue="customer_service"
    )
    broken = rules.model_copy(
        update={"categories": {**rules.categories, FACE: rules.categories[FACE].model_copy(update={"tests": (wrong,)})}}
    )
    failures = selftest.run(broken, brain())
    assert [failure.key for failure in failures if failure.key != "top3"] == ["category", "platform"]
    assert "rules/categories/verification.face.yaml" in str(failures[0])
    assert "expected verification.sms_code" in str(failures[0])


def test_an_explanation_shows_every_step() -> None:
    found = explain("微信刷脸不过,不是验证码的问题", brain())
    assert found.normal == "微信刷脸不过,不是验证码的问题"
    assert found.content == "微信刷脸不过,"
    assert [(f.rule, f.words, f.denied) for f in found.found] == [
        ("face.word", "刷脸", False),
        ("correction.3", ",不是验证码的问题", False),
        ("sms.word", "验证码", True),
    ]
    assert found.scores[FACE] > 0 > found.scores[SMS]
    assert found.probabilities[0][0] == found.verdict.category == FACE
    assert sum(p for _, p in found.probabilities) == pytest.approx(1)
    assert found.nearest[0][1] == FACE
    assert any("刷脸" in term for term, _ in found.terms)
    assert FACE in found.prediction_set


def test_nothing_to_explain_is_explained_too() -> None:
    found = explain("😂", brain())
    assert (found.normal, found.found, found.terms, found.nearest) == ("", (), (), ())
    assert replace(found.verdict, text="") == brain().triage("")
