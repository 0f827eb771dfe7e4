"""Who may be in danger is known before anybody has judged the message."""

from __future__ import annotations

import pytest

from triagebot.rulebook.schema import RuleBook
from triagebot.triage.brain import Brain
from triagebot.triage.danger import danger


@pytest.mark.parametrize(
    ("words", "may_be"),
    [
        ("我被骗了，钱已经转过去了", True),
        ("有人冒用我的身份证贷款", True),
        ("客服让我共享屏幕", True),
        ("刷脸老是不过", False),
        ("报告什么时候出来", False),
        ("你好", False),
        ("", False),
    ],
)
def test_what_the_rules_take_for_danger_is_urgent(book: RuleBook, words: str, may_be: bool) -> None:
    assert danger(book)(words) is may_be


def test_every_alarm_that_a_rule_raises_is_urgent(book: RuleBook, brain: Brain) -> None:
    """On the tests that stand in the rules: the brain may find more danger, by likelihood, but not by a rule."""
    is_urgent = danger(book)
    texts = [test.text for category in book.categories.values() for test in category.tests]
    raised = [
        text for text in texts if (v := brain.triage(text)).priority == "P1" and v.escalation not in ("", "p1.mass")
    ]
    assert len(raised) > 10
    assert [text for text in raised if not is_urgent(text)] == []
