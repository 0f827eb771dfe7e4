"""Wordings that were recognised, by person and by screen, reach the verdict's evidence under names that can be counted."""

from __future__ import annotations

import pytest

from triagebot.detect.series import Series
from triagebot.rulebook import RuleBook
from triagebot.triage.evidence import rule_ids
from triagebot.triage.misread import find_misread
from triagebot.triage.normalise import normalise
from triagebot.triage.reading import Reader
from triagebot.triage.signatures import Signatures


@pytest.fixture(scope="module")
def reader(book: RuleBook) -> Reader:
    return Reader(book)


def test_each_wording_that_ships_is_named_by_its_category_whether_typed_or_read_off_a_screen(
    book: RuleBook, reader: Reader
) -> None:
    signatures = Signatures(book.categories)
    for category in book.categories.values():
        for signature in category.signatures:
            text = normalise(signature.text or signature.code)
            own = [shown.id for shown in signatures.find(text) if shown.category == category.id]
            assert own
            typed = rule_ids(reader.read(text), category.id)
            shown = rule_ids(reader.read_screen(text, find_misread(signatures, text, 0.17)), category.id)
            assert {*own} <= {*typed}
            assert not signature.text or {*own} & {*shown}
            assert all(name.startswith(f"{category.id}:") for name in own)


def test_each_of_these_names_is_a_series_that_comes_back_from_its_key(book: RuleBook) -> None:
    named = {shown.id for _, shown in Signatures(book.categories).wordings}
    assert named
    for name in named:
        series = Series(name.partition(":")[0], "wechat", name)
        assert Series.of_key(series.key) == series


def test_no_two_wordings_of_a_category_have_one_name(book: RuleBook) -> None:
    for category in book.categories.values():
        named = [f"{category.id}:{s.code or s.text}"[:60] for s in category.signatures if not s.code]
        assert len(named) == len({*named})
