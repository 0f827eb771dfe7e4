"""Labelled files of other people: what is read, and what is refused with its line."""

from __future__ import annotations

import pytest

from triagebot.errors import UsageError
from triagebot.triage.evaluation.labelled import Labelled, check_trainable, read_labelled


def test_columns_may_stand_in_any_order_and_others_are_ignored() -> None:
    found = read_labelled('\ufeffid\tcategory\ttext\tlang\n1\tcard\tmy "card\ten\n\n2\tpin\t密码\tzh\n', "f.tsv")
    assert found == [Labelled('my "card', "card", "en"), Labelled("密码", "pin", "zh")]


def test_a_language_is_not_needed() -> None:
    assert read_labelled("text\tcategory\na\tx\n", "f.tsv") == [Labelled("a", "x")]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "f.tsv:1: .*text is not in"),
        ("text\tlabel\na\tx\n", "f.tsv:1: .*category is not in 'text label'"),
        ("text\tcategory\n", "f.tsv: there is no message"),
        ("text\tcategory\na\tx\nb\n", "f.tsv:3: 1 columns instead of 2"),
        ("text\tcategory\na\t \n", "f.tsv:2: the category is empty"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_with_its_line(content: str, problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        read_labelled(content, "f.tsv")


def test_what_cannot_be_trained_on_is_named() -> None:
    rows = [Labelled("a", "x"), Labelled("b", "x"), Labelled("c", "y")]
    with pytest.raises(UsageError, match=r"f\.tsv: the category 'y' has a single example"):
        check_trainable(rows, "f.tsv")
    with pytest.raises(UsageError, match="only one category"):
        check_trainable(rows[:2], "f.tsv")
    check_trainable([*rows, Labelled("d", "y")], "f.tsv")
