"""Whether the person asks for a human being (not whether one is needed: that is decision's business)."""

from __future__ import annotations

from collections.abc import Sequence

from triagebot.triage.patterns import Hit, spans_of


def asked_for_human(hits: Sequence[Hit]) -> bool:
    """Whether some span of phrases.human stays once those that phrases.human_not touches are taken away."""
    excused = spans_of(h for h in hits if h.rule.kind == "human_not")
    return any(
        not any(start < other_end and other_start < end for other_start, other_end in excused)
        for start, end in spans_of(h for h in hits if h.rule.kind == "human")
    )
