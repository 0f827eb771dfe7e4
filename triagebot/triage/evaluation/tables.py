"""The tables of an evaluation as tab-separated text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from triagebot.triage.evaluation.guesses import Guess

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def errors(guesses: Sequence[Guess]) -> str:
    """What was taken for something else, the most confident first; ``decision`` is empty where none was taken."""
    wrong = sorted((g for g in guesses if not g.right), key=lambda g: -g.confidence)
    header = ("text", "lang", "truth", "category", "confidence", "decision", "top3")
    return tsv(
        header,
        (
            (g.text, g.lang, g.truth, g.category, f"{g.confidence:.4f}", g.decision, _listed(g.candidates))
            for g in wrong
        ),
    )


def categories(table: Mapping[str, Mapping[str, Any]]) -> str:
    """``guesses.per_category``, one category a line."""
    header = ("category", "n", "recall", "precision", "f1", "mistaken_for")
    rows = (
        (name, *(_cell(row[key]) for key in header[1:-1]), ", ".join(f"{m} {n}" for m, n in row["mistaken_for"].items()))
        for name, row in table.items()
    )  # fmt: skip
    return tsv(header, rows)


def points(curve: Sequence[DataclassInstance]) -> str:
    """Dataclasses of one kind, at least one: a line each, their fields as columns."""
    rows = [asdict(point) for point in curve]
    return tsv(tuple(rows[0]), ([_cell(value) for value in row.values()] for row in rows))


def tsv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Lines of cells; what would break a line or a cell becomes a space."""
    return "".join("\t".join(" ".join(cell.split()) for cell in line) + "\n" for line in (header, *rows))


def _listed(candidates: Sequence[tuple[str, float]]) -> str:
    return ", ".join(f"{category} {p:.3f}" for category, p in candidates[:3])


def _cell(value: object) -> str:
    return "" if value is None else str(value)
