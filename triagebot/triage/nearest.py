"""The training examples most like a text: what an agent can check a verdict against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from triagebot.triage.classifier import Floats, Ints, Vector, half

COMMON = 100
"""Terms in more examples than this are not indexed: they say least and cost most (a third of the time, measured)."""


@dataclass(frozen=True)
class Examples:
    """N training examples and, for every term, which of them hold it (an inverted index, V rows).

    ``texts`` and ``labels`` (N); the examples of term ``t`` are ``rows[starts[t]:starts[t + 1]]`` with tf-idf
    ``values`` there.
    """

    texts: tuple[str, ...]
    labels: tuple[str, ...]
    starts: Ints
    rows: Ints
    values: Floats

    def similarity(self, vector: Vector) -> Floats:
        """Cosine with every example (N,), see index_examples. Time grows with the examples that share a term, not with N."""
        first = self.starts[vector.rows]
        counts = self.starts[vector.rows + 1] - first
        ends = np.cumsum(counts)
        where = np.arange(int(ends[-1]) if len(ends) else 0) + np.repeat(first - (ends - counts), counts)
        shares = self.values[where] * np.repeat(vector.values, counts)
        return np.bincount(self.rows[where], shares, minlength=len(self.texts)).astype(np.float32)

    def nearest(self, similarity: Floats, most: int = 3) -> tuple[tuple[str, str, float], ...]:
        """(text, label, cosine) of the ``most`` nearest that share anything at all, best first."""
        if not len(similarity):
            return ()
        left, best = similarity.copy(), []
        for _ in range(min(most, len(left))):
            best.append(int(left.argmax()))
            left[best[-1]] = -1
        return tuple((self.texts[i], self.labels[i], float(similarity[i])) for i in best if similarity[i] > 0)


def index_examples(texts: Sequence[str], labels: Sequence[str], vectors: Sequence[Vector], terms: int) -> Examples:
    """The inverted index over ``vectors``, one for each text, with ``terms`` = V rows; without terms that more than
    ``COMMON`` examples share, so that a similarity is a little below the cosine where they would have added to it."""
    columns = np.concatenate([v.rows for v in vectors])
    kept = np.bincount(columns, minlength=terms)[columns] <= COMMON
    rows = np.repeat(np.arange(len(vectors), dtype=np.int32), [len(v.rows) for v in vectors])[kept]
    values = np.concatenate([v.values for v in vectors])[kept]
    columns = columns[kept]
    order = np.argsort(columns, kind="stable")
    starts = np.searchsorted(columns[order], np.arange(terms + 1)).astype(np.int32)
    return Examples(tuple(texts), tuple(labels), starts, rows[order], half(values[order]))
