"""Whether a message may be about danger, by the rules alone: asked of every message as it arrives, before it is judged.

It decides only who is heard first when more wait than can be handled; the brain judges the message as ever.
"""

from __future__ import annotations

from collections.abc import Callable

from triagebot.rulebook.schema import RuleBook
from triagebot.triage.normalise import normalise
from triagebot.triage.patterns import Rule, Sieve, rules_of


def danger(book: RuleBook) -> Callable[[str], bool]:
    """Alarms, strong expressions of P1 categories, and rules that hand over as P1 (a life at risk)."""
    urgent = {name for name, category in book.categories.items() if category.priority == "P1"}
    at_once = {
        (name, rule.id) for name, each in book.categories.items() for rule in each.escalate_now if rule.priority == "P1"
    }

    def alarming(rule: Rule) -> bool:
        if rule.kind == "escalate":
            return (rule.category, rule.id) in at_once
        return rule.kind == "alarm" or (rule.kind == "strong" and rule.category in urgent)

    sieve = Sieve([rule for rule in rules_of(book) if alarming(rule)])
    return lambda text: any(not hit.denied for hit in sieve.hits(normalise(text)))
