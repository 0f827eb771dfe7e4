"""What the desk must know that is not in the database: the rules, the calendars, the zone that people live in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import structlog

from triagebot.desk import steps
from triagebot.desk.quiet import quiet_until
from triagebot.desk.steps import Step
from triagebot.messages import Address
from triagebot.rulebook.schema import RuleBook
from triagebot.rulebook.sla_rules import Override, SlaStep
from triagebot.sla.calendar import Calendar, always
from triagebot.sla.hours import Span, parse_span
from triagebot.sla.policy import METRICS, Policy
from triagebot.store.tables import Ticket

log = structlog.get_logger()

_MOST_KNOWN = 1000


@dataclass(frozen=True)
class Office:
    """Immutable (``_known`` is a cache); built once by app.py and handed to every desk function.

    ``room``: the group in which each ticket has a topic (desk.topics), None for none."""

    book: RuleBook
    calendars: Mapping[str, Calendar]
    zone: ZoneInfo
    admins: frozenset[str] = frozenset()
    quiet_hours: Span | None = None
    room: Address | None = None
    _known: dict[str, tuple[Policy, Calendar, dict[str, tuple[Step, ...]]]] = field(
        default_factory=dict, repr=False, compare=False
    )

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

    def promise(self, queue: str, priority: str, category: str = "") -> dict[str, Any]:
        """What is promised in ``queue`` at ``priority``, as it is written into events: policy, calendar, version, steps.

        An override for ``category`` wins, the one that names more of queue and priority over the one that names less.
        Empty targets when the rules hold none for the pair: such a ticket has no clocks.
        """
        rules = self.book.sla
        targets: dict[str, Any] = {}
        for policy in rules.policies:
            if policy.queue == queue and policy.priority == priority:
                targets = policy.model_dump(exclude={"queue", "priority"}, exclude_none=True)
        fitting = [o for o in rules.overrides if o.category == category and o.queue in (None, queue)
                   and o.priority in (None, priority)]  # fmt: skip
        for override in sorted(fitting, key=_named):
            targets |= override.model_dump(exclude={"category", "queue", "priority"}, exclude_none=True)
        calendar = self.book.queues[queue].calendar if queue in self.book.queues else "24x7"
        return {
            "policy": {**targets, "warn_at": list(rules.warn_at)},
            "calendar": calendar,
            "version": rules.version,
            "steps": [_written(step) for step in rules.steps],
            "tell_user_at": rules.tell_user_at,
        }

    def promise_to(
        self, ticket: Ticket, *, queue: str = "", priority: str = "", category: str = "", attached: bool | None = None
    ) -> dict[str, Any]:
        """As ``promise``, for ``ticket`` as it is, or as it will be with these values.

        While it is part of an incident (``attached``), its person waits for the end of that, not for an answer of their own:
        then the targets of rules/incidents.yaml hold, but for tickets that do not end with their incident."""
        queue, priority, category = queue or ticket.queue, priority or ticket.priority, category or ticket.category
        own = self.promise(queue, priority, category)
        together = ticket.incident_id is not None if attached is None else attached
        if not together or not self.ends_together(priority, category, ticket.platform):
            return own
        targets = self.book.incidents.policy.model_dump(exclude_none=True)
        return {**own, "policy": {**targets, "warn_at": own["policy"]["warn_at"]}}

    def ends_together(self, priority: str, category: str, platform: str) -> bool:
        """Whether people with such a ticket hear of an incident and of its end, which is the end of their ticket too. Danger,
        and what rules/incidents.yaml keeps from people, is looked at by itself."""
        return priority != "P1" and self.book.incidents.of(category, platform).tell

    def policy_of(self, promise: Mapping[str, Any]) -> tuple[Policy, Calendar]:
        """Turn what was promised back into what sla.clocks computes with."""
        return self._read(promise)[:2]

    def steps_of(self, promise: Mapping[str, Any]) -> Mapping[str, tuple[Step, ...]]:
        """What is done as clocks of this promise run out: by metric, mildest first."""
        return self._read(promise)[2]

    def _read(self, promise: Mapping[str, Any]) -> tuple[Policy, Calendar, dict[str, tuple[Step, ...]]]:
        """Thousands of tickets share a few promises; reading one takes as long as computing its clocks."""
        name = repr({key: value for key, value in promise.items() if key != "told"})
        found = self._known.get(name)
        if found is None:
            policy = Policy.from_spec(promise.get("policy", {}))
            policy = replace(policy, marks=steps.marks(promise, METRICS))
            plans = {metric: steps.plan(promise, metric) for metric in METRICS}
            found = (policy, self._calendar(promise.get("calendar", "24x7")), plans)
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[name] = found
        return found

    def _calendar(self, name: str) -> Calendar:
        """A calendar that left the rules is taken for one without any rest: a ticket must neither stop the sweep of all others
        nor the words of its person, and a promise that is judged too strictly is heard of in time."""
        if name not in self.calendars:
            log.error("calendar.missing", calendar=name, advice="triagebot doctor")
            return always()
        return self.calendars[name]

    def quiet_until(self, at: datetime) -> datetime | None:
        """When the quiet hours that ``at`` lies in end; None outside of them."""
        return quiet_until(self.quiet_hours, self.zone, at)


def _named(override: Override) -> int:
    return (override.queue is not None) + (override.priority is not None)


def _written(step: SlaStep) -> dict[str, Any]:
    """Without what says nothing: a promise is stored with each ticket."""
    silent = {key for key, says in (("times", step.every), ("metrics", step.metrics)) if not says}
    return step.model_dump(mode="json", exclude_none=True, exclude=silent)


def open_office(
    book: RuleBook, zone: ZoneInfo, admins: frozenset[str] = frozenset(), room: Address | None = None
) -> Office:
    calendars = {name: Calendar.from_spec(spec) for name, spec in book.calendars.items()}
    quiet = parse_span(book.sla.quiet_hours, "quiet_hours") if book.sla.quiet_hours is not None else None
    return Office(book=book, calendars=calendars, zone=zone, admins=admins, quiet_hours=quiet, room=room)
