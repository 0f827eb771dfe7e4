"""A trained model on disk: plain arrays and JSON in one zip (numpy's .npz), never pickle; written whole or not at all.

Not skops: it stores the same .npy arrays, but importing it imports scikit-learn (measured in docs/decisions/0002),
which a start with a cached model otherwise does not need.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import zipfile
from contextlib import suppress
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from triagebot.triage.classifier import Classifier
from triagebot.triage.nearest import Examples

KEPT = 4
"""Models kept in the folder (other rule packs, the version before an upgrade); older ones are removed."""

_CLASSIFIER = ("idf", "weights", "bias", "dense")
_EXAMPLES = ("starts", "rows", "values")
_HALF = ("weights", "dense", "values")
"""Rounded to half precision when they were made."""
Parts = tuple[Classifier, Examples, dict[str, float]]


def path_of(rules_digest: str, cache_dir: Path, *, semantic: bool = False) -> Path:
    """Where the model of these rules, this code and this scikit-learn belongs; ``semantic``: one with embeddings."""
    digest = hashlib.sha256(rules_digest.encode())
    if semantic:
        digest.update(b"semantic")
    digest.update(version("scikit-learn").encode())
    for source in sorted(files("triagebot.triage").iterdir(), key=lambda s: s.name):
        if source.name.endswith(".py"):
            digest.update(source.read_bytes())
    return cache_dir / f"triage-{digest.hexdigest()[:24]}.npz"


def load(path: Path) -> Parts | str | None:
    """What ``save`` wrote; None when there is nothing; a line to tell when something is there that cannot be used."""
    if not path.exists():
        return None
    try:
        with np.load(path, allow_pickle=False) as arrays:
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
        return f"the cached model {path} is not readable ({type(problem).__name__}); training it anew"
    return classifier, examples, {name: float(value) for name, value in named["numbers"].items()}


def save(path: Path, classifier: Classifier, examples: Examples, numbers: dict[str, float]) -> str:
    """Write atomically beside the old one. Returns "" or a line that says why it could not be kept."""
    named = {
        "classes": classifier.classes,
        "terms": sorted(classifier.vocabulary, key=classifier.vocabulary.__getitem__),
        "texts": examples.texts,
        "labels": examples.labels,
        "numbers": numbers,
    }
    arrays: dict[str, Any] = {
        "named": np.frombuffer(json.dumps(named, ensure_ascii=False).encode("utf-8", "surrogatepass"), dtype=np.uint8)
    }
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
