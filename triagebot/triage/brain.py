"""Text and what went before -> Verdict. Pure: the same words get the same verdict, everywhere, without waiting for
anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from triagebot.rulebook.schema import RuleBook
from triagebot.triage.classifier import Floats, Vector, softmax
from triagebot.triage.decision import BY_MASS, OUT_OF_SCOPE, Judge, Outcome
from triagebot.triage.evidence import also_about, rule_ids
from triagebot.triage.features import content
from triagebot.triage.fragments import Fragments
from triagebot.triage.model import Model
from triagebot.triage.normalise import normalise
from triagebot.triage.patterns import Hit, spans_of
from triagebot.triage.platforms import UNKNOWN
from triagebot.triage.reading import TO_PEOPLE, Reader, Reading
from triagebot.triage.screens import Screens
from triagebot.triage.semantic import Encode
from triagebot.triage.verdict import Scope, Verdict

LISTED = 5
"""Candidates in a verdict."""
_REMEMBERED = 4
"""Earlier messages that a fragment is judged with; older ones are about something else more often than not."""
FADING = 0.85
"""What the classifier makes of an earlier message counts so much less with each message since (docs/decisions/0002)."""
FILLER_PRIOR = 8.0
"""Score that makes a message without content out of scope whatever its few letters resemble."""


SECOND_AT = 0.5
"""Probability from which half of a message is a problem of its own."""


@dataclass(frozen=True, slots=True)
class Context:
    """What is known of the conversation: ``earlier`` messages of the person about the problem at hand, oldest first,
    the platform they named, and the category that is being worked on ("" for none)."""

    earlier: tuple[str, ...] = ()
    platform: str = UNKNOWN
    category: str = ""


NOTHING = Context()


@dataclass(frozen=True, slots=True)
class Judgement:
    """One text judged: what the rules saw, its tf-idf vector, and every category with its probability, best first."""

    reading: Reading
    vector: Vector
    candidates: tuple[tuple[str, float], ...]
    outcome: Outcome


class Brain:
    """A rulebook and its model, ready to judge; ``encode`` is what the model was trained with, if anything. Keeps nothing
    between messages, so threads may share it."""

    def __init__(self, book: RuleBook, model: Model, encode: Encode | None = None) -> None:
        self.book = book
        self.model = model
        self._encode = encode
        self._reader = Reader(book)
        self._judge = Judge(book, model.in_set)
        self._fragments = Fragments(book)
        self._screens = Screens(book, self._reader.signatures, self._reader.platforms)
        self._column = {category: k for k, category in enumerate(model.classifier.classes)}

    def triage(self, text: str, context: Context = NOTHING) -> Verdict:
        """The verdict on ``text``; never raises for any text. What is credible alone stands alone; filler, and what is
        not clear alone, is judged together with what was said before."""
        normal = normalise(text)
        filler = self._fragments.is_filler(normal)
        alone = self.judge(normal, {OUT_OF_SCOPE: FILLER_PRIOR} if filler else {})
        judged = alone
        scope: Scope = "message"
        taken_back = ""
        if corrected := self._corrected(alone, context.category):
            judged, taken_back = corrected, context.category
        elif filler or not self._clear(alone):
            together = self._together(alone.reading, filler, context)
            if together and (filler or together.candidates[0][1] >= alone.candidates[0][1]):
                judged, scope = together, "conversation"
        verdict = self._verdict(text, judged, alone.reading, scope, filler, context)
        return replace(verdict, also=tuple(c for c in verdict.also if c != taken_back)) if taken_back else verdict

    def triage_screen(self, screen: str, caption: str = "", context: Context = NOTHING) -> Verdict:
        """The verdict on what was read off a picture (``Seen.text``) and the words that came with it; never raises.

        What the screen tells of the problem counts, its buttons and notices do not; the platform is the one that the person
        names, else the screen's. Only the person asks for a person.
        """
        told = self._screens.read(screen)
        spoken = self._reader.read(normalise(caption))
        words = () if self._fragments.is_filler(spoken.text) else (spoken.text,)
        lines = normalise(", ".join((*words, *told.telling)))
        named = next((p for p in (spoken.platform, told.platform) if p != UNKNOWN), UNKNOWN)
        read = self._reader.read_screen(lines, told.shown)
        lang = spoken.lang if words else read.lang
        latest = replace(
            read,
            hits=(*read.hits, *spoken.having("alarm")),
            platform=named,
            lang=lang,
            human_requested=spoken.human_requested,
        )
        weighted = [(content(lines), 1.0), (content(", ".join(told.around)), self.book.screens.around)]
        embedding = self._encode([lines])[0] if self._encode is not None else None
        silent = not lines
        nothing = {OUT_OF_SCOPE: FILLER_PRIOR} if silent else {}
        judged = self._judged(latest, self.model.classifier.blend(weighted), embedding, nothing)
        scope: Scope = "message"
        if silent or not self._clear(judged):
            together = self._together(latest, silent, context, of_screen=True)
            if together and (silent or together.candidates[0][1] >= judged.candidates[0][1]):
                judged, scope = together, "conversation"
        return self._verdict(f"{caption}\n{screen}".strip(), judged, latest, scope, silent, context)

    def telling(self, screen: str) -> tuple[str, ...]:
        """The pieces of a screen that say what went wrong, from top to bottom."""
        return self._screens.read(screen).telling

    def triage_many(self, texts: Sequence[str]) -> list[Verdict]:
        """The same verdicts as ``triage`` gives each text by itself. Each step is taken for all texts before the next one: the
        expressions and the vocabulary are large, and would push each other out of the processor's cache."""
        normals = [normalise(text) for text in texts]
        fillers = [self._fragments.is_filler(normal) for normal in normals]
        readings = [self._reader.read(normal) for normal in normals]
        vectors = [self.model.classifier.vector(content(normal)) for normal in normals]
        embeddings = [None] * len(texts) if self._encode is None else list(self._encode(normals))
        judged = [
            self._judged(reading, vector, embedding, {OUT_OF_SCOPE: FILLER_PRIOR} if filler else {})
            for reading, vector, embedding, filler in zip(readings, vectors, embeddings, fillers, strict=True)
        ]
        return [
            self._verdict(text, judgement, judgement.reading, "message", filler, NOTHING)
            for text, judgement, filler in zip(texts, judged, fillers, strict=True)
        ]

    def judge(self, normal: str, prior: Mapping[str, float]) -> Judgement:
        """Judge one normalised text by itself; ``prior`` is added to the scores of the categories that it names."""
        vector = self.model.classifier.vector(content(normal))
        embedding = self._encode([normal])[0] if self._encode is not None else None
        return self._judged(self._reader.read(normal), vector, embedding, prior)

    def _judged(
        self, reading: Reading, vector: Vector, embedding: Floats | None, prior: Mapping[str, float]
    ) -> Judgement:
        classifier = self.model.classifier
        scores = classifier.scores(vector, embedding) / self.model.temperature
        for added in (reading.bonus, prior):
            for category, amount in added.items():
                if category in self._column:
                    scores[self._column[category]] += amount
        shares = softmax(scores).tolist()
        candidates = tuple(sorted(zip(classifier.classes, shares, strict=True), key=lambda c: -c[1]))
        return Judgement(reading, vector, candidates, self._judge.decide(candidates, reading))

    def _clear(self, alone: Judgement) -> bool:
        """Whether a message needs nothing said before it. Danger that no rule saw, in words that are not surely about it,
        is a fragment: what came before may say what it is about. With nothing before it, it stays danger."""
        outcome = alone.outcome
        if outcome.escalation == BY_MASS and dict(alone.candidates)[outcome.alarm] < self.book.thresholds.answer_at:
            return False
        return outcome.decision not in ("ask", "unclear")

    def _also(self, judged: Judgement) -> tuple[str, ...]:
        """Other problems in the same message: what stands before and after an "另外" is judged by itself, and strong
        expressions of another category, in words of their own, speak for themselves. Best first, at most two."""
        reading, category = judged.reading, judged.outcome.category
        found = also_about(reading, category, judged.candidates)
        marks = spans_of(reading.having("also"))
        if marks:
            start, end = marks[0]
            halves = [self.judge(part.strip(), {}) for part in (reading.text[:start], reading.text[end:])]
            best = [half.candidates[0] for half in halves]
            if category in [name for name, _ in best]:
                found = (*(name for name, p in best if p >= SECOND_AT), *found)
        kept = dict.fromkeys(name for name in found if name not in (category, OUT_OF_SCOPE, TO_PEOPLE))
        return tuple(kept)[:2]

    def _corrected(self, alone: Judgement, category: str) -> Judgement | None:
        """The message judged as one that takes back ``category`` ("搞错了,是短信"): what came before does not count, nor do the
        words that take it back, which would look like a report with a mistake.

        None when it corrects nothing, or names ``category`` again.
        """
        hits = alone.reading.having("correction")
        if not hits or not category:
            return None
        rest = _without(alone.reading.text, hits)
        nothing = {OUT_OF_SCOPE: FILLER_PRIOR} if self._fragments.is_filler(rest) else {}
        judged = self.judge(rest, self._not(category) | nothing)
        again = any(hit.rule.category == category for hit in judged.reading.having("strong", "alarm"))
        return None if again else judged

    def _not(self, category: str) -> dict[str, float]:
        """As much as the strongest expression and an objection speak against it."""
        return {category: -self.book.thresholds.strong_weight - self.book.thresholds.against_weight}

    def _together(
        self, latest: Reading, filler: bool, context: Context, *, of_screen: bool = False
    ) -> Judgement | None:
        """The last messages and this one as if written in one go, the older the fainter; None when nothing before it says
        anything.

        The category at work is a little more likely, and one that the latest message denies ("不是人脸") is not likely
        at all.
        """
        said = [normal for normal in map(normalise, context.earlier) if not self._fragments.is_filler(normal)]
        if not said:
            return None
        parts = said[-_REMEMBERED:] + ([] if filler else [latest.text])
        whole = normalise(", ".join(parts))
        fading = [(content(part), FADING**age) for age, part in enumerate(reversed(parts))]
        embedding = self._encode([whole])[0] if self._encode is not None else None
        weights = self.book.thresholds
        prior = {context.category: weights.weak_weight} if context.category else {}
        for hit in latest.hits:
            if hit.denied:
                prior |= self._not(hit.rule.category)
        reading = self._reader.read_screen(whole, latest.shown) if of_screen else self._reader.read(whole)
        return self._judged(reading, self.model.classifier.blend(fading), embedding, prior)

    def _verdict(
        self, text: str, judged: Judgement, latest: Reading, scope: Scope, filler: bool, context: Context
    ) -> Verdict:
        outcome, reading = judged.outcome, judged.reading
        platform = next((p for p in (latest.platform, context.platform, reading.platform) if p != UNKNOWN), UNKNOWN)
        examples = self.model.examples
        return Verdict(
            text=text,
            category=outcome.category,
            confidence=dict(judged.candidates)[outcome.category],
            candidates=judged.candidates[:LISTED],
            decision=outcome.decision,
            platform=platform,
            priority=outcome.priority,
            queue=outcome.queue,
            human_requested=latest.human_requested,
            lang=reading.lang if filler else latest.lang,
            rules=rule_ids(reading, outcome.category),
            nearest=tuple(text for text, _, _ in examples.nearest(examples.similarity(judged.vector))),
            scope=scope,
            escalation=outcome.escalation,
            filler=filler,
            also=self._also(judged),
            choices=outcome.choices,
            alarm=outcome.alarm,
        )


def _without(normal: str, hits: Sequence[Hit]) -> str:
    """``normal`` without the words of ``hits``."""
    kept = list(normal)
    for start, end in spans_of(hits):
        kept[start:end] = " " * (end - start)
    return normalise("".join(kept))
