"""What the rules alone see in a message: expressions, signatures, platform, language, a wish for a person."""

from __future__ import annotations

from dataclasses import dataclass

from triagebot.rulebook.schema import RuleBook, Thresholds
from triagebot.triage.human import asked_for_human
from triagebot.triage.language import Lang, language
from triagebot.triage.patterns import Hit, Sieve, rules_of
from triagebot.triage.platforms import PlatformNames
from triagebot.triage.signatures import Shown, Signatures

TO_PEOPLE = "service.human"
"""Asking for a person is a flag; it is what the message is about only when nothing else is (taxonomy, boundary)."""


@dataclass(frozen=True, slots=True)
class Reading:
    """``text`` is normalised; ``bonus`` is what the rules add to (or take from) each category's score before
    softmax."""

    text: str
    hits: tuple[Hit, ...]
    shown: tuple[Shown, ...]
    platform: str
    lang: Lang
    human_requested: bool
    bonus: dict[str, float]

    def having(self, *kinds: str) -> tuple[Hit, ...]:
        """Hits of these kinds that nothing denies."""
        return tuple(hit for hit in self.hits if hit.rule.kind in kinds and not hit.denied)


class Reader:
    """Everything in a rulebook that can be searched for, made ready once. Reading changes nothing in it."""

    def __init__(self, book: RuleBook) -> None:
        self._sieve = Sieve(rules_of(book))
        self.signatures = Signatures(book.categories)
        self.platforms = PlatformNames(book.platforms)
        self._thresholds = book.thresholds
        self._on_screens = book.screens.weight

    def read_screen(self, text: str, shown: tuple[Shown, ...]) -> Reading:
        """The reading of the normalised lines of a screen, with the signatures on it.

        What a screen says is no wish of the person's, and takes nothing back. Alarms are written for what people tell of
        themselves: a page that says 手机号已被注册 reports no crime. They add their weight here, and danger is likelihood's.
        """
        hits = tuple(hit for hit in self._sieve.hits(text) if hit.rule.category)
        quiet = tuple(hit for hit in hits if hit.rule.kind != "alarm")
        heavier = self._thresholds.model_copy(update={"signature_weight": self._on_screens})
        return Reading(
            text=text,
            hits=quiet,
            shown=shown,
            platform=self.platforms.find(text),
            lang=language(text),
            human_requested=False,
            bonus=bonus(hits, shown, heavier),
        )

    def read(self, text: str) -> Reading:
        """The reading of a normalised ``text``."""
        hits, shown = self._sieve.hits(text), self.signatures.find(text)
        human = asked_for_human(hits)
        found = bonus(hits, shown, self._thresholds)
        if human and any(score > 0 for category, score in found.items() if category != TO_PEOPLE):
            found[TO_PEOPLE] = found.get(TO_PEOPLE, 0.0) - self._thresholds.against_weight
        return Reading(
            text=text,
            hits=hits,
            shown=shown,
            platform=self.platforms.find(text),
            lang=language(text),
            human_requested=human,
            bonus=found,
        )


def bonus(hits: tuple[Hit, ...], shown: tuple[Shown, ...], weights: Thresholds) -> dict[str, float]:
    """Score added to each category: the strongest thing found counts in full, weak ones add up to two, one objection
    counts.

    A second strong expression mostly says the same thing again, so it adds as much as a weak one.
    """
    best: dict[str, float] = {}
    extra: dict[str, int] = {}
    against: set[str] = set()
    for hit in hits:
        category, kind = hit.rule.category, hit.rule.kind
        if kind == "against" or (hit.denied and kind in ("strong", "weak", "alarm")):
            if not (kind == "against" and hit.denied):
                against.add(category)
        elif kind == "strong":
            extra[category] = extra.get(category, 0) + (category in best)
            best[category] = max(best.get(category, 0.0), weights.strong_weight)
        elif kind in ("weak", "alarm"):
            extra[category] = extra.get(category, 0) + 1
    for found in shown:
        if found.signature.weight == "strong":
            best[found.category] = max(best.get(found.category, 0.0), weights.signature_weight)
        else:
            extra[found.category] = extra.get(found.category, 0) + 1
    total = {category: best.get(category, 0.0) for category in best.keys() | extra.keys() | against}
    for category in total:
        total[category] += min(extra.get(category, 0), 2) * weights.weak_weight
        total[category] -= weights.against_weight * (category in against)
    return total
