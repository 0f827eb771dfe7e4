"""The table that judges a strange inquiry: what every reason means together with every answer about business."""

from __future__ import annotations

from itertools import product

import pytest

from tests.unit.judging import rules
from triagebot.rulebook.inquiry_rules import UNKNOWN

REASONS = (
    "post_loan", "loan", "card", "guarantee", "pre_guarantee", "financing", "standing", "legal_person", "merchant", "own",
    "dispute_check", "post_guarantee", "judicial", "fund", "client", "other", "unknown",
)  # fmt: skip
BUSINESS = ("did", "ended", "tapped", "none", "unsure", "unknown")
N, A, U, T = "normal", "ask_institution", "unauthorised", "identity_theft"
EXPECTED = {
    #                did ended tapped none unsure unknown
    "post_loan":      (N, A, A, U, A, A),
    "loan":           (N, A, A, U, A, A),
    "card":           (N, A, A, U, A, A),
    "guarantee":      (N, A, A, U, A, A),
    "pre_guarantee":  (N, A, A, U, A, A),
    "financing":      (N, A, A, U, A, A),
    "standing":       (N, A, A, U, A, A),
    "legal_person":   (N, A, A, U, A, A),
    "merchant":       (N, A, A, U, A, A),
    "own":            (N, A, A, T, A, A),
    "dispute_check":  (N, A, A, U, A, A),
    "post_guarantee": (N, A, A, U, A, A),
    "judicial":       (N, N, N, N, N, N),
    "fund":           (N, A, A, U, A, A),
    "client":         (N, A, A, U, A, A),
    "other":          (A, A, A, U, A, A),
    "unknown":        (A, A, A, U, A, A),
}  # fmt: skip


def test_the_cases_are_all_that_can_be_answered() -> None:
    asked = {o.id for q in rules().questions if q.fact == "reason" for o in q.options}
    told = {o.id for q in rules().questions if q.fact == "business" for o in q.options}
    assert asked | {UNKNOWN} == set(REASONS) == set(EXPECTED)
    assert told | {UNKNOWN} == set(BUSINESS)


@pytest.mark.parametrize("reason", REASONS)
def test_reason_and_business_decide(reason: str) -> None:
    judged = tuple(rules().rule({"reason": reason, "business": answer}).result for answer in BUSINESS)
    assert judged == EXPECTED[reason]


@pytest.mark.parametrize("reason", ["loan", "card", "standing", "unknown"])
def test_four_institutions_on_one_day_and_no_business_are_signs_of_identity_theft(reason: str) -> None:
    facts = {"reason": reason, "business": "none"}
    assert rules().rule({**facts, "several": "three"}).result == U
    assert rules().rule({**facts, "several": "four"}).result == T
    assert rules().rule({**facts, "business": "unsure", "several": "four"}).result == U
    assert rules().rule({**facts, "business": "did", "several": "four"}).result in (N, A)


def test_the_channel_of_ones_own_queries_tells_as_much_as_the_reason() -> None:
    assert rules().rule({"reason": UNKNOWN, "institution": "own", "business": "none"}).result == T
    assert rules().rule({"reason": UNKNOWN, "institution": "own", "business": "did"}).result == N
    assert rules().rule({"reason": "loan", "institution": "own", "business": "none"}).result == U


def test_what_is_normal_is_explained_by_the_reason_itself() -> None:
    for reason, business in product(REASONS, BUSINESS):
        facts = {"reason": reason, "business": business}
        if rules().rule(facts).result == "normal":
            option = rules().option("reason", facts)
            assert option is not None, reason
            assert option.means is not None, reason
            assert reason == "own" or option.zh.rstrip("查询")[:4] in option.means.zh, reason


def test_every_rule_can_decide() -> None:
    """A rule that an earlier one always forestalls is a mistake of whoever wrote it."""
    institutions = ("bank", "own", UNKNOWN)
    several = ("few", "four", UNKNOWN)
    decided = {
        rules().rule({"reason": r, "business": b, "institution": i, "several": s}).id
        for r, b, i, s in product(REASONS, BUSINESS, institutions, several)
    }
    assert decided == {rule.id for rule in rules().rules}
