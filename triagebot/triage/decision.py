"""From probabilities and rule hits to what is done: answer, ask, admit not to know, or hand over to people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from triagebot.rulebook.schema import Category, Escalation, RuleBook
from triagebot.triage.patterns import Hit
from triagebot.triage.reading import TO_PEOPLE, Reading
from triagebot.triage.verdict import Decision

OUT_OF_SCOPE = "other.out_of_scope"
_LEAST = 4
"""Characters that a message must have before likelihood alone makes it an alarm: "贷款" is no story of a crime. Expressions
and escalation rules raise theirs at any length."""
BY_MASS = "p1.mass"
"""Escalation id when no rule but the probability over all P1 categories raised the alarm."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """See Verdict; ``choices`` is the prediction set, best first, at most thresholds.ask_most."""

    category: str
    decision: Decision
    priority: str
    queue: str
    escalation: str = ""
    choices: tuple[str, ...] = ()
    alarm: str = ""


class Judge:
    """The thresholds and escalation rules of one rulebook, as a pure function over candidates; ``in_set``: see Model."""

    def __init__(self, book: RuleBook, in_set: Mapping[str, float]) -> None:
        self._categories = book.categories
        self._t = book.thresholds
        self._in_set = in_set
        self._urgent = frozenset(c.id for c in book.categories.values() if c.priority == "P1")
        self._escalations: dict[tuple[str, str], Escalation] = {
            (c.id, e.id): e for c in book.categories.values() for e in c.escalate_now
        }

    def decide(self, candidates: Sequence[tuple[str, float]], reading: Reading) -> Outcome:
        """``candidates``: every category with its probability, best first. The order of the questions is the order of
        harm: a life at risk, danger, then a rule that says people at once, then the person's own wish, then how sure we are."""
        choices = self._set(candidates)
        top, confidence = candidates[0]
        category = self._categories[top]
        rule = self._rule(top, reading)
        if rule and rule.priority == "P1" and rule.category == TO_PEOPLE:
            return Outcome(TO_PEOPLE, "escalate", "P1", rule.queue, rule.id, choices)
        if alarm := self._alarm(candidates, reading):
            owner, why = alarm
            about = top if why == BY_MASS else owner
            return Outcome(about, "escalate", "P1", self._categories[owner].queue, why, choices, owner)
        if rule:
            return Outcome(rule.category or top, "escalate", rule.priority, rule.queue, rule.id, choices)
        sure = confidence >= self._t.answer_at
        if reading.human_requested or (top == TO_PEOPLE and sure):
            return self._people(category, confidence, choices)
        if sure and top != OUT_OF_SCOPE:
            decision: Decision = "answer" if category.route == "self_service" else "escalate"
            queue = category.queue if category.route == "self_service" else category.route
            return Outcome(top, decision, category.priority, queue, "", choices)
        asked = tuple(c for c in choices if c != OUT_OF_SCOPE)
        unclear = sure or confidence < self._t.unclear_below or len(asked) < 2
        return Outcome(top, "unclear" if unclear else "ask", category.priority, category.queue, "", choices)

    def _set(self, candidates: Sequence[tuple[str, float]]) -> tuple[str, ...]:
        """Prediction set: whatever calibration lets in, at least the best one."""
        inside = [c for n, (c, p) in enumerate(candidates) if n == 0 or p >= self._in_set[c]]
        return tuple(inside[: self._t.ask_most])

    def _alarm(self, candidates: Sequence[tuple[str, float]], reading: Reading) -> tuple[str, str] | None:
        """(P1 category, what raised it) from alarm expressions or the probability mass over all P1 categories."""
        p = {category: share for category, share in candidates if category in self._urgent}
        hits = [hit for hit in reading.having("alarm") if hit.rule.category in p]
        if hits:
            loudest = max(hits, key=lambda hit: p[hit.rule.category])
            return loudest.rule.category, loudest.rule.id
        if len(reading.text) >= _LEAST and sum(p.values()) >= self._t.p1_mass:
            return max(p, key=lambda category: p[category]), BY_MASS
        return None

    def _rule(self, top: str, reading: Reading) -> Escalation | None:
        """The most urgent escalate_now rule that hit: those of the top category, and those that hold anywhere."""
        hits: Sequence[Hit] = reading.having("escalate")
        rules = [self._escalations[hit.rule.category, hit.rule.id] for hit in hits]
        held = [r for r, hit in zip(rules, hits, strict=True) if r.anywhere or hit.rule.category == top]
        return min(held, key=lambda r: r.priority, default=None)

    def _people(self, category: Category, confidence: float, choices: tuple[str, ...]) -> Outcome:
        """A person was asked for: the queue of what it is about if that is halfway clear, else customer service."""
        known = confidence >= self._t.unclear_below and category.id != OUT_OF_SCOPE
        queue = category.queue if known else "customer_service"
        return Outcome(category.id, "escalate", category.priority, queue, "", choices)
