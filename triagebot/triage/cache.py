"""A trained model on disk: plain arrays and JSON in one zip (numpy's .npz), never pickle; written whole or not at all.

The user's cache has one for each origin; one travels with the package, so that nobody waits for the first answer
(docs/decisions/0013). Not skops: it stores the same .npy arrays, but importing it imports scikit-learn (measured in
docs/decisions/0002), which a start with a model at hand otherwise does not need.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import zipfile
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from triagebot.triage.classifier import Classifier
from triagebot.triage.nearest import Examples
from triagebot.triage.origin import Origin

SHIPPED = Path(__file__).with_name("trained.npz")
"""The model of the rules that travel with the package; ``triagebot train --ship`` makes it. Not compressed: Git and wheels do
that, and a start need not undo it."""
KEPT = 4
"""Models kept in the folder (other rule packs, the version before an upgrade); older ones are removed."""

_CLASSIFIER = ("idf", "weights", "bias", "dense")
_EXAMPLES = ("starts", "rows", "values")
_HALF = ("weights", "dense", "values")
"""Rounded to half precision when they were made."""
Parts = tuple[Classifier, Examples, dict[str, float]]


def path_of(origin: Origin, cache_dir: Path) -> Path:
    """Where the model of this origin belongs in the cache."""
    digest = hashlib.sha256(_as_json(origin))
    return cache_dir / f"triage-{digest.hexdigest()[:24]}.npz"


def load(path: Path, origin: Origin) -> Parts | str | None:
    """What ``save`` wrote; None when there is nothing, or a model of another origin; a line to tell when something is there
    that cannot be used."""
    if not path.exists():
        return None
    try:
        with np.load(path, allow_pickle=False) as arrays:
            if arrays["origin"].tobytes() != _as_json(origin):
                return None
            named = json.loads(arrays["named"].tobytes().decode("utf-8", "surrogatepass"))
            classifier = Classifier(
                tuple(named["classes"]),
                {term: row for row, term in enumerate(named["terms"])},
                *(_single(arrays[name]) for name in _CLASSIFIER),
            )
            examples = Examples(
                tuple(named["texts"]), tuple(named["labels"]), *(_single(arrays[name]) for name in _EXAMPLES)
            )
        _check(classifier, examples)
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as problem:
        return f"the model {path} is not readable ({type(problem).__name__}); going on without it"
    return classifier, examples, {name: float(value) for name, value in named["numbers"].items()}


def origin_in(path: Path) -> Origin:
    """What the model in a file was made of."""
    with np.load(path, allow_pickle=False) as arrays:
        return Origin(**json.loads(arrays["origin"].tobytes()))


def save(path: Path, origin: Origin, classifier: Classifier, examples: Examples, numbers: dict[str, float]) -> str:
    """Write atomically beside the old one. Returns "" or a line that says why it could not be kept."""
    named = {
        "classes": classifier.classes,
        "terms": sorted(classifier.vocabulary, key=classifier.vocabulary.__getitem__),
        "texts": examples.texts,
        "labels": examples.labels,
        "numbers": numbers,
    }
    arrays: dict[str, Any] = {"origin": _bytes(_as_json(origin)), "named": _bytes(_utf8(named))}
    arrays |= {name: getattr(classifier, name) for name in _CLASSIFIER}
    arrays |= {name: getattr(examples, name) for name in _EXAMPLES}
    arrays |= {name: arrays[name].astype(np.float16) for name in _HALF}
    temporary = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.stem, suffix=".part")
        with os.fdopen(handle, "wb") as file:
            np.savez(file, **arrays)
        os.replace(temporary, path)
        _forget_old(path)
    except OSError as problem:
        with suppress(OSError):
            os.unlink(temporary)
        return f"the trained model cannot be kept in {path.parent} ({problem.strerror}); the next start trains again"
    return ""


def _as_json(origin: Origin) -> bytes:
    return _utf8(asdict(origin))


def _utf8(data: Any) -> bytes:
    return json.dumps(data, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _bytes(raw: bytes) -> Any:
    return np.frombuffer(raw, dtype=np.uint8)


def _single(numbers: Any) -> Any:
    return numbers.astype(np.float32) if numbers.dtype == np.float16 else numbers


def _forget_old(newest: Path) -> None:
    models = sorted(newest.parent.glob("triage-*.npz"), key=lambda p: p.stat().st_mtime, reverse=True)
    for old in models[KEPT:]:
        old.unlink(missing_ok=True)


def _check(classifier: Classifier, examples: Examples) -> None:
    """Raise ValueError unless the shapes fit together, so that a damaged file fails here and not in the middle of a
    verdict."""
    terms, classes, texts = len(classifier.vocabulary), len(classifier.classes), len(examples.texts)
    fits = (
        classifier.weights.shape == (terms, classes)
        and classifier.idf.shape == (terms,)
        and classifier.bias.shape == (classes,)
        and classifier.dense.ndim == 2
        and classifier.dense.shape[1] == classes
        and examples.starts.shape == (terms + 1,)
        and examples.rows.shape == examples.values.shape == (int(examples.starts[-1]),)
        and len(examples.labels) == texts
        and (not len(examples.rows) or 0 <= int(examples.rows.min()) <= int(examples.rows.max()) < texts)
        and bool(np.isfinite(classifier.weights).all())
    )
    if not fits:
        raise ValueError("the arrays do not fit together")
