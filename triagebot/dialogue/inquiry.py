"""Judging one strange inquiry with the person: one question at a time, each may be skipped, any may be taken back. Pure.

Which question is open is read from the buttons of the last reply (Memory.offered), so that a reminder or a command in between
closes it; a button of an older question corrects that answer.
"""

from __future__ import annotations

from triagebot.dialogue import (
    advice,
    asides,
    closing,
    handover,
    hearing,
    inquiry_answers,
    inquiry_dates,
    inquiry_papers,
    inquiry_result,
    stories,
)
from triagebot.dialogue.state import Draft, Record, Signal
from triagebot.locale import say
from triagebot.messages import Button
from triagebot.rulebook.inquiry_rules import UNKNOWN, InquiryQuestion, InquiryRules
from triagebot.triage.verdict import Verdict

VERB = "judge"
_BACK, _START, _PAPER = "back", "start", "paper"
_DAYS = {"today": 0, "yesterday": 1}
_UNSURE = "unsure"
"""An option with this id leaves the question out in its own words."""
_A_FEW_CHARACTERS, _A_FEW_LETTERS = 14, 32
"""So short a message (Chinese; other) that answers the question is the answer, whatever it resembles besides."""
_SHORT_LABEL = 7
"""Characters of a label up to which two buttons stand beside each other."""


def press(d: Draft, s: Signal) -> None:
    """One of our buttons: the beginning, an answer, the way back, a paper."""
    rules = d.book.inquiry
    if rules is None or d.memory.category != rules.category:
        closing.nothing_open(d, s)
        return
    fact, _, answer = s.arg.partition(".")
    if fact == _PAPER:
        inquiry_papers.hand(d, rules, answer)
        advice.outcome_row(d)
    elif fact == _BACK:
        _back(d, rules)
    elif fact == _START:
        _begin(d, rules)
    elif fact == "date" and answer in _DAYS:
        _take(d, rules, fact, inquiry_dates.days_ago(_DAYS[answer], d.now))
    elif answer == UNKNOWN or any(o.id == answer for q in rules.questions if q.fact == fact for o in q.options):
        _take(d, rules, fact, answer)
    else:
        closing.nothing_open(d, s)


def press_later(d: Draft, s: Signal) -> None:
    """People have the ticket: only the papers are still to be had from us."""
    rules = d.book.inquiry
    fact, _, answer = s.arg.partition(".")
    if rules is None or fact != _PAPER or d.memory.category != rules.category:
        handover.attach(d, s)
        return
    inquiry_papers.hand(d, rules, answer)


def hear(d: Draft, s: Signal) -> None:
    """Words while the bot advises: an answer where a question is open, the beginning where they tell what we would ask."""
    rules = d.book.inquiry
    if rules is None or d.memory.category != rules.category or s.edited:
        hearing.hear_trying(d, s)
        return
    v = hearing.judged(s)
    question = _open_question(d, rules)
    if question is None:
        _hear_before(d, s, v, rules)
        return
    words = d.said or s.text  # of a screen that shows the record itself nothing is telling
    answer = inquiry_answers.of_answer(question, words, d.now) if s.pictures is None else ""
    plainly = bool(answer) and len(words.strip()) <= (_A_FEW_LETTERS if words.isascii() else _A_FEW_CHARACTERS)
    if _leaves(d, s, v, plainly and not inquiry_answers.names_an_account(rules, words)):
        hearing.hear_trying(d, s)
    elif not answer and not v.human_requested and asides.answered(d, s, rules.category):
        d.buttons.clear()
        _ask(d, rules, question)
    elif answer:
        _take(d, rules, question.fact, answer, [words])
    elif found := inquiry_answers.of_story(rules, [words], _known(d), d.now):
        _note(d, rules, found)
        d.say("inquiry.noted", facts=_in_words(d, rules, found))
        _next(d, rules)
    else:
        _not_understood(d, rules, question, v)


def skip(d: Draft, s: Signal) -> None:
    """不知道, 没有 and the like: perhaps an answer, else the question is left out."""
    rules = d.book.inquiry
    question = _open_question(d, rules) if rules is not None else None
    if rules is None or question is None:
        advice.nothing_to_skip(d, s)
        return
    answer = inquiry_answers.of_answer(question, s.text, d.now) if s.text else ""
    _take(d, rules, question.fact, answer or UNKNOWN)


def _hear_before(d: Draft, s: Signal, v: Verdict, rules: InquiryRules) -> None:
    told = inquiry_answers.of_story(rules, [d.said], {}, d.now)
    if "reason" in told and not d.memory.inquiry and not _leaves(d, s, v, False):
        _begin(d, rules)
    else:
        hearing.hear_trying(d, s)


