"""Letters about a strange inquiry with the facts as the person gave them, to be copied whole. Pure.

Names and numbers are never asked for: they stay blanks in full-width brackets.
"""

from __future__ import annotations

from collections.abc import Mapping

from triagebot.dialogue import inquiry_dates, reminders
from triagebot.dialogue.state import Draft, Record
from triagebot.locale import say
from triagebot.messages import Button
from triagebot.rulebook.inquiry_rules import UNKNOWN, InquiryRules, Paper


def hand(d: Draft, rules: InquiryRules, name: str) -> None:
    """The letter ``name`` as a message of its own; the others are offered, and the reminder of when its answer is due."""
    paper = rules.paper(name) or rules.papers[0]
    d.say("inquiry.paper", title=paper.title.in_(d.lang), where=paper.where.in_(d.lang))
    d.do(Record("paper_given", {"paper": paper.id}))
    d.papers.append(filled_in(rules, paper, dict(d.memory.inquiry)))
    if d.lang == "en":
        d.papers.append(paper.gloss)
    if paper.clock is not None and not any(b.action == f"remind:{paper.clock}" for row in d.buttons for b in row):
        reminders.offer(d, paper.clock)
    for other in rules.papers:
        if other is not paper:
            offer(d, other)


def offer(d: Draft, paper: Paper) -> None:
    d.offer(Button(say(d.lang, "button.paper", title=paper.title.in_(d.lang)), f"judge:paper.{paper.id}"))


def filled_in(rules: InquiryRules, paper: Paper, facts: Mapping[str, str]) -> str:
    """In Chinese, whatever the person speaks: it is filed so."""
    stated = {fact: rules.option(fact, facts) for fact in ("business", "several")}
    said = {fact: option.stated or "" if option is not None else "" for fact, option in stated.items()}
    values = {**blanks(rules, facts, "zh"), "stated": said["business"], "several": said["several"]}
    return paper.text.format_map(values).strip()


def blanks(rules: InquiryRules, facts: Mapping[str, str], lang: str) -> dict[str, str]:
    """Date and reason; what is not known is left for the person to fill in."""
    reason, known = rules.option("reason", facts), facts.get("date", UNKNOWN)
    named = reason is not None and reason.means is not None
    return {
        "date": inquiry_dates.spoken(known, lang) if known != UNKNOWN else say(lang, "inquiry.blank_date"),
        "reason": reason.in_(lang) if reason is not None and named else say(lang, "inquiry.blank_reason"),
    }
