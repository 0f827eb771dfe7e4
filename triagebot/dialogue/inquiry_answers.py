"""What people say about one strange inquiry, read as facts: out of a story, or as the answer to a question. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

import re2

from triagebot.dialogue import inquiry_dates
from triagebot.rulebook.inquiry_rules import UNKNOWN, InquiryQuestion, InquiryRules, Option
from triagebot.triage.negation import denied
from triagebot.triage.normalise import normalise

_TELLING = 60
"""Characters; what is longer is a story, of which only what is told counts, not what would do as an answer."""
_NOT = re.compile(r"(?:没有?|未|从不|不曾|never|not|n't)\s?$")
_ASKS = re.compile(
    r"有没有|会不会|是不是|能不能|要不要|怎么|怎样|为什么|为啥|凭什么|凭啥|多久|[吗么呢][?!。]*$|[?]$"
    r"|^(?:what|why|how|when|who|will|does|do|can|is|are)\b"
)
Hit = tuple[int, int, Option]


def of_story(rules: InquiryRules, texts: Iterable[str], known: Mapping[str, str], now: datetime) -> dict[str, str]:
    """Facts that ``texts`` tell by themselves and that are not ``known``, in the order in which they would be asked for. What
    may be one or the other is left to be asked."""
    said = [normalise(text) for text in texts if text]
    found = dict(known)
    while (question := rules.question(found)) is not None:
        answer = _told(question, said) if question.options else inquiry_dates.beside(said, now)
        found[question.fact] = answer or UNKNOWN
    return {fact: answer for fact, answer in found.items() if answer != UNKNOWN and fact not in known}


def of_answer(question: InquiryQuestion, text: str, now: datetime) -> str:
    """The answer that ``text`` gives to ``question``, "" when it gives none."""
    if not question.options:
        return inquiry_dates.read(text, now)
    said = normalise(text)
    hits = _hits(question, said, in_answer=len(said) <= _TELLING and not asks(text))
    return max(hits, key=lambda hit: hit[1])[2].id if hits else ""


def asks(text: str) -> bool:
    """Whether somebody wants to know something rather than to tell it: 有没有影响 is no 没有."""
    return _ASKS.search(normalise(text)) is not None


def names_an_account(rules: InquiryRules, text: str) -> bool:
    """Whether it speaks of more than an inquiry: an account, a debt, a name that was used."""
    return bool(_compiled(rules.accounts).search(normalise(text)))


def _told(question: InquiryQuestion, said: Iterable[str]) -> str:
    answers = {hit[2].id for text in said for hit in _hits(question, text, in_answer=False)}
    return answers.pop() if len(answers) == 1 else ""


def _hits(question: InquiryQuestion, said: str, in_answer: bool) -> list[Hit]:
    """Where ``said`` names an option, without what is denied or only a part of another option's words."""
    found: list[Hit] = []
    for option in question.options:
        for expression in (option.told, option.said if in_answer else None):
            for hit in _compiled(expression).finditer(said) if expression else ():
                if not denied(said, *hit.span()) and not (
                    option.told is expression and _NOT.search(said[: hit.start()])
                ):
                    found.append((*hit.span(), option))
    return [hit for hit in found if not any(_within(hit, other) for other in found)]


def _within(hit: Hit, other: Hit) -> bool:
    same = (hit[0], hit[1]) == (other[0], other[1])
    return other[0] <= hit[0] and hit[1] <= other[1] and not same and hit[2] is not other[2]


@cache
def _compiled(expression: str) -> Any:
    return re2.compile(expression)
