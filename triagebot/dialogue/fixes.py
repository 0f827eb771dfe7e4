"""Which steps are said, and which were said already: nobody hears the same advice twice about one problem."""

from __future__ import annotations

from collections.abc import Sequence

from triagebot.dialogue.state import Draft
from triagebot.rulebook.schema import Category, Fix, Step


def following(d: Draft, rules: Category, after: int | None = None) -> int | None:
    """Number of the first round behind ``after`` (the last one shown) with something new in it; None when there is none."""
    start = (d.memory.round if after is None else after) + 1
    rounds = rules.rounds(d.memory.platform)
    return next((n for n in range(start, len(rounds)) if unsaid(d, rounds[n])), None)


def unsaid(d: Draft, fix: Fix) -> tuple[Step, ...]:
    return tuple(step for step in fix.steps if _name(step) not in d.memory.told)


def tell(d: Draft, fix: Fix) -> None:
    """What is new in ``fix``. Its first line speaks of all its steps: without some of them it is left out."""
    steps = unsaid(d, fix)
    if fix.intro is not None and len(steps) == len(fix.steps):
        d.line(fix.intro.in_(d.lang))
    tell_steps(d, steps)


def tell_steps(d: Draft, steps: Sequence[Step]) -> None:
    """Numbered, so that people can talk about them."""
    lines = [step.in_(d.lang) for step in steps]
    d.line("\n".join(f"{n}. {line}" for n, line in enumerate(lines, start=1)) if len(lines) > 1 else lines[0])
    d.remember(told=tuple(dict.fromkeys([*d.memory.told, *map(_name, steps)])))


def _name(step: Step) -> str:
    return step.about or step.zh
