"""Which steps are said, and which were said already: nobody hears the same advice twice about one problem."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import re2

from triagebot.dialogue.state import Draft
from triagebot.rulebook.schema import Category, Fix, Step
from triagebot.triage.negation import denied
from triagebot.triage.normalise import normalise

MOST_STEPS = 4
"""At once: nobody keeps more in mind."""


def following(d: Draft, rules: Category, after: int | None = None) -> int | None:
    """Number of the first round behind ``after`` (the last one shown) with something new in it; None when there is none."""
    start = (d.memory.round if after is None else after) + 1
    rounds = rules.rounds(d.memory.platform)
    return next((n for n in range(start, len(rounds)) if unsaid(d, rounds[n])), None)


def unsaid(d: Draft, fix: Fix) -> tuple[Step, ...]:
    return tuple(step for step in fix.steps if _name(step) not in d.memory.told)


def named(d: Draft, rules: Category) -> tuple[Step, ...]:
    """Steps that what was just said asks for (Step.when), one for each thing that they are about, nearest round first."""
    said = normalise(d.said)
    found: dict[str, Step] = {}
    for fix in rules.rounds(d.memory.platform) if said else ():
        for step in fix.steps:
            if step.when and any(not denied(said, *hit.span()) for hit in _compiled(step.when).finditer(said)):
                found.setdefault(_name(step), step)
    return tuple(found.values())


def point_out(d: Draft, rules: Category) -> bool:
    """Says which step it is, of those said already or not; False when there is none, or it was pointed out before."""
    steps = tuple(step for step in named(d, rules) if _name(step) not in d.memory.pointed)[:MOST_STEPS]
    if not steps:
        return False
    known = all(_name(step) in d.memory.told for step in steps)
    d.say("advice.that_step" if known else "advice.this_step")
    tell_steps(d, steps)
    d.remember(pointed=(*d.memory.pointed, *map(_name, steps)))
    return True


def tell(d: Draft, rules: Category, fix: Fix) -> None:
    """What is new in ``fix``, and before it what was just asked for. Its first line speaks of all its steps: without some of
    them it is left out."""
    first = tuple(step for step in named(d, rules) if _name(step) not in d.memory.told)
    steps = unsaid(d, fix)
    if first:
        names = {*map(_name, first)}
        steps = (*first, *(step for step in steps if _name(step) not in names))[:MOST_STEPS]
        if len(steps) > 1:
            d.say("advice.this_first")
    elif fix.intro is not None and len(steps) == len(fix.steps):
        d.line(fix.intro.in_(d.lang))
    tell_steps(d, steps)


def tell_steps(d: Draft, steps: Sequence[Step]) -> None:
    """Numbered, so that people can talk about them."""
    lines = [step.in_(d.lang) for step in steps]
    d.line("\n".join(f"{n}. {line}" for n, line in enumerate(lines, start=1)) if len(lines) > 1 else lines[0])
    d.remember(told=tuple(dict.fromkeys([*d.memory.told, *map(_name, steps)])))


def _name(step: Step) -> str:
    return step.about or step.zh


@cache
def _compiled(expression: str) -> Any:
    return re2.compile(expression)
