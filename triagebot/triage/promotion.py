"""Whether a candidate model may take the place of the current one: nothing that people rely on got worse beyond chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

from triagebot.triage.calibration import expected_calibration_error
from triagebot.triage.classifier import Floats

CHANCE = 0.05
"""A loss that would come about by chance less often than this is a loss."""
TOLERATED = 0.01
"""Calibration error may grow by so much: less than a hundredth is nothing that anybody could act on."""
_DRAWS = 500


@dataclass(frozen=True)
class Trial:
    """Messages that neither model has seen: probabilities (N, K) of both, the true columns (N,), and which columns are
    P1. A P1 message counts as caught when its P1 probabilities add up to ``p1_mass``."""

    name: str
    texts: Sequence[str]
    truth: NDArray[np.intp]
    current: Floats
    candidate: Floats
    urgent: Sequence[int]
    p1_mass: float


@dataclass(frozen=True)
class Flip:
    """A message that the candidate judges differently in a way that matters. ``kind``: lost | won | missed P1 | caught P1."""

    text: str
    truth: int
    before: int
    after: int
    kind: str


@dataclass(frozen=True)
class Outcome:
    """``reasons`` not to promote, empty when there are none; ``figures`` of the current and the candidate model, shares
    of 1; without ``p1_recall`` when the trial holds no P1 message."""

    name: str
    reasons: tuple[str, ...]
    figures: dict[str, tuple[float, float]]
    flips: tuple[Flip, ...]


def judge(trial: Trial) -> Outcome:
    """Accuracy and P1 recall by a one-sided sign test over the messages that changed sides (McNemar's, exact);
    calibration by bootstrap over the messages."""
    rows = np.arange(len(trial.truth))
    before, after = trial.current.argmax(axis=1), trial.candidate.argmax(axis=1)
    right = (before == trial.truth, after == trial.truth)
    caught = tuple(p[:, list(trial.urgent)].sum(axis=1) >= trial.p1_mass for p in (trial.current, trial.candidate))
    p1 = np.isin(trial.truth, list(trial.urgent))
    sure = tuple(p[rows, guess].astype(np.float64) for p, guess in ((trial.current, before), (trial.candidate, after)))
    figures = {
        "accuracy": _shares(right[0], right[1]),
        **({"p1_recall": _shares(caught[0][p1], caught[1][p1])} if p1.any() else {}),
        "ece": tuple(round(expected_calibration_error(s, r), 4) for s, r in zip(sure, right, strict=True)),
    }
    found = {
        "accuracy": _worse(right[0], right[1]),
        "p1_recall": _worse(caught[0][p1], caught[1][p1]),
        "ece": _worse_calibrated(sure, right),
    }
    kinds = (
        ("missed P1", p1 & caught[0] & ~caught[1]),
        ("caught P1", p1 & ~caught[0] & caught[1]),
        ("lost", right[0] & ~right[1]),
        ("won", ~right[0] & right[1]),
    )
    flips = [
        Flip(trial.texts[i], int(trial.truth[i]), int(before[i]), int(after[i]), kind)
        for kind, where in kinds
        for i in np.flatnonzero(where).tolist()
    ]
    reasons = tuple(
        f"{trial.name}: {name} {figures[name][0]:.3f} -> {figures[name][1]:.3f}" for name, bad in found.items() if bad
    )
    return Outcome(trial.name, reasons, figures, tuple(flips))  # type: ignore[arg-type]


def sign_test(lost: int, won: int) -> float:
    """How often chance alone loses at least ``lost`` of the messages that changed sides."""
    n = lost + won
    return float(sum(comb(n, k) for k in range(lost, n + 1)) / 2**n)


def _worse(before: NDArray[np.bool_], after: NDArray[np.bool_]) -> bool:
    lost, won = int((before & ~after).sum()), int((~before & after).sum())
    return lost > won and sign_test(lost, won) < CHANCE


def _worse_calibrated(sure: Sequence[NDArray[np.float64]], right: Sequence[NDArray[np.bool_]]) -> bool:
    """Whether the error grew by more than is ``TOLERATED``, and grew in all but ``CHANCE`` of the bootstrap samples (the
    same samples every time)."""
    before, after = (expected_calibration_error(s, r) for s, r in zip(sure, right, strict=True))
    if after - before <= TOLERATED:
        return False
    random = np.random.default_rng(0)
    size = len(right[0])
    grown = 0
    for _ in range(_DRAWS):
        drawn = random.integers(0, size, size)
        was, now = (expected_calibration_error(s[drawn], r[drawn]) for s, r in zip(sure, right, strict=True))
        grown += now > was
    return grown / _DRAWS > 1 - CHANCE


def _shares(before: NDArray[np.bool_], after: NDArray[np.bool_]) -> tuple[float, float]:
    return round(float(before.mean()), 4), round(float(after.mean()), 4)
