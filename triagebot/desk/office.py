"""What the desk must know that is not in the database: the rules, the calendars, the zone that people live in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from triagebot.rulebook.schema import RuleBook
from triagebot.sla.calendar import Calendar
from triagebot.sla.policy import Policy


@dataclass(frozen=True)
class Office:
    """Immutable; built once by app.py and handed to every desk function."""

    book: RuleBook
    calendars: Mapping[str, Calendar]
    zone: ZoneInfo
    admins: frozenset[str] = frozenset()

    def title(self, category: str, lang: str) -> str:
        """A category's name in words; an id that left the rules stays readable as itself."""
        known = self.book.categories.get(category)
        return known.title.in_(lang) if known else category

    def queue_title(self, queue: str, lang: str) -> str:
        known = self.book.queues.get(queue)
        return known.title.in_(lang) if known else queue

    def platform_title(self, platform: str, lang: str) -> str:
        known = self.book.platforms.get(platform)
        return known.title.in_(lang) if known else platform

    def promise(self, queue: str, priority: str) -> dict[str, Any]:
        """What is promised in ``queue`` at ``priority``, as it is written into events: policy, calendar, version.

        Empty targets when the rules hold none for the pair: such a ticket has no clocks.
        """
        targets: dict[str, Any] = {}
        for policy in self.book.sla.policies:
            if policy.queue == queue and policy.priority == priority:
                targets = policy.model_dump(exclude={"queue", "priority"}, exclude_none=True)
        calendar = self.book.queues[queue].calendar if queue in self.book.queues else "24x7"
        return {
            "policy": {**targets, "warn_at": list(self.book.sla.warn_at)},
            "calendar": calendar,
            "version": self.book.sla.version,
        }

    def policy_of(self, promise: Mapping[str, Any]) -> tuple[Policy, Calendar]:
        """Turn what was promised back into what sla.clocks computes with."""
        return Policy.from_spec(promise.get("policy", {})), self.calendars[promise.get("calendar", "24x7")]


def open_office(book: RuleBook, zone: ZoneInfo, admins: frozenset[str] = frozenset()) -> Office:
    calendars = {name: Calendar.from_spec(spec) for name, spec in book.calendars.items()}
    return Office(book=book, calendars=calendars, zone=zone, admins=admins)
