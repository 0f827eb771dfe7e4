"""The shape of rules/inquiry.yaml: how one strange inquiry is judged with the person, and what follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal

from pydantic import Field

from triagebot.rulebook.words import Ident, Priority, QueueId, Span, Strict, Text, Words

Fact = Literal["reason", "institution", "business", "date", "several"]
Result = Literal["normal", "ask_institution", "unauthorised", "identity_theft"]
UNKNOWN = "unknown"
"""The answer of whoever does not know, or would rather not say."""
Condition = Mapping[Fact, tuple[Ident, ...]]
"""Facts and the answers that each may have; all of them must hold."""


class Sourced(Words):
    """Something true, with where we know it from."""

    source: tuple[str, ...] = Field(min_length=1)


class Option(Words):
    """An answer; ``zh`` and ``en`` are its button's label.

    ``told``: RE2 on normalised text that says so in anything that the person tells; ``said``: only in an answer.
    ``means``: what a reason of inquiry stands for. ``stated``: how a paper puts it, in Chinese. ``button``: False for what is
    rare and is understood when typed.
    """

    id: Ident
    told: Text | None = None
    said: Text | None = None
    means: Sourced | None = None
    stated: Text | None = None
    button: bool = True


class InquiryQuestion(Words):
    """One way to ask for ``fact``, where one of the conditions ``when`` holds, or always. A date has no options."""

    id: Ident
    fact: Fact
    when: tuple[Condition, ...] = ()
    options: tuple[Option, ...] = ()


class InquiryRule(Strict):
    """``why`` it is judged so; ``ask``: the sentence for the phone, instead of the general one."""

    id: Ident
    when: tuple[Condition, ...] = ()
    result: Result
    why: Sourced
    ask: Words | None = None


class Paper(Strict):
    """A letter in Chinese, to be copied whole. ``text`` may hold {date}, {reason}, {stated}, {several}; ``gloss`` tells in
    English what it says; ``where``: to whom it goes, and by when they answer; ``clock``: the reminder of clocks.yaml that is
    offered with it."""

    id: Ident
    title: Words
    where: Words
    clock: Ident | None = None
    source: tuple[str, ...] = Field(min_length=1)
    review_by: date | None = None
    text: Text
    gloss: Text


class InquiryRules(Strict):
    """``category``: whose advice offers the judging; ``theft``: the category that signs of identity theft lead to. What seems
    to be without consent goes to ``queue`` with ``priority``. ``unfinished_after``: what was left half-way so long goes to
    people. ``accounts``: RE2 for words that speak of an account or a debt, and not only of an inquiry. ``ask``: the sentence
    for the phone ({date}, {reason})."""

    category: Ident
    theft: Ident
    queue: QueueId
    priority: Priority
    unfinished_after: Span = "2h"
    accounts: Text
    questions: tuple[InquiryQuestion, ...] = Field(min_length=1)
    rules: tuple[InquiryRule, ...] = Field(min_length=1)
    results: dict[Result, Words]
    ask: Words
    papers: tuple[Paper, ...] = Field(min_length=1)

    def question(self, facts: Mapping[str, str]) -> InquiryQuestion | None:
        """What to ask next of a person of whom ``facts`` are known; None when nothing more matters."""
        return next((q for q in self.questions if q.fact not in facts and holds(q.when, facts)), None)

    def rule(self, facts: Mapping[str, str]) -> InquiryRule:
        """The first rule that holds; a fact that was not asked for counts as unknown."""
        return next(rule for rule in self.rules if holds(rule.when, facts))

    def asks(self, fact: str, facts: Mapping[str, str]) -> InquiryQuestion | None:
        """How ``fact`` is asked for where the others are as in ``facts``; None where it does not matter."""
        others = {name: answer for name, answer in facts.items() if name != fact}
        return next((q for q in self.questions if q.fact == fact and holds(q.when, others)), None)

    def option(self, fact: str, facts: Mapping[str, str]) -> Option | None:
        """The answer to ``fact`` in ``facts``, best as its question has it; None for a date and for what is not known."""
        asked = self.asks(fact, facts)
        questions = (*((asked,) if asked else ()), *(q for q in self.questions if q.fact == fact))
        return next((o for q in questions for o in q.options if o.id == facts.get(fact)), None)

    def paper(self, name: str) -> Paper | None:
        return next((paper for paper in self.papers if paper.id == name), None)


def holds(conditions: Sequence[Condition], facts: Mapping[str, str]) -> bool:
    """Whether one of ``conditions`` does; none at all always hold."""
    return not conditions or any(
        all(facts.get(fact, UNKNOWN) in answers for fact, answers in condition.items()) for condition in conditions
    )
