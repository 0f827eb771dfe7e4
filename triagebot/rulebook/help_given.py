"""What a category must give to the person: a second way, safety where there is danger, dates on what can go out of date."""

from __future__ import annotations

import re
from collections.abc import Iterator

from triagebot.rulebook.pack import At, Finding, Pack
from triagebot.rulebook.schema import Category, Fix
from triagebot.rulebook.words import Words

_DATED = re.compile(
    r"[\d零一二三四五六七八九十百千万两几]\s*(?:元|块钱)|\d\s*(?:yuan|rmb|cny)\b|(?:¥|￥|\brmb|\bcny)\s*\d"
    r"|(?<![\d-])20[1-4]\d(?![\d])(?!\s*(?:号|码))",
    re.IGNORECASE,
)
"""Prices and years: 5 元, 10 yuan, RMB 25, 2026-03-31, 2025 年."""


_REVIEW = "names a price or a year; add `review_by: <date>`, so that somebody looks again"


def check(pack: Pack) -> Iterator[Finding]:
    for stem, category in pack.categories.items():
        for at, what in (*_danger(category), *_ways(category), *_light(category), *_dates(category)):
            yield pack.finding(f"categories/{stem}.yaml", at, what)
    for n, platform in pack.listed.get("platforms", ()):
        for k, fact in enumerate(platform.facts):
            if fact.review_by is None and dated(fact):
                yield pack.finding("platforms.yaml", ("platforms", n, "facts", k), _REVIEW)


def dated(words: Words) -> bool:
    """Whether something said in both languages names a price or a year."""
    return _DATED.search(words.zh) is not None or _DATED.search(words.en) is not None


def _danger(category: Category) -> Iterator[tuple[At, str]]:
    if category.priority == "P1":
        if not category.safety:
            yield ("priority",), "P1 needs `safety:`, one to four lines that are said at once; add them"
        return
    for n, pattern in enumerate(category.patterns):
        if pattern.weight == "alarm":
            yield ("patterns", n, "weight"), "only P1 categories raise an alarm; write strong, or move the pattern"


def _ways(category: Category) -> Iterator[tuple[At, str]]:
    general = sum(fix.platform == "unknown" for fix in category.fixes)
    if category.route == "self_service" and general < 2:
        what = f"self_service needs two rounds with `platform: unknown`, there are {general}; add another way"
        yield ("fixes",), what


def _light(category: Category) -> Iterator[tuple[At, str]]:
    """To measure the light makes sense to a person who was just told about light."""
    if category.light_check and not any("光" in step.zh for fix in category.fixes for step in fix.steps):
        yield ("light_check",), "no fix speaks of light (光); add a step about it, or remove `light_check`"


def _dates(category: Category) -> Iterator[tuple[At, str]]:
    if (told := category.on_record) is not None and told.review_by is None and dated(told):
        yield ("on_record",), _REVIEW
    for n, fix in enumerate(category.fixes):
        if fix.review_by is None and any(dated(words) for words in _said(fix)):
            yield ("fixes", n), _REVIEW


def _said(fix: Fix) -> tuple[Words, ...]:
    return (fix.intro, *fix.steps) if fix.intro is not None else fix.steps
