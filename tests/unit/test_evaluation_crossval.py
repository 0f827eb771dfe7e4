"""Cross-validation sees nothing twice, and a rule pack's coverage is counted right."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from triage_pack import book, brain

from triagebot.errors import UsageError
from triagebot.triage import training
from triagebot.triage.classifier import Classifier, Floats
from triagebot.triage.evaluation import pipeline
from triagebot.triage.evaluation.coverage import Coverage, coverage
from triagebot.triage.evaluation.crossval import folds, on_labelled, on_rules
from triagebot.triage.evaluation.guesses import Guess, figures
from triagebot.triage.evaluation.labelled import Labelled, prepared
from triagebot.triage.examples import examples_of
from triagebot.triage.semantic import SIZE

WORDS = {"card": ["card", "bank card", "my card"], "code": ["code", "sms code", "pin code"], "oos": ["sun", "moon"]}
ROWS = [Labelled(f"{w} {tail}", name) for name, words in WORDS.items() for w in words for tail in ("lost", "where")]
TOLD = prepared(ROWS)


def silent(_: str) -> None:
    """Nobody watches."""


def test_three_folds_are_those_of_training() -> None:
    told = examples_of(book())
    expected = training.folds(told.labels, told.langs)
    assert folds(told.labels, told.langs, training.FOLDS).tolist() == expected.tolist()


def test_neighbours_stay_together_and_languages_are_spread() -> None:
    assert folds("aaaabbaa", ["zh"] * 6 + ["en"] * 2, 2).tolist() == [0, 0, 1, 1, 0, 1, 0, 1]


@pytest.mark.parametrize(("k", "problem"), [(1, "at least 2 folds"), (7, "6 folds at most")])
def test_a_number_of_folds_that_makes_no_sense_is_refused(k: int, problem: str) -> None:
    with pytest.raises(UsageError, match=f"--cv {k}: .*{problem}"):
        folds(TOLD.labels, TOLD.langs, k)


def test_every_message_is_judged_once_by_a_model_that_has_not_seen_it(monkeypatch: pytest.MonkeyPatch) -> None:
    unseen: list[set[str]] = []
    fit = training.fit

    def remember(contents: Sequence[str], labels: Sequence[str], dense: Floats | None) -> Classifier:
        unseen.append(set(TOLD.contents) - set(contents))
        return fit(contents, labels, dense)

    monkeypatch.setattr(training, "fit", remember)
    steps: list[str] = []
    guesses = on_labelled(TOLD, 3, steps.append)
    assert [g.text for g in guesses] == [row.text for row in ROWS]
    assert sorted(text for texts in unseen for text in texts) == sorted(row.text for row in ROWS)
    assert sorted(steps) == ["1/3", "2/3", "3/3"]


def test_a_category_that_lies_wholly_in_one_fold_is_never_guessed_there() -> None:
    lonely = [Labelled("moon here", "rare", "zh"), Labelled("moon here", "rare", "en")]
    guesses = on_labelled(prepared([*ROWS, *lonely]), 2, silent)
    assert {g.category for g in guesses[-2:]}.isdisjoint({"rare"})
    assert all(np.isfinite(p) for g in guesses for _, p in g.candidates)


def test_embeddings_take_part_when_they_are_wanted() -> None:
    """One that gives the category away makes every guess right."""
    told = prepared([Labelled(f"{n}", "even" if n % 2 == 0 else "odd") for n in range(40)])

    def reveal(texts: Sequence[str]) -> Floats:
        rows = np.zeros((len(texts), SIZE), dtype=np.float32)
        rows[np.arange(len(texts)), [int(text) % 2 for text in texts]] = 1
        return rows

    assert figures(on_labelled(told, 4, silent, reveal))["accuracy"] == 1
    assert pipeline.judge(pipeline.fit(told, reveal), prepared([Labelled("77", "odd")]))[0].category == "odd"


def test_the_rules_take_part_in_the_cross_validation_of_a_rule_pack() -> None:
    rules = book()
    bare = rules.model_copy(
        update={"categories": {n: c.model_copy(update={"patterns": ()}) for n, c in rules.categories.items()}}
    )
    with_rules, without = figures(on_rules(rules, 3, silent)), figures(on_rules(bare, 3, silent))
    assert with_rules["n"] == without["n"] == 60
    assert with_rules["accuracy"] > without["accuracy"]
    assert with_rules["accuracy"] == pytest.approx(brain().model.figures["accuracy"], abs=0.05)


def test_coverage_counts_what_a_category_has_and_what_it_is_confused_with() -> None:
    rules = book()
    guesses = [Guess("", "", t, t, 0.9, ((t, 0.9),)) for t in examples_of(rules).labels]
    face, sms = "verification.face", "verification.sms_code"
    guesses[0] = Guess("", "", face, sms, 0.9, ((sms, 0.9),))
    found = {c.category: c for c in coverage(rules, guesses)}
    assert found[face] == Coverage(
        face, 8, 4, 1, 1, 1, (), enough=False, recall=0.9167, precision=1.0, confused_with={sms: 1}
    )
    assert found[sms].confused_with == {face: 1}
    assert found[sms].precision == pytest.approx(12 / 13, abs=1e-4)


@pytest.mark.parametrize(
    ("name", "zh", "en", "enough"),
    [
        ("verification.face", 120, 30, True),
        ("verification.face", 119, 30, False),
        ("verification.face", 120, 29, False),
        ("security.scam", 199, 50, False),
        ("security.scam", 200, 50, True),
    ],
)
def test_how_many_examples_are_enough(name: str, zh: int, en: int, enough: bool) -> None:
    rules = book()
    category = rules.categories[name]
    examples = category.examples.model_copy(update={"zh": ("话",) * zh, "en": ("word",) * en})
    changed = rules.model_copy(update={"categories": {name: category.model_copy(update={"examples": examples})}})
    (found,) = coverage(changed, [Guess("", "", name, name, 1.0, ((name, 1.0),))])
    assert found.enough is enough
