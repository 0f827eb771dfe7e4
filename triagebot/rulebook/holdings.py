"""What a rule pack holds for each category: counts of what its file says, and whether its examples suffice."""

from __future__ import annotations

from dataclasses import dataclass

from triagebot.rulebook.schema import Category

ENOUGH = (120, 30)
"""Examples in Chinese and in English that a category should have: below, recall on other people's messages is markedly
lower (docs/decisions/0002)."""
ENOUGH_FOR = {
    "security.scam": (200, 50),
    "anomaly.identity_theft": (200, 50),
    "other.out_of_scope": (200, 50),
}
"""More where a miss does harm, or where anything may be said."""


@dataclass(frozen=True, slots=True)
class Holding:
    """``zh``, ``en``: examples; ``platforms``: those with fixes of their own."""

    category: str
    zh: int
    en: int
    patterns: int
    signatures: int
    tests: int
    platforms: tuple[str, ...]
    enough: bool


def holding(category: Category) -> Holding:
    zh, en = ENOUGH_FOR.get(category.id, ENOUGH)
    examples = category.examples
    return Holding(
        category=category.id,
        zh=len(examples.zh),
        en=len(examples.en),
        patterns=len(category.patterns),
        signatures=len(category.signatures),
        tests=len(category.tests),
        platforms=tuple(sorted({fix.platform for fix in category.fixes} - {"unknown"})),
        enough=len(examples.zh) >= zh and len(examples.en) >= en,
    )
