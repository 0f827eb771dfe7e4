"""Other thresholds, fewer examples: the curves of an evaluation, and its tables."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from triage_pack import book, brain

from triagebot.triage.evaluation import learning, tables
from triagebot.triage.evaluation.curves import ANSWER_AT, P1_MASS, AlarmPoint, AnswerPoint, alarm_curve, answer_curve
from triagebot.triage.evaluation.guesses import Guess
from triagebot.triage.evaluation.labelled import Labelled, Row
from triagebot.triage.evaluation.verdicts import Judged, judge, measure

FACE, SMS, SCAM, DISPUTE = "verification.face", "verification.sms_code", "security.scam", "report.dispute"

IN_SET = dict.fromkeys(book().categories, 0.2)


def _judged(truth: str, *candidates: tuple[str, float]) -> Judged:
    """As if nothing but the probabilities spoke."""
    row = Row("x", "zh", truth, "unknown", False, False)
    blank = brain().judge("不知道怎么回事,请帮忙看一下", {})
    return Judged(row, brain().triage("x"), replace(blank, candidates=candidates), 1.0)


def test_answer_curve_of_a_case_worked_out_by_hand() -> None:
    judged = [
        _judged(FACE, (FACE, 0.9), (SMS, 0.1)),
        _judged(SMS, (FACE, 0.7), (SMS, 0.3)),
        _judged(DISPUTE, (FACE, 0.5), (SMS, 0.4), (DISPUTE, 0.1)),
    ]
    assert answer_curve(judged, book(), IN_SET, at=(0.6, 0.8)) == [
        AnswerPoint(0.6, 0.6667, 0.5, 0.3333, 2.0, 0.0),
        AnswerPoint(0.8, 0.3333, 1.0, 0.6667, 2.0, 0.5),
    ]


def test_alarm_curve_of_a_case_worked_out_by_hand() -> None:
    judged = [
        _judged(SCAM, (SCAM, 0.9), (FACE, 0.1)),
        _judged(SCAM, (FACE, 0.7), (SCAM, 0.3)),
        _judged(FACE, (FACE, 0.6), (SCAM, 0.4)),
    ]
    assert alarm_curve(judged, book(), IN_SET, at=(0.2, 0.35, 0.5)) == [
        AlarmPoint(0.2, 1.0, 0.6667, 1.0, 0.6667),
        AlarmPoint(0.35, 0.5, 0.5, 0.5, 0.5),
        AlarmPoint(0.5, 0.5, 1.0, 0.5, 1.0),
    ]


def test_at_the_thresholds_of_the_rules_the_curves_say_what_the_verdicts_said() -> None:
    rules = book()
    rows = [
        Row(text, "zh", c.id, "unknown", False, False)
        for c in rules.categories.values()
        for text in (c.examples.zh[0], c.examples.en[1], "被骗了 共享屏幕" if c.id == SCAM else "怎么回事")
    ]
    judged = judge(rows, brain())
    figures = measure(judged, {c.id: c.priority for c in rules.categories.values()})
    in_set = brain().model.in_set
    (answers,) = answer_curve(judged, rules, in_set, at=(rules.thresholds.answer_at,))
    (alarms,) = alarm_curve(judged, rules, in_set, at=(rules.thresholds.p1_mass,))
    assert (answers.answered, answers.answered_right) == (
        figures["decisions"]["answer"]["share"],
        figures["decisions"]["answer"]["accuracy"],
    )
    assert (answers.asked, answers.choices_hold_truth) == (
        figures["decisions"]["ask"]["share"],
        figures["decisions"]["ask"]["contains_truth"],
    )
    assert (alarms.decided_recall, alarms.decided_precision) == (figures["p1_recall"], figures["p1_precision"])
    assert answers.answered
    assert alarms.decided_recall


def test_the_thresholds_in_use_lie_on_the_curves() -> None:
    assert 0.6 in ANSWER_AT
    assert 0.25 in P1_MASS


@pytest.mark.parametrize(
    ("eighths", "chosen"),
    [(1, (7, 15)), (2, (3, 7, 11, 15)), (4, (1, 3, 5, 7, 9, 11, 13, 15)), (8, tuple(range(16)))],
)
def test_so_many_of_every_eight_neighbours_are_kept(eighths: int, chosen: tuple[int, ...]) -> None:
    assert learning.thinned(range(16), eighths) == chosen


def test_larger_choices_hold_the_smaller_ones_and_two_are_always_left() -> None:
    choices = [set(learning.thinned(range(100), eighths)) for eighths in learning.EIGHTHS]
    assert all(small < large for small, large in pairwise(choices))
    assert learning.thinned("abc", 1) == ("b", "c")
    assert learning.thinned("a", 1) == ("a",)


def test_learning_curve_ends_with_all_examples_and_the_product_itself() -> None:
    rows = [Row(c.examples.zh[3], "zh", c.id, "unknown", False, False) for c in book().categories.values()]
    told: list[str] = []
    points = learning.on_rules(book(), rows, told.append)
    assert [p.examples for p in points] == [20, 20, 30, 45, 60]
    assert told == ["12.5%", "25.0%", "50.0%", "75.0%", "100.0%"]
    assert points[-1].accuracy == sum(brain().triage(r.text).category == r.category for r in rows) / len(rows)


def test_learning_curve_of_a_labelled_set() -> None:
    rows = [Labelled(f"{word} {n}", word) for word in ("card", "code", "moon") for n in "abcdefgh"]
    points = learning.on_labelled(rows, [Labelled("card", "card"), Labelled("my moon", "moon")], lambda _: None)
    assert [p.examples for p in points] == [6, 6, 12, 18, 24]
    assert points[-1].accuracy == points[-1].top3 == 1


def test_errors_are_listed_confident_ones_first_and_one_a_line() -> None:
    guesses = [
        Guess("right", "en", "a", "a", 0.99, (("a", 0.99),)),
        Guess("un\tsure\n", "en", "a", "b", 0.4, (("b", 0.4), ("a", 0.35)), "ask"),
        Guess("sure", "zh", "a", "b", 0.9, (("b", 0.9), ("c", 0.1), ("a", 0.0), ("d", 0.0)), "answer"),
    ]
    assert tables.errors(guesses).splitlines() == [
        "text\tlang\ttruth\tcategory\tconfidence\tdecision\ttop3",
        "sure\tzh\ta\tb\t0.9000\tanswer\tb 0.900, c 0.100, a 0.000",
        "un sure\ten\ta\tb\t0.4000\task\tb 0.400, a 0.350",
    ]


def test_a_point_without_a_figure_leaves_its_cell_empty() -> None:
    table = tables.points([AlarmPoint(0.5, 1.0, None, 0.5, None)])
    assert table.splitlines()[1] == "0.5\t1.0\t\t0.5\t"
