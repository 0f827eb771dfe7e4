"""Which incidents are news of a platform."""

from __future__ import annotations

from collections.abc import Iterable

from triagebot.desk.incident.going import Going


def news_of(incidents: Iterable[Going], platform: str) -> Going | None:
    """Of those that people are told of the oldest of ``platform``; what only one version of an app has is for its people."""
    mine = (one for one in incidents if one.platform == platform and not one.app_version)
    return min(mine, key=lambda one: one.number, default=None)
