"""The figures of an evaluation as text for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # numpy is a third of a second at every start
    from triagebot.triage.evaluation.coverage import Coverage

_MOST_CATEGORIES = 40
_MOST_CONFUSIONS = 10


def show(figures: Mapping[str, Any]) -> None:
    """Print what there is of: single figures, decisions, the table of categories, confusions, the learning curve."""
    for name, value in figures.items():
        if not isinstance(value, dict | list):
            print(f"{name}: {plain(value)}")
    for name in ("trained_on", "latency_us"):
        if name in figures:
            print(f"{name}: " + "  ".join(f"{key} {value:g}" for key, value in figures[name].items()))
    if "decisions" in figures:
        _decisions(figures["decisions"])
    if "per_category" in figures:
        _categories(figures["per_category"])
    if "confusions" in figures:
        _confusions(figures["confusions"])
    if "learning_curve" in figures:
        _learning(figures["learning_curve"])


def show_coverage(table: Sequence[Coverage]) -> None:
    """One line a category; ``*`` marks those that have too few examples."""
    width = max(len(name) for name in ("category", *(c.category for c in table)))
    print(f"  {'category':{width}}   zh  en patterns signatures tests platforms recall  prec.  confused most with")
    for c in table:
        confused = ", ".join(f"{other} {n}" for other, n in list(c.confused_with.items())[:3])
        print(
            f"{' ' if c.enough else '*'} {c.category:{width}} {c.zh:4} {c.en:3} {c.patterns:8} {c.signatures:10} "
            f"{c.tests:5} {len(c.platforms):9} {plain(c.recall):>6} {plain(c.precision):>6}  {confused}".rstrip()
        )
    thin = sum(not c.enough for c in table)
    print(f"\n* 例句太少 / too few examples: {thin} / {len(table)}")


def plain(value: float | None) -> str:
    """Three digits; "-" for a share of nothing."""
    if value is None:
        return "-"
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def _decisions(table: Mapping[str, Mapping[str, float | None]]) -> None:
    print("\ndecision   share  right  truth among the choices")
    for decision, row in table.items():
        held = plain(row["contains_truth"]) if "contains_truth" in row else ""
        print(f"{decision:9} {plain(row['share']):>6} {plain(row['accuracy']):>6}  {held}".rstrip())


def _categories(table: Mapping[str, Mapping[str, Any]]) -> None:
    shown = sorted(table.items(), key=lambda item: (item[1]["f1"], item[0]))[:_MOST_CATEGORIES]
    width = max(len(name) for name in ("category", *(name for name, _ in shown)))
    left_out = f" (the {len(shown)} worst of {len(table)})" if len(shown) < len(table) else ""
    print(f"\n{'category':{width}}     n recall  prec.     f1  mistaken for{left_out}")
    for name, row in shown:
        mistaken = ", ".join(f"{other} {n}" for other, n in list(row["mistaken_for"].items())[:3])
        numbers = " ".join(f"{plain(row[key]):>6}" for key in ("recall", "precision", "f1"))
        print(f"{name:{width}} {row['n']:5} {numbers}  {mistaken}".rstrip())


def _confusions(pairs: Sequence[Mapping[str, Any]]) -> None:
    if pairs:
        print("\nmost common confusions")
    for pair in pairs[:_MOST_CONFUSIONS]:
        print(f"{pair['n']:5}  {pair['truth']} -> {pair['taken_for']}")


def _learning(points: Sequence[Mapping[str, Any]]) -> None:
    print(" share  examples  accuracy   top3")
    for point in points:
        print(f"{point['share']:6.1%}  {point['examples']:8}  {plain(point['accuracy']):>8} {plain(point['top3']):>6}")
