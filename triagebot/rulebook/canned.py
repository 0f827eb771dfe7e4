"""Macros: answers that agents give often, and what may stand in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from triagebot.rulebook.pack import Finding, Pack

VARIABLES = ("ticket", "due", "agent", "queue", "category", "platform")
"""What ``{word}`` in a macro may name. ``due``: the moment by which the person was promised an answer."""
_MOST_STEPS = 4
_FIELD = re.compile(r"\{([^{}]*)\}")
_STEP = re.compile(r"^\s*\d+\s*[.、)）]", re.MULTILINE)


def check(pack: Pack) -> Iterator[Finding]:
    for n, macro in pack.listed.get("macros", ()):
        for lang, other in (("zh", "en"), ("en", "zh")):
            for name in sorted(variables(getattr(macro.text, other)) - variables(getattr(macro.text, lang))):
                what = f"lacks `{{{name}}}`, which the other language has; a text with ` #` in it must be in quotes"
                yield pack.finding("macros.yaml", ("macros", n, "text", lang), what)
        for lang in ("zh", "en"):
            for what in _wrong(getattr(macro.text, lang)):
                yield pack.finding("macros.yaml", ("macros", n, "text", lang), what)


def _wrong(text: str) -> Iterator[str]:
    known = ", ".join(f"{{{name}}}" for name in VARIABLES)
    for name in _FIELD.findall(text):
        if name not in VARIABLES:
            yield f"`{{{name}}}` is not known; write one of {known}"
    if re.search("[{}]", _FIELD.sub("", text)):
        yield f"a brace stands alone; a variable is written as one of {known}"
    if (steps := len(_STEP.findall(text))) > _MOST_STEPS:
        yield f"{steps} steps are too many for one message; at most {_MOST_STEPS}"


def variables(text: str) -> frozenset[str]:
    return frozenset(_FIELD.findall(text))


def filled(text: str, values: Mapping[str, str]) -> str:
    """``text`` with its variables replaced; KeyError for one that has no value."""
    return _FIELD.sub(lambda found: values[found.group(1)], text)
