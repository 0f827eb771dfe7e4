"""What a reminder may say: a figure only where the law or an authority gives it, a day only where the person named one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from triagebot.rulebook.clock_rules import Clock
from triagebot.rulebook.pack import At, Finding, Pack
from triagebot.rulebook.words import Words

_FIGURE = re.compile(
    r"[\d一二三四五六七八九十两半]+ ?个?(分钟|小时|天|日|周|星期|礼拜|月|年|工作日)|次日"
    r"|\b\d+ ?(minute|hour|day|week|month)s?\b"
)
"""A period of time in words, in either language."""
_VOUCHED = ("primary", "official")


def check(pack: Pack) -> Iterator[Finding]:
    rules = pack.singles.get("clocks")
    if rules is None:
        return
    kinds = {source.id: source.kind for _, source in pack.listed.get("sources", ())}
    names = [clock.id for clock in rules.clocks]
    for n, clock in enumerate(rules.clocks):
        for at, what in (*_figures(clock, kinds), *_days(clock), *_chain(clock, names)):
            yield pack.finding("clocks.yaml", ("clocks", n, *at), what)


def _told(clock: Clock) -> Iterator[tuple[At, Words]]:
    yield ("remind",), clock.remind
    yield from ((("steps", k), step) for k, step in enumerate(clock.steps))


def _figures(clock: Clock, kinds: dict[str, str]) -> Iterator[tuple[At, str]]:
    if any(kinds.get(name) in _VOUCHED for name in clock.source):
        return
    for at, words in _told(clock):
        for lang in ("zh", "en"):
            if found := _FIGURE.search(words.in_(lang)):
                what = f"tells a figure (`{found[0]}`), but no source is primary or official; leave the figure out"
                yield (*at, lang), what


def _days(clock: Clock) -> Iterator[tuple[At, str]]:
    for at, words in _told(clock):
        for lang in ("zh", "en"):
            if "{since}" in words.in_(lang) and clock.asks is None:
                yield (*at, lang), "`{since}` is the day that the person names; add `asks:`, or leave it out"
    if clock.in_working_days and clock.asks is None:
        yield ("after",), "working days are counted from a day that the person names; add `asks:`, or write wall time"
    if clock.after.endswith(("m", "h")) and clock.asks is not None:
        yield ("asks",), "only days are counted from a day; write `after` in d or wd, or remove this"


def _chain(clock: Clock, names: list[str]) -> Iterator[tuple[At, str]]:
    if clock.then is not None and (clock.then not in names or clock.then == clock.id):
        yield ("then",), f"`{clock.then}` is no other clock in clocks.yaml; correct it, or add it there"
