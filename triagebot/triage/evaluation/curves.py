"""What other thresholds in rules/triage.yaml would have decided on the same messages: the decision alone is repeated,
with its real rules, not the reading and scoring before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from triagebot.rulebook.schema import RuleBook
from triagebot.triage.decision import Judge, Outcome
from triagebot.triage.evaluation.measures import ratio, share
from triagebot.triage.evaluation.verdicts import URGENT, Judged

ANSWER_AT = tuple(round(0.05 * n, 2) for n in range(1, 20))
P1_MASS = tuple(round(0.01 * n, 2) for n in range(1, 100))


@dataclass(frozen=True, slots=True)
class AnswerPoint:
    """With this ``answer_at``: the share of messages answered and how many of those rightly; the share asked about, how
    many choices they are offered, and how often the truth is among them."""

    answer_at: float
    answered: float | None
    answered_right: float | None
    asked: float | None
    mean_choices: float | None
    choices_hold_truth: float | None


@dataclass(frozen=True, slots=True)
class AlarmPoint:
    """With this ``p1_mass``: recall and precision of P1 by the probability mass alone, and as decided, with alarm
    expressions and escalation rules."""

    p1_mass: float
    mass_recall: float | None
    mass_precision: float | None
    decided_recall: float | None
    decided_precision: float | None


def answer_curve(
    judged: Sequence[Judged], book: RuleBook, in_set: Mapping[str, float], at: Sequence[float] = ANSWER_AT
) -> list[AnswerPoint]:
    """One point for each threshold in ``at``; ``in_set`` is the model's (see ``model.Model``)."""
    return [_answers(judged, _decide(judged, book, in_set, answer_at=t), t) for t in at]


def alarm_curve(
    judged: Sequence[Judged], book: RuleBook, in_set: Mapping[str, float], at: Sequence[float] = P1_MASS
) -> list[AlarmPoint]:
    """One point for each threshold in ``at``."""
    urgent = {c.id for c in book.categories.values() if c.priority == URGENT}
    truly = [j.row.category in urgent for j in judged]
    mass = [sum(p for category, p in j.judgement.candidates if category in urgent) for j in judged]
    points = []
    for threshold in at:
        decided = [o.priority == URGENT for o in _decide(judged, book, in_set, p1_mass=threshold)]
        by_mass = _recall_precision(truly, [m >= threshold for m in mass])
        points.append(AlarmPoint(threshold, *by_mass, *_recall_precision(truly, decided)))
    return points


def _decide(judged: Sequence[Judged], book: RuleBook, in_set: Mapping[str, float], **threshold: float) -> list[Outcome]:
    changed = book.model_copy(update={"thresholds": book.thresholds.model_copy(update=threshold)})
    judge = Judge(changed, in_set)
    return [judge.decide(j.judgement.candidates, j.judgement.reading) for j in judged]


def _answers(judged: Sequence[Judged], outcomes: Sequence[Outcome], answer_at: float) -> AnswerPoint:
    pairs = list(zip([j.row.category for j in judged], outcomes, strict=True))
    answered = [truth == o.category for truth, o in pairs if o.decision == "answer"]
    asked = [(truth in o.choices, len(o.choices)) for truth, o in pairs if o.decision == "ask"]
    return AnswerPoint(
        answer_at=answer_at,
        answered=ratio(len(answered), len(pairs)),
        answered_right=share(answered),
        asked=ratio(len(asked), len(pairs)),
        mean_choices=ratio(sum(size for _, size in asked), len(asked)),
        choices_hold_truth=share([held for held, _ in asked]),
    )


def _recall_precision(truly: Sequence[bool], raised: Sequence[bool]) -> tuple[float | None, float | None]:
    caught = sum(t and r for t, r in zip(truly, raised, strict=True))
    return ratio(caught, sum(truly)), ratio(caught, sum(raised))
