"""Microseconds per message through the whole triage, against the bare scikit-learn pipeline on the same texts; messages a
second in batches on all cores."""

from __future__ import annotations

import os
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

ROUNDS = 7


def run() -> dict[str, float]:
    """Medians over ``ROUNDS`` alternating rounds, one message a call on both sides.

    Texts are those of the tests in rules/categories, which neither side was trained on. The bare side is what one would
    write first: ``TfidfVectorizer`` over characters 1 to 4, then ``LogisticRegression``; no rules, platform, language
    or decision.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    from triagebot.resources import bundled
    from triagebot.rulebook import load
    from triagebot.triage.batch import triage_all
    from triagebot.triage.brain import Brain
    from triagebot.triage.model import load_or_train

    book = load(bundled("rules"))
    with tempfile.TemporaryDirectory() as folder:
        brain = Brain(book, load_or_train(book, Path(folder)))
    examples = [(text, c.id) for c in book.categories.values() for text in (*c.examples.zh, *c.examples.en)]
    texts = [test.text for category in book.categories.values() for test in category.tests]
    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 4), sublinear_tf=True)
    regression = LogisticRegression(max_iter=50).fit(
        vectorizer.fit_transform([text for text, _ in examples]), [label for _, label in examples]
    )
    sides: dict[str, Callable[[str], object]] = {
        "triage": brain.triage,
        "bare": lambda text: regression.predict_proba(vectorizer.transform([text])),
    }
    taken: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(ROUNDS):
        for name, judge in sides.items():
            began = perf_counter()
            for text in texts:
                judge(text)
            taken[name].append((perf_counter() - began) / len(texts) * 1e6)
    ours, bare = statistics.median(taken["triage"]), statistics.median(taken["bare"])
    crowd = [text for text, _ in examples]
    jobs = os.cpu_count() or 1
    pace = []
    for _ in range(3):
        began = perf_counter()
        count = sum(1 for _ in triage_all(brain, crowd, jobs))
        pace.append(count / (perf_counter() - began))
    return {"texts": len(texts), "triage_us": round(ours, 1), "bare_us": round(bare, 1), "ratio": round(ours / bare, 3),
            "batch_texts": len(crowd), "batch_jobs": jobs, "batch_per_s": round(statistics.median(pace))}  # fmt: skip
