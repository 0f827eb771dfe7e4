"""What the dialogue sees of a person's subscriptions, and what it decides about them. Plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class WatchView:
    """Something that the person hears of unasked: the reminder, every ``months``, next at ``next_at``; or, with ``platform``,
    that platform's incidents."""

    platform: str = ""
    months: int = 0
    next_at: datetime | None = None


@dataclass(frozen=True)
class Subscribe:
    """Hear unasked of ``platform``, beginning with the end of ``incident``, of which they were just told; or, without one, that
    it is time to query one's own report, every ``months``."""

    platform: str = ""
    months: int = 0
    incident: int | None = None


@dataclass(frozen=True)
class Unsubscribe:
    """No more: ``what`` is "reminder", "news" (of ``platform``, "" for any), "offer" (no, thanks) or "all"."""

    what: str
    platform: str = ""
