"""The trained model of one rulebook: the one that travels with the package or is in the cache, read back in milliseconds, or
else, when rules or code changed, trained."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from triagebot.rulebook.schema import RuleBook
from triagebot.triage import cache, calibration
from triagebot.triage.classifier import Classifier, Floats, softmax
from triagebot.triage.examples import examples_of
from triagebot.triage.nearest import Examples, index_examples
from triagebot.triage.origin import Origin, origin_of
from triagebot.triage.reading import Reader
from triagebot.triage.semantic import Encode

Progress = Callable[[str], None]
_IN_SET = "in_set "
"""Before a category's name, among the numbers in the cache."""


@dataclass(frozen=True)
class Model:
    """``temperature`` divides the classifier's scores, before rules and softmax; a category belongs to the prediction
    set from its probability ``in_set`` on.

    ``figures``: what cross-validation said, shares of 1 (see ``train``).
    """

    classifier: Classifier
    examples: Examples
    temperature: float
    in_set: dict[str, float]
    figures: dict[str, float] = field(default_factory=dict)


def load_or_train(
    book: RuleBook, cache_dir: Path, progress: Progress | None = None, encode: Encode | None = None,
    shipped: Path = cache.SHIPPED,
) -> Model:  # fmt: skip
    """The model of ``book``: from ``cache_dir``, or else the ``shipped`` file, if the one there is of the very same rules and
    code and readable; else trained now.

    A file that cannot be read counts as none; a cache that cannot be written costs the next start a training, nothing
    else. Raises ModelError when the examples do not suffice. ``progress`` is told in one line what takes time or went
    wrong.
    """
    tell = progress or (lambda _: None)
    origin = origin_of(book.digest, semantic=encode is not None)
    kept = cache.path_of(origin, cache_dir)
    for path in (kept, shipped):
        found = cache.load(path, origin)
        if isinstance(found, str):
            tell(found)
        elif found is not None:
            return _from_parts(*found)
    model = train(book, encode, tell)
    if problem := keep(model, kept, origin):
        tell(problem)
    return model


def keep(model: Model, path: Path, origin: Origin) -> str:
    """Write it where ``load_or_train`` looks. Returns "" or a line that says why it could not be kept."""
    in_sets = {_IN_SET + name: least for name, least in model.in_set.items()}
    numbers = {**model.figures, **in_sets, "temperature": model.temperature}
    return cache.save(path, origin, model.classifier, model.examples, numbers)


def _from_parts(classifier: Classifier, examples: Examples, numbers: dict[str, float]) -> Model:
    temperature = numbers.pop("temperature")
    in_set = {name: numbers.pop(_IN_SET + name) for name in classifier.classes}
    return Model(classifier, examples, temperature, in_set, numbers)


def train(book: RuleBook, encode: Encode | None = None, progress: Progress | None = None) -> Model:
    """Fit on all examples of the rules, with their embeddings if ``encode`` is given; temperature and prediction sets from
    out-of-fold scores. ``progress`` is told that it takes time.

    The temperature is that of the classifier alone: whoever writes patterns has the examples before them, so together
    they look far surer on these texts than they are on others.
    """
    from triagebot.triage import training

    told = examples_of(book)
    if progress is not None:
        progress(
            f"这些规则是第一次用，正在准备，大约一分钟…… / First start with these rules: training the classifier on "
            f"{len(told.texts)} examples of {len(book.categories)} categories, about a minute …"
        )
    dense = encode(told.normal) if encode is not None else None
    with training.one_thread_each():
        classifier = training.fit(told.contents, told.labels, dense)
        held_out = training.out_of_fold(told.contents, told.labels, told.langs, classifier.classes, dense=dense)
    truth = told.columns(classifier.classes)
    temperature = calibration.fit_temperature(held_out, truth)
    probabilities = softmax(held_out / temperature + rule_scores(book, told.normal, classifier.classes))
    vectors = [classifier.vector(text) for text in told.contents]
    return Model(
        classifier=classifier,
        examples=index_examples(told.texts, told.labels, vectors, len(classifier.vocabulary)),
        temperature=temperature,
        in_set=calibration.class_thresholds(probabilities, truth, classifier.classes, book.thresholds.ask_mass),
        figures=calibration.figures(probabilities, truth),
    )


def rule_scores(book: RuleBook, normal: Sequence[str], classes: Sequence[str]) -> Floats:
    """What the rules add to each normalised text's scores, (N, K)."""
    reader = Reader(book)
    column = {name: k for k, name in enumerate(classes)}
    scores = np.zeros((len(normal), len(classes)), dtype=np.float32)
    for row, text in enumerate(normal):
        for category, amount in reader.read(text).bonus.items():
            if category in column:
                scores[row, column[category]] += amount
    return scores