def _leaves(d: Draft, s: Signal, v: Verdict, answers: bool) -> bool:
    """Whether it is about something else: danger, the wish for a person, another problem. ``answers``: it is plainly an answer
    and speaks of nothing else (我没贷过款 alone would be an alarm)."""
    if v.human_requested:
        return True
    if hearing.alarming(v):
        mine = d.book.inquiry.theft if d.book.inquiry is not None else ""
        return not answers or v.handled_as not in (d.memory.category, mine)
    another = hearing.other_problem(v, d.memory.category) and not stories.goes_on(d, s, v)
    return not answers and (another or (v.category == advice.STATUS and v.decision == "answer"))


def _begin(d: Draft, rules: InquiryRules) -> None:
    d.remember(inquiry=(), asked=(*d.memory.asked, *(q.id for q in handover.questions(d))))
    found = inquiry_answers.of_story(rules, d.memory.texts, {}, d.now)
    d.say("inquiry.begin")
    if found:
        _note(d, rules, found)
        d.say("inquiry.noted", facts=_in_words(d, rules, found))
    _next(d, rules)


def _take(d: Draft, rules: InquiryRules, fact: str, answer: str, told: list[str] | None = None) -> None:
    """The answer to one question; what else the same words tell is taken too."""
    _note(d, rules, {fact: answer})
    if told and (more := inquiry_answers.of_story(rules, told, _known(d), d.now)):
        _note(d, rules, more)
    _next(d, rules)


def _back(d: Draft, rules: InquiryRules) -> None:
    if d.memory.inquiry:
        d.remember(inquiry=d.memory.inquiry[:-1])
    _next(d, rules)


def _note(d: Draft, rules: InquiryRules, found: dict[str, str]) -> None:
    """Keep what is known now. What was answered to another question than would be asked now is not known any more."""
    for fact, answer in found.items():
        before = _known(d)
        now = {**before, fact: answer}
        now = {name: kept for name, kept in now.items()
               if name in (fact, "date") or rules.asks(name, now) is rules.asks(name, before)}  # fmt: skip
        d.remember(inquiry=tuple(now.items()))
        question = rules.asks(fact, now)
        title = question.in_(d.lang) if question is not None else say(d.lang, f"inquiry.fact.{fact}")
        d.do(Record("fact_given", {"slot": f"inquiry.{fact}", "title": title, "text": _label(d, rules, fact)}))


def _next(d: Draft, rules: InquiryRules) -> None:
    question = rules.question(_known(d))
    d.state = "answered"
    if question is not None:
        _ask(d, rules, question)
    else:
        inquiry_result.tell(d, rules, _known(d))


def _ask(d: Draft, rules: InquiryRules, question: InquiryQuestion) -> None:
    d.line(question.in_(d.lang))
    row: list[Button] = []
    for label, answer in _choices(d, question):
        button = Button(label, f"{VERB}:{question.fact}.{answer}")
        if len(label) > _SHORT_LABEL or len(row) == 2:
            d.offer(*row)
            row = []
        row.append(button)
        if len(label) > _SHORT_LABEL:
            d.offer(*row)
            row = []
    d.offer(*row)
    last = []
    if not any(option.id == _UNSURE for option in question.options):
        last.append(Button(say(d.lang, "button.not_sure"), f"{VERB}:{question.fact}.{UNKNOWN}"))
    if d.memory.inquiry:
        last.append(Button(say(d.lang, "button.back"), f"{VERB}:{_BACK}"))
    d.offer(*last, Button(say(d.lang, "button.human"), "human"))


def _choices(d: Draft, question: InquiryQuestion) -> list[tuple[str, str]]:
    if not question.options:
        return [(say(d.lang, f"button.{name}"), name) for name in _DAYS]
    return [(option.in_(d.lang), option.id) for option in question.options if option.button]


def _open_question(d: Draft, rules: InquiryRules) -> InquiryQuestion | None:
    """The question whose buttons stand under the last reply."""
    offered = (action.split(":")[1].partition(".")[0] for _, action in d.view.memory.offered
               if action.startswith(f"{VERB}:"))  # fmt: skip
    question = rules.question(_known(d))
    return question if question is not None and question.fact in offered else None


def _not_understood(d: Draft, rules: InquiryRules, question: InquiryQuestion, v: Verdict) -> None:
    """Once more with a hint, then on without it."""
    mark = f"again.{question.fact}"
    if v.filler:
        d.say("inquiry.no_hurry")
    elif mark in d.memory.asked:
        d.say("inquiry.left_out")
        _take(d, rules, question.fact, UNKNOWN)
        return
    else:
        d.remember(asked=(*d.memory.asked, mark))
        hint = "inquiry.which_date" if question.fact == "date" else "inquiry.which"
        d.say("inquiry.first" if inquiry_answers.asks(d.said) else hint)
    _ask(d, rules, question)


def _known(d: Draft) -> dict[str, str]:
    return dict(d.memory.inquiry)


def _in_words(d: Draft, rules: InquiryRules, found: dict[str, str]) -> str:
    return say(d.lang, "list.separator").join(_label(d, rules, fact) for fact in found)


def _label(d: Draft, rules: InquiryRules, fact: str) -> str:
    return inquiry_result.label(rules, fact, _known(d), d.lang)
