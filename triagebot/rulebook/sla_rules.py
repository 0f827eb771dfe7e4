"""The shape of rules/sla.yaml: what is promised for which ticket, and what is done as it comes due."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from triagebot.rulebook.words import Ident, Priority, QueueId, Strict


class Policy(Strict):
    """Targets for a queue and a priority, in business time of the queue's calendar; "0" or leaving out: no clock."""

    queue: QueueId
    priority: Priority
    first_response: str | int | None = None
    next_response: str | int | None = None
    resolution: str | int | None = None
    update: str | int | None = None


class Override(Strict):
    """Other targets for one kind of problem, in all queues and priorities or in those named; what is left out stays."""

    category: Ident
    queue: QueueId | None = None
    priority: Priority | None = None
    first_response: str | int | None = None
    next_response: str | int | None = None
    resolution: str | int | None = None
    update: str | int | None = None


class SlaStep(Strict):
    """What is done when ``at`` times the target is used up; 1.0 is the breach itself.

    ``every``: again each time that this share more is used up, ``times`` times in all. ``metrics``: only on these clocks.
    """

    at: float = Field(gt=0, le=20)
    do: tuple[Literal["notify_assignee", "notify_supervisor", "raise_priority", "reassign"], ...] = Field(min_length=1)
    every: float | None = Field(default=None, ge=0.1, le=20)
    times: int = Field(default=4, ge=1, le=20)
    metrics: tuple[str, ...] = ()


class SlaRules(Strict):
    """``tell_user_at``: share of an answer's target at which the person is told that it will be later; 0: never.

    ``quiet_hours``: local times between which notices about tickets below P1 wait, as in "22:00-08:00".
    """

    version: int
    warn_at: tuple[float, ...] = (0.5, 0.8)
    tell_user_at: float = Field(default=0.9, ge=0, lt=1)
    quiet_hours: str | None = None
    steps: tuple[SlaStep, ...] = (SlaStep(at=1.0, do=("notify_supervisor",)),)
    policies: tuple[Policy, ...]
    overrides: tuple[Override, ...] = ()
