"""Every expression of a pack on RE2, the engine that runs them: what it refuses, and what could never or always hit."""

from __future__ import annotations

import re
from collections.abc import Iterator

import re2

from triagebot.rulebook.pack import At, Finding, Pack

_MEMORY = 1 << 20
"""Bytes for one automaton, as in triage.patterns: what does not fit there is refused here."""
_PROBES = ("", "a", "的", "1 a 的")
"""An expression that finds an empty piece in one of these finds one in nearly every message."""
_IN_PHRASES = ("human", "human_not", "correction", "also", "give_up", "tried", "how_long", "still_waiting", "worried")
_ESCAPES = re.compile(r"\\[pP]\{[^}]*\}|\\x\{?[0-9A-Fa-f]+\}?|\(\?P<\w+>|\[:\w+:\]|\\.")


def expressions(pack: Pack) -> Iterator[tuple[str, At, str]]:
    """(file, place, expression) of all of them."""
    for category in pack.categories.values():
        file = f"categories/{category.id}.yaml"
        yield from ((file, ("patterns", n, "re"), p.re) for n, p in enumerate(category.patterns))
        yield from ((file, ("escalate_now", n, "when"), e.when) for n, e in enumerate(category.escalate_now))
        for n, fix in enumerate(category.fixes):
            yield from ((file, ("fixes", n, "steps", k, "when"), s.when) for k, s in enumerate(fix.steps) if s.when)
    if phrases := pack.singles.get("phrases"):
        for name in _IN_PHRASES:
            yield from (("phrases.yaml", (name, n), e) for n, e in enumerate(getattr(phrases, name)))
    if clocks := pack.singles.get("clocks"):
        for n, clock in enumerate(clocks.clocks):
            offers = ((("clocks", n, "offers", k, "said"), offer.said) for k, offer in enumerate(clock.offers))
            yield from (("clocks.yaml", at, said) for at, said in offers if said)
    if watch := pack.singles.get("watch"):
        yield from (("watch.yaml", ("every", n, "re"), interval.re) for n, interval in enumerate(watch.every))
        yield from (
            ("watch.yaml", ("orders", n, "re"), o.spelled_out("微信", "每年")) for n, o in enumerate(watch.orders)
        )
    if screens := pack.singles.get("screens"):
        for name in ("standing", "telling"):
            yield from (("screens.yaml", (name, n), e) for n, e in enumerate(getattr(screens, name)))
    if inquiry := pack.singles.get("inquiry"):
        yield "inquiry.yaml", ("accounts",), inquiry.accounts
        for n, question in enumerate(inquiry.questions):
            for k, option in enumerate(question.options):
                for name in ("told", "said"):
                    if expression := getattr(option, name):
                        yield "inquiry.yaml", ("questions", n, "options", k, name), expression


def check(pack: Pack) -> Iterator[Finding]:
    for file, at, expression in expressions(pack):
        if what := fault(expression):
            yield pack.finding(file, at, what)


def fault(expression: str) -> str:
    """What is wrong with an expression that is searched in normalised text, or ""."""
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY
    try:
        compiled = re2.compile(expression, options)
    except re2.error as e:
        said = e.args[0].decode(errors="replace") if isinstance(e.args[0], bytes) else str(e)
        hint = "; RE2 has no lookaround, write a second pattern with weight: against" if "(?" in said else ""
        return f"RE2 refuses it: {said}{hint}"
    if any(match.start() == match.end() for probe in _PROBES for match in compiled.finditer(probe)):
        return "matches the empty text, so it would hit everywhere; make a part of it obligatory"
    capitals = re.search("[A-Z]+", _ESCAPES.sub("", expression)) if "(?i" not in expression else None
    if capitals:
        return f"`{capitals.group()}` never matches, messages are lower-cased first; write `{capitals.group().lower()}`"
    return ""
