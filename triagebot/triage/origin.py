"""What a model is made of: made of the same, it is the same model, and need not be made again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.metadata import version
from importlib.resources import files

AFTER_TRAINING = frozenset(
    {
        "batch",
        "brain",
        "danger",
        "decision",
        "evidence",
        "explain",
        "fragments",
        "misread",
        "promotion",
        "retraining",
        "screens",
        "selftest",
        "verdict",
    }
)
"""Modules of this package that only use a model: who changes them need not train again."""


@dataclass(frozen=True)
class Origin:
    """``rules``: digest of a rule book; ``code``: SHA-256 of the modules that train; ``semantic``: with embeddings."""

    rules: str
    code: str
    scikit_learn: str
    semantic: bool = False


def origin_of(rules_digest: str, *, semantic: bool = False) -> Origin:
    """Of the model that would be trained from these rules here and now."""
    code = hashlib.sha256()
    for source in sorted(files("triagebot.triage").iterdir(), key=lambda s: s.name):
        module, _, ending = source.name.rpartition(".")
        if ending == "py" and module not in AFTER_TRAINING:
            raw = source.read_bytes()
            code.update(f"{source.name}\0{len(raw)}\0".encode() + raw)
    return Origin(rules_digest, code.hexdigest(), version("scikit-learn"), semantic)
