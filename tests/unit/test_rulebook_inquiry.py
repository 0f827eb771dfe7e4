"""What rules/inquiry.yaml must hold together, told with its line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit import rulepack
from tests.unit.rulepack import words
from triagebot import rulebook

Change = Callable[[dict[str, Any]], Any]


def inquiry() -> dict[str, Any]:
    """The smallest file that is in order."""
    return {
        "category": "verification.face",
        "theft": "security.scam",
        "queue": "hotline",
        "priority": "P2",
        "accounts": "账户",
        "questions": [
            {"id": "reason", "fact": "reason", **words("写的什么原因？", "Which reason?"),
             "options": [{"id": "loan", **words("贷款审批", "Loan"), "told": "贷款审批"}]},
            {"id": "date", "fact": "date", **words("哪天？", "Which day?")},
        ],
        "rules": [
            {"id": "loan", "when": [{"reason": ["loan"]}], "result": "normal",
             "why": {**words("对得上。", "It fits."), "source": ["SEED"]}},
            {"id": "rest", "result": "ask_institution", "why": {**words("问一问。", "Ask."), "source": ["SEED"]}},
        ],
        "results": {name: words(f"结果{n}。", f"Result {n}.") for n, name in enumerate(
            ("normal", "ask_institution", "unauthorised", "identity_theft"))},
        "ask": words("{date}的“{reason}”是怎么回事？", "What was {reason} of {date}?"),
        "papers": [{"id": "dispute", "title": words("异议", "Dispute"), "where": words("交给机构。", "To the institution."),
                    "source": ["SEED"], "text": "{date} {reason} {stated} {several}", "gloss": "A dispute."}],
    }  # fmt: skip


def problems(folder: Path, change: Change = lambda rules: None) -> list[str]:
    rules = inquiry()
    change(rules)
    place = rulepack.write(folder, {**rulepack.files(), "inquiry.yaml": rules})
    return [p.removeprefix(f"{place}/") for p in rulebook.problems(place)]


def test_the_smallest_file_is_in_order(tmp_path: Path) -> None:
    assert problems(tmp_path) == []


CASES: list[tuple[Change, str]] = [
    (lambda r: r.update(category="no.such"), "`no.such` is not in categories"),
    (lambda r: r.update(theft="verification.face"), "`verification.face` is not P1"),
    (lambda r: r["rules"][0]["why"].update(source=["NOWHERE"]), "`NOWHERE` is not in sources"),
    (lambda r: r["rules"][0].update(when=[{"reason": ["lone"]}]), "no question for reason has the answer `lone`"),
    (lambda r: r["rules"][0].update(when=[{"weather": ["x"]}]), "weather"),
    (lambda r: r["rules"].pop(), "the last rule is for all that is left"),
    (lambda r: r["rules"][0].pop("when"), "nothing below it is ever reached"),
    (lambda r: r["results"].pop("normal"), "`normal` is missing"),
    (lambda r: r.update(ask=words("{when}？", "x")), "`{when}` is not known here; known: date, reason"),
    (lambda r: r["papers"][0].update(text="{name}"), "`{name}` is not known here"),
    (lambda r: r["papers"][0].update(clock="some_day"), "`some_day` is not in clocks.yaml"),
    (lambda r: r["papers"][0].update(text="{"), "a brace stands alone"),
    (lambda r: r["papers"][0].update(text="2026 年起"), "add `review_by: <date>`"),
    (lambda r: r["questions"][0]["options"][0].update(told="贷(款"), "RE2 refuses it"),
    (lambda r: r["questions"][1].update(id="reason"), "`reason` is taken"),
    (lambda r: r["questions"][0].update(zh="您的身份证号是多少？"), "asks for what we never ask for"),
    (lambda r: r["results"].update(normal=words("打 400-123-4567。", "x")), "is not in contacts.yaml"),
]


@pytest.mark.parametrize(("change", "what"), CASES, ids=[what for _, what in CASES])
def test_what_does_not_fit_is_told(tmp_path: Path, change: Change, what: str) -> None:
    found = problems(tmp_path, change)
    assert len(found) == 1, found
    assert what in found[0]
    assert found[0].startswith("inquiry.yaml:")
