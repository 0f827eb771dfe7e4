"""The model that travels with the program is that of its rules, so that a newcomer's first answer comes at once."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from triagebot.resources import bundled
from triagebot.rulebook import load
from triagebot.rulebook.schema import RuleBook
from triagebot.triage import cache
from triagebot.triage.brain import Brain
from triagebot.triage.model import load_or_train, train
from triagebot.triage.origin import origin_of

RUN = "run `triagebot train --ship` (a minute) and commit the file"
ANEW = f"rules/ or the code that trains has changed: {RUN}"
CONSTRAINTS = Path(__file__).resolve().parents[2] / ".ci" / "constraints.txt"


@pytest.fixture(scope="module")
def own_book() -> RuleBook:
    return load(bundled("rules"))


def test_it_was_made_of_the_rules_and_the_code_as_they_are(own_book: RuleBook) -> None:
    made_of = cache.origin_in(cache.SHIPPED)
    assert replace(made_of, scikit_learn="") == replace(origin_of(own_book.digest), scikit_learn=""), ANEW


def test_it_was_made_with_the_scikit_learn_that_is_installed_with_the_constraints() -> None:
    pinned = re.search(r"^scikit-learn==(\S+)$", CONSTRAINTS.read_text(encoding="utf-8"), re.MULTILINE)
    assert pinned is not None
    assert cache.origin_in(cache.SHIPPED).scikit_learn == pinned[1], (
        f"another scikit-learn is pinned: install it and {RUN}"
    )


@pytest.mark.long
@pytest.mark.timeout(900)
def test_trained_anew_it_judges_the_same(own_book: RuleBook, tmp_path: Path) -> None:
    """Another processor may add up in another order; that must not show."""
    shipped = Brain(own_book, load_or_train(own_book, tmp_path))
    assert not list(tmp_path.iterdir()), ANEW
    anew = Brain(own_book, train(own_book))
    rows = (bundled("rules") / "regression.tsv").read_text(encoding="utf-8").splitlines()[1:]
    for text in [row.split("\t")[0] for row in rows]:
        was, now = shipped.triage(text), anew.triage(text)
        assert (now.category, now.decision) == (was.category, was.decision), text
        assert now.confidence == pytest.approx(was.confidence, abs=0.01), text
