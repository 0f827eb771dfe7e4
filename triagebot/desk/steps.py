"""What is done when a promise runs out: the steps of one clock, read from the promise that the ticket was given.

A ticket keeps the steps that came with its promise, so that its next due moment stays true when the rules change.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

BREACH = "breach"
USER = "user"
ANSWERS = ("first_response", "next_response")
"""The clocks that a person at the other end waits for."""
_BEFORE_STEPS = ({"at": 1.0, "do": ["notify_supervisor"]},)
"""Promises that were given before steps could be written down."""


@dataclass(frozen=True)
class Step:
    """``share`` of the target; ``name`` as it stands in Notice rows: a share (``0.8``), ``breach`` or ``user``."""

    share: float
    name: str
    do: tuple[str, ...]


def plan(promise: Mapping[str, Any], metric: str) -> tuple[Step, ...]:
    """The steps of a ``metric`` clock, mildest first. There is always one at the breach, if only to record it."""
    actions: dict[float, list[str]] = defaultdict(list)
    actions[1.0] = []
    for share in promise.get("policy", {}).get("warn_at", ()):
        actions[float(share)].append("notify_assignee")
    for row in promise.get("steps", _BEFORE_STEPS):
        if metric not in row.get("metrics", ()) and row.get("metrics"):
            continue
        every = row.get("every")
        for n in range(row["times"] if every else 1):
            actions[round(row["at"] + n * (every or 0.0), 6)] += row["do"]
    steps = [Step(share, BREACH if share == 1.0 else name_of(share), tuple(do)) for share, do in actions.items()]
    if metric in ANSWERS and (share := promise.get("tell_user_at", 0)):
        steps.append(Step(share, USER, ("tell_user",)))
    return tuple(sorted(steps, key=lambda step: step.share))


def name_of(share: float) -> str:
    """``0.8``, ``2.0``, ``2.25``: always with a point, so that a share cannot be taken for a count."""
    return f"{share:g}" if "." in f"{share:g}" else f"{share:.1f}"


def marks(promise: Mapping[str, Any], metrics: tuple[str, ...]) -> tuple[float, ...]:
    """All shares at which something is done on any clock, ascending; the breach has a moment of its own (Clock.due_at)."""
    return tuple(sorted({step.share for metric in metrics for step in plan(promise, metric)} - {1.0}))
