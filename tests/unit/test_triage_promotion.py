"""A candidate model is refused for what got worse beyond chance, and for nothing else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from triagebot.triage.promotion import Outcome, Trial, judge, sign_test

TRUTH = np.array([0, 1, 2] * 20)
"""Column 2 is P1."""


def guessing(columns: Any, sure: float = 0.9) -> Any:
    """Probabilities that name these columns, each with ``sure``."""
    p = np.full((len(columns), 3), (1 - sure) / 2, dtype=np.float32)
    p[np.arange(len(columns)), columns] = sure
    return p


def judged(current: Any, candidate: Any) -> Outcome:
    texts = [f"message {n}" for n in range(len(TRUTH))]
    return judge(Trial("trial", texts, TRUTH, current, candidate, [2], p1_mass=0.25))


def changed(rows: list[int], to: int) -> Any:
    columns = TRUTH.copy()
    columns[rows] = to
    return columns


@pytest.mark.parametrize(("lost", "won", "chance"), [(5, 0, 1 / 32), (1, 0, 0.5), (3, 1, 5 / 16), (0, 0, 1.0)])
def test_how_often_chance_does_as_much(lost: int, won: int, chance: float) -> None:
    assert sign_test(lost, won) == pytest.approx(chance)


def test_the_same_model_is_no_worse() -> None:
    done = judged(guessing(TRUTH), guessing(TRUTH))
    assert (done.reasons, done.flips) == ((), ())
    assert done.figures["accuracy"] == (1.0, 1.0)


def test_five_lost_messages_and_none_won_are_no_chance() -> None:
    done = judged(guessing(TRUTH), guessing(changed([0, 3, 6, 9, 12], 1)))
    assert [reason.split()[1] for reason in done.reasons if "accuracy" in reason] == ["accuracy"]
    assert [(f.text, f.before, f.after, f.kind) for f in done.flips][:1] == [("message 0", 0, 1, "lost")]
    assert len(done.flips) == 5


def test_a_few_lost_and_as_many_won_are_chance() -> None:
    done = judged(guessing(changed([1, 4], 0)), guessing(changed([0, 3], 1)))
    assert done.reasons == ()
    assert sorted(f.kind for f in done.flips) == ["lost", "lost", "won", "won"]


def test_a_missed_p1_counts_apart_and_is_named() -> None:
    missed = [2, 5, 8, 11, 14]
    won = [0, 1, 3, 4, 6]
    before = changed(won, 2)
    before[missed] = 2
    after = TRUTH.copy()
    after[missed] = 0
    done = judged(guessing(before), guessing(after))
    assert [reason.split(":")[1].split()[0] for reason in done.reasons] == ["p1_recall"]
    assert [f.text for f in done.flips if f.kind == "missed P1"] == [f"message {n}" for n in missed]
    assert done.figures["p1_recall"] == (1.0, 0.75)


def test_a_model_that_is_right_but_surer_than_it_may_be_is_refused() -> None:
    """Both are right two times of three; the current one says so, the candidate says 99 %."""
    columns = np.where(np.arange(len(TRUTH)) % 3 == 1, (TRUTH + 1) % 3, TRUTH)
    columns[TRUTH == 2] = 2
    done = judged(guessing(columns, sure=0.67), guessing(columns, sure=0.99))
    assert [reason.split(":")[1].split()[0] for reason in done.reasons] == ["ece"]
    assert judged(guessing(columns, sure=0.99), guessing(columns, sure=0.67)).reasons == ()
