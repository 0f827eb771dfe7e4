"""How a strange inquiry is judged by what is known of it, and what the person hears then. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from triagebot.dialogue import advice, handover, inquiry_dates, inquiry_papers
from triagebot.dialogue.state import Draft, Record, Remind
from triagebot.locale import say
from triagebot.messages import Button
from triagebot.rulebook.inquiry_rules import UNKNOWN, InquiryRule, InquiryRules


def tell(d: Draft, rules: InquiryRules, facts: Mapping[str, str]) -> None:
    """The result and why it is so, then what to do about it."""
    rule = rules.rule(facts)
    d.do(Record("judged", {"result": rule.result, "rule": rule.id, "facts": dict(facts)}))
    d.line(rules.results[rule.result].in_(d.lang))
    if rule.result in ("normal", "ask_institution"):
        reason = rules.option("reason", facts)
        if reason is not None and reason.means is not None:
            d.line(reason.means.in_(d.lang))
    d.line(rule.why.in_(d.lang))
    if rule.result == "identity_theft":
        handover.alarm(d, rules.theft, "", f"inquiry.{rule.id}")
    elif rule.result == "unauthorised":
        _to_people(d, rules, rule)
    else:
        _to_oneself(d, rules, rule, facts)


def label(rules: InquiryRules, fact: str, facts: Mapping[str, str], lang: str) -> str:
    """The answer to ``fact`` as a person reads it."""
    answer = facts.get(fact, UNKNOWN)
    if answer == UNKNOWN:
        return say(lang, "button.not_sure")
    option = rules.option(fact, facts)
    if option is not None:
        return option.in_(lang)
    return inquiry_dates.spoken(answer, lang)


def _to_people(d: Draft, rules: InquiryRules, rule: InquiryRule) -> None:
    handover.hand_over(d, rules.queue, rules.priority, f"inquiry.{rule.id}")
    inquiry_papers.hand(d, rules, rules.papers[0].id)
    d.offer(_unknown_account(d, f"topic:{rules.theft}"))


def _to_oneself(d: Draft, rules: InquiryRules, rule: InquiryRule, facts: Mapping[str, str]) -> None:
    if rule.result == "ask_institution":
        words = (rule.ask or rules.ask).in_(d.lang)
        d.say("inquiry.phone", words=words.format_map(inquiry_papers.blanks(rules, facts, d.lang)))
        if d.book.categories[rules.category].followup is not None:
            d.do(Remind())
            d.say("advice.will_ask_again")
        inquiry_papers.offer(d, rules.papers[0])
    else:
        d.say("inquiry.look_again")
    d.offer(_unknown_account(d, f"pick:{rules.theft}"))
    advice.outcome_row(d)


def _unknown_account(d: Draft, action: str) -> Button:
    return Button(say(d.lang, "button.unknown_account"), action)
