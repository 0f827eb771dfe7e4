"""The shape of rules/incidents.yaml: when many people with one trouble are an incident, and what is promised to them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from triagebot.rulebook.words import Ident, PlatformId, Span, Strict

Level = Literal["off", "low", "normal", "high"]


class Sensitivity(Strict):
    """For one category, on one platform or all: ``off`` is never an incident, ``high`` opens one sooner than ``low``.

    ``least_people``: so many different people at least, instead of the general figure. ``tell``: whether people hear of the
    incident in place of the advice for their problem; else only supervisors do (danger keeps its advice)."""

    category: Ident
    platform: PlatformId | None = None
    level: Level = "normal"
    least_people: int | None = Field(default=None, ge=2, le=1000)
    tell: bool = True


class IncidentPolicy(Strict):
    """Targets for tickets that are attached, while they are, in business time of their queue's calendar; what is left out has
    no clock: their people wait for the end of the incident, not for an answer of their own."""

    first_response: str | int | None = None
    next_response: str | int | None = None
    resolution: str | int | None = None
    update: str | int | None = None


class IncidentRules(Strict):
    """``false_alarms``: so many in 30 days, over everything that is counted, are put up with. ``least_people``: so many
    different people at least. ``platform_wide_from``: so many categories of one platform that surge at once are one incident
    of the platform. ``calm_after``: no more than usual for so long is the end of a surge. ``reopen_within``: a surge so soon
    after an incident was resolved is the same one again. ``acknowledge_within``: then supervisors are called again, ``alerts``
    times in all. ``attach_back``: tickets opened so long before the beginning was noticed are attached, if they fit.
    """

    false_alarms: float = Field(default=1.0, gt=0, le=100)
    least_people: int = Field(default=5, ge=2, le=1000)
    platform_wide_from: int = Field(default=3, ge=2, le=24)
    calm_after: Span = "30m"
    reopen_within: Span = "2h"
    acknowledge_within: Span = "15m"
    alerts: int = Field(default=3, ge=0, le=20)
    attach_back: Span = "1h"
    policy: IncidentPolicy = IncidentPolicy()
    sensitivity: tuple[Sensitivity, ...] = ()

    def of(self, category: str, platform: str = "") -> Sensitivity:
        """What holds for ``category`` on ``platform``: the line that names both wins."""
        mine = [line for line in self.sensitivity if line.category == category and line.platform in (None, platform)]
        return max(mine, key=lambda line: line.platform is not None, default=Sensitivity(category=category))
