"""The offer to judge a strange inquiry with the person, under the first advice about it. Pure."""

from __future__ import annotations

from triagebot.dialogue.state import Draft, LookAfter
from triagebot.locale import say
from triagebot.messages import Button
from triagebot.text import span, spoken_span

START = "judge:start"


def fits(d: Draft, category: str) -> bool:
    return d.book.inquiry is not None and category == d.book.inquiry.category


def made(d: Draft, category: str) -> bool:
    """Whether it is offered for ``category``. People are not asked for yet; that nothing gets lost if the person leaves it at
    that is promised here, and kept by desk.afterwards.unfinished."""
    rules = d.book.inquiry
    if rules is None or not fits(d, category):
        return False
    d.say("inquiry.offer", after=spoken_span(span(rules.unfinished_after).total_seconds(), d.lang))
    d.do(LookAfter())
    d.buttons.insert(0, (Button(say(d.lang, "button.judge"), START),))
    return True
