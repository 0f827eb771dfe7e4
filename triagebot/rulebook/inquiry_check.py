"""What must fit together in rules/inquiry.yaml: names exist, every path ends, every blank of a letter can be filled in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from string import Formatter
from typing import get_args

from triagebot.rulebook.clock_rules import ClockRules
from triagebot.rulebook.help_given import dated
from triagebot.rulebook.inquiry_rules import UNKNOWN, Condition, InquiryRules, Paper, Result
from triagebot.rulebook.pack import At, Finding, Pack
from triagebot.rulebook.references import doubles
from triagebot.rulebook.words import Words

FILE = "inquiry.yaml"
_IN_A_LETTER = frozenset({"date", "reason", "stated", "several"})
_ON_THE_PHONE = frozenset({"date", "reason"})
Blank = tuple[At, str, frozenset[str]]


def check(pack: Pack) -> Iterator[Finding]:
    rules: InquiryRules | None = pack.singles.get("inquiry")
    if rules is None:
        return
    for at, what in (*_names(pack, rules), *_conditions(rules), *_ends(pack, rules), *_blanks(rules), *_dates(rules)):
        yield pack.finding(FILE, at, what)
    yield from _twice(pack, rules)


def _names(pack: Pack, rules: InquiryRules) -> Iterator[tuple[At, str]]:
    named: list[tuple[At, str, str]] = [
        (("category",), "categories", rules.category), (("theft",), "categories", rules.theft),
        *((("papers", n, "source", k), "sources", s) for n, p in enumerate(rules.papers) for k, s in enumerate(p.source)),
        *((("rules", n, "why", "source", k), "sources", s)
          for n, rule in enumerate(rules.rules) for k, s in enumerate(rule.why.source)),
        *((("questions", n, "options", i, "means", "source", k), "sources", s)
          for n, q in enumerate(rules.questions) for i, o in enumerate(q.options) if o.means is not None
          for k, s in enumerate(o.means.source)),
    ]  # fmt: skip
    for at, kind, name in named:
        known = pack.ids(kind)
        if known and name not in known:
            yield at, f"`{name}` is not in {kind}; correct it, or add it there"
    clocks: ClockRules | None = pack.singles.get("clocks")
    for n, paper in enumerate(rules.papers):
        if paper.clock is not None and (clocks is None or clocks.of(paper.clock) is None):
            yield ("papers", n, "clock"), f"`{paper.clock}` is not in clocks.yaml; correct it, or leave `clock` out"


def _conditions(rules: InquiryRules) -> Iterator[tuple[At, str]]:
    """A condition may only name answers that somebody can give."""
    answers: dict[str, set[str]] = {}
    for question in rules.questions:
        answers.setdefault(question.fact, {UNKNOWN}).update(option.id for option in question.options)
    rows: list[tuple[At, Sequence[Condition]]] = [
        *((("questions", n), question.when) for n, question in enumerate(rules.questions)),
        *((("rules", n), rule.when) for n, rule in enumerate(rules.rules)),
    ]
    for at, conditions in rows:
        for k, condition in enumerate(conditions):
            for fact, wanted in condition.items():
                for name in wanted:
                    if name not in answers.get(fact, ()):
                        yield (*at, "when", k, fact), f"no question for {fact} has the answer `{name}`; correct it"


def _ends(pack: Pack, rules: InquiryRules) -> Iterator[tuple[At, str]]:
    if rules.rules[-1].when:
        yield ("rules", len(rules.rules) - 1), "the last rule is for all that is left; take its `when` away, or add one"
    for n, rule in enumerate(rules.rules[:-1]):
        if not rule.when:
            yield ("rules", n), "without `when` nothing below it is ever reached; add conditions, or move it to the end"
    for name in get_args(Result):
        if name not in rules.results:
            yield ("results",), f"`{name}` is missing; say what the person hears first"
    theft = pack.categories.get(rules.theft)
    if theft is not None and theft.priority != "P1":
        yield ("theft",), f"`{rules.theft}` is not P1; name the category for identity theft"


def _blanks(rules: InquiryRules) -> Iterator[tuple[At, str]]:
    texts: list[Blank] = [
        *((("papers", n, "text"), paper.text, _IN_A_LETTER) for n, paper in enumerate(rules.papers)),
        *_both(("ask",), rules.ask, _ON_THE_PHONE),
        *(each for n, rule in enumerate(rules.rules) if rule.ask is not None
          for each in _both(("rules", n, "ask"), rule.ask, _ON_THE_PHONE)),
    ]  # fmt: skip
    for at, text, allowed in texts:
        try:
            used = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
        except ValueError:
            yield at, "a brace stands alone; write names like {date}, or take it away"
            continue
        for name in sorted(used - allowed):
            yield at, f"`{{{name}}}` is not known here; known: {', '.join(sorted(allowed))}"


def _both(at: At, words: Words, allowed: frozenset[str]) -> Iterator[Blank]:
    yield (*at, "zh"), words.zh, allowed
    yield (*at, "en"), words.en, allowed


def _dates(rules: InquiryRules) -> Iterator[tuple[At, str]]:
    for n, paper in enumerate(rules.papers):
        if paper.review_by is None and any(dated(words) for words in _said(paper)):
            yield ("papers", n), "names a price or a year; add `review_by: <date>`, so that somebody looks again"


def _said(paper: Paper) -> tuple[Words, ...]:
    return paper.where, Words(zh=paper.text, en=paper.gloss)


def _twice(pack: Pack, rules: InquiryRules) -> Iterator[Finding]:
    lists: dict[str, Sequence[str]] = {
        "questions": [q.id for q in rules.questions], "rules": [r.id for r in rules.rules],
        "papers": [p.id for p in rules.papers],
    }  # fmt: skip
    for key, ids in lists.items():
        yield from doubles(pack, ((FILE, (key, n, "id"), name) for n, name in enumerate(ids)), f"id in {key}")
    for n, question in enumerate(rules.questions):
        options = ((FILE, ("questions", n, "options", k, "id"), o.id) for k, o in enumerate(question.options))
        yield from doubles(pack, options, "answer of this question")
