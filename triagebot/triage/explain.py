"""Why a text got its verdict, as data: what ``triagebot rules explain TEXT`` shows."""

from __future__ import annotations

from dataclasses import dataclass

from triagebot.triage.brain import Brain
from triagebot.triage.classifier import top_terms
from triagebot.triage.features import content
from triagebot.triage.normalise import normalise
from triagebot.triage.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Found:
    """A rule that hit ``words`` (``start``, ``end``: offsets in the normalised text). ``denied``: the words around deny
    it."""

    rule: str
    kind: str
    category: str
    words: str
    start: int
    end: int
    denied: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """``normal``: what the rules read; ``content``: what the classifier reads. ``scores``: what the rules added to
    categories.

    ``terms``: those that speak most for the verdict's category, with their share of its score. ``nearest``: (text,
    category, cosine). ``probabilities``: all categories, best first. ``in_set``: the probability that lets each
    category into the prediction set.
    """

    verdict: Verdict
    normal: str
    content: str
    found: tuple[Found, ...]
    signatures: tuple[str, ...]
    scores: dict[str, float]
    terms: tuple[tuple[str, float], ...]
    nearest: tuple[tuple[str, str, float], ...]
    probabilities: tuple[tuple[str, float], ...]
    prediction_set: tuple[str, ...]
    in_set: dict[str, float]
    temperature: float


def explain(text: str, brain: Brain) -> Explanation:
    """Judge ``text`` alone and say what led there."""
    verdict = brain.triage(text)
    normal = normalise(text)
    judged = brain.judge(normal, {})
    classifier, examples = brain.model.classifier, brain.model.examples
    found = [
        Found(hit.rule.id, hit.rule.kind, hit.rule.category, normal[start:end], start, end, hit.denied)
        for hit in judged.reading.hits
        for start, end in hit.spans
    ]
    named = (
        top_terms(classifier, judged.vector, classifier.classes.index(verdict.category))
        if verdict.category in classifier.classes
        else ()
    )
    return Explanation(
        verdict=verdict,
        normal=normal,
        content=content(normal),
        found=tuple(sorted(found, key=lambda f: (f.start, f.end, f.rule))),
        signatures=tuple(shown.id for shown in judged.reading.shown),
        scores=judged.reading.bonus,
        terms=tuple((term.strip("\t").replace("\t", " .. "), share) for term, share in named),
        nearest=examples.nearest(examples.similarity(judged.vector), 5),
        probabilities=judged.candidates,
        prediction_set=judged.outcome.choices,
        in_set=brain.model.in_set,
        temperature=brain.model.temperature,
    )
