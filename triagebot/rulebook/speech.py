"""Everything in a pack that people are told, by the bot or with an agent's macro, with its place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from triagebot.rulebook.clock_rules import Clock
from triagebot.rulebook.inquiry_rules import InquiryRules
from triagebot.rulebook.pack import At, Pack
from triagebot.rulebook.schema import Category
from triagebot.rulebook.words import Words


class Said(NamedTuple):
    """``asks``: the person is to answer it, or to have it at hand."""

    file: str
    at: At
    text: str
    asks: bool


def speech(pack: Pack) -> Iterator[Said]:
    for stem, category in pack.categories.items():
        for at, words, asks in _of_category(category):
            yield from _both(f"categories/{stem}.yaml", at, words, asks)
    for n, platform in pack.listed.get("platforms", ()):
        yield from _both("platforms.yaml", ("platforms", n, "title"), platform.title, False)
        for k, fact in enumerate(platform.facts):
            yield from _both("platforms.yaml", ("platforms", n, "facts", k), fact, False)
    for n, queue in pack.listed.get("queues", ()):
        yield from _both("queues.yaml", ("queues", n, "title"), queue.title, False)
        for k, words in enumerate(queue.ready):
            yield from _both("queues.yaml", ("queues", n, "ready", k), words, True)
    for n, contact in pack.listed.get("contacts", ()):
        yield from _both("contacts.yaml", ("contacts", n), contact, False)
    for n, slot in pack.listed.get("slots", ()):
        yield from _both("slots.yaml", ("slots", n), slot, True)
    for n, macro in pack.listed.get("macros", ()):
        yield from _both("macros.yaml", ("macros", n, "title"), macro.title, False)
        yield from _both("macros.yaml", ("macros", n, "text"), macro.text, True)
    if watch := pack.singles.get("watch"):
        for n, way in enumerate(watch.how):
            yield from _both("watch.yaml", ("how", n), way, False)
    if inquiry := pack.singles.get("inquiry"):
        for at, words, asks in _of_inquiry(inquiry):
            yield from _both("inquiry.yaml", at, words, asks)
    if clocks := pack.singles.get("clocks"):
        for n, clock in enumerate(clocks.clocks):
            for at, words, asks in _of_clock(clock):
                yield from _both("clocks.yaml", ("clocks", n, *at), words, asks)


def _of_inquiry(rules: InquiryRules) -> Iterator[tuple[At, Words, bool]]:
    for n, question in enumerate(rules.questions):
        yield ("questions", n), question, True
        for k, option in enumerate(question.options):
            yield ("questions", n, "options", k), option, False
            if option.means is not None:
                yield ("questions", n, "options", k, "means"), option.means, False
    for n, rule in enumerate(rules.rules):
        yield ("rules", n, "why"), rule.why, False
        if rule.ask is not None:
            yield ("rules", n, "ask"), rule.ask, False
    yield from ((("results", name), words, False) for name, words in rules.results.items())
    yield ("ask",), rules.ask, False
    for n, paper in enumerate(rules.papers):
        yield from ((("papers", n, key), getattr(paper, key), False) for key in ("title", "where"))
        yield ("papers", n), Words(zh=paper.text, en=paper.gloss), False


def _of_clock(clock: Clock) -> Iterator[tuple[At, Words, bool]]:
    for name in ("title", "button", "done", "undone"):
        yield (name,), getattr(clock, name), False
    if clock.asks is not None:
        yield ("asks",), clock.asks, True
    yield ("remind",), clock.remind, True
    yield from ((("steps", n), step, False) for n, step in enumerate(clock.steps))


def _of_category(category: Category) -> Iterator[tuple[At, Words, bool]]:
    yield ("title",), category.title, False
    if category.menu is not None:
        yield ("menu",), category.menu, False
    for n, question in enumerate(category.questions):
        yield ("questions", n), Words(zh=question.zh, en=question.en), True
    for n, fix in enumerate(category.fixes):
        if fix.intro is not None:
            yield ("fixes", n, "intro"), fix.intro, False
        yield from ((("fixes", n, "steps", k), step, False) for k, step in enumerate(fix.steps))
    yield from ((("safety", n), line, False) for n, line in enumerate(category.safety))
    yield from ((("ready", n), line, True) for n, line in enumerate(category.ready))
    if category.on_record is not None:
        yield ("on_record",), category.on_record, False
    if category.followup is not None:
        yield ("followup",), Words(zh=category.followup.zh, en=category.followup.en), True


def _both(file: str, at: At, words: object, asks: bool) -> Iterator[Said]:
    for lang in ("zh", "en"):
        yield Said(file, (*at, lang), str(getattr(words, lang)), asks)
