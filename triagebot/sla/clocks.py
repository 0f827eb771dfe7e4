"""From a ticket's events to its clocks. The rules, by number, are in docs/sla.md; this file is to be read beside them.

Everything is derived: the stretches in which time counted come from the events, the due moment from the stretches.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from triagebot.errors import SlaError
from triagebot.sla.calendar import Calendar
from triagebot.sla.policy import METRICS, Policy

_S = 1_000_000
EVENT_TYPES = frozenset(
    {
        "opened", "escalated", "agent_replied", "user_replied", "bot_replied", "note", "pending_user", "on_hold",
        "resumed", "priority_changed", "queue_changed", "resolved", "reopened", "merged", "closed",
    }
)  # fmt: skip


@dataclass(frozen=True)
class SlaEvent:
    """``policy`` (and ``calendar``, when it changes) come with priority_changed and queue_changed."""

    at: datetime
    type: str
    policy: Policy | None = None
    calendar: Calendar | None = None


@dataclass(frozen=True)
class Segment:
    """A stretch of a clock's life; ``end`` None: still going. ``why`` names the event that began it."""

    start: datetime
    end: datetime | None
    counted: bool
    why: str


@dataclass(frozen=True)
class Clock:
    """A promise and what became of it. Elapsed and remaining are whole business seconds at ``now`` or at the stop."""

    metric: str
    started_at: datetime
    due_at: datetime | None
    state: str
    elapsed_s: int
    remaining_s: int
    met_at: datetime | None
    breached_at: datetime | None
    warnings_at: tuple[datetime, ...]
    warning: str | None = None
    segments: tuple[Segment, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As ``sla simulate`` prints it; times in ISO 8601 with offset."""

        def iso(at: datetime | None) -> str | None:
            return at.isoformat() if at is not None else None

        found: dict[str, Any] = {
            "metric": self.metric,
            "started_at": iso(self.started_at),
            "due_at": iso(self.due_at),
            "state": self.state,
            "elapsed_s": self.elapsed_s,
            "remaining_s": self.remaining_s,
            "met_at": iso(self.met_at),
            "breached_at": iso(self.breached_at),
            "warnings_at": [iso(at) for at in self.warnings_at],
        }
        return {**found, "warning": self.warning} if self.warning else found


@dataclass
class _Promise:
    """One clock in the making. ``stopped``: when it was answered, resolved or cancelled."""

    metric: str
    started: datetime
    target: int
    calendar: Calendar
    warn_at: tuple[float, ...]
    stopped: datetime | None = None
    cancelled: str = ""
    breached: datetime | None = None
    due: datetime | None = None

    @property
    def open(self) -> bool:
        return self.stopped is None


@dataclass
class _Life:
    """The ticket while its events are read: what counts now, and since when.

    ``lines``: stretches in which time counts, the last one open while nothing pauses. ``unanswered``: the oldest user
    message since the last answer. ``over``: resolved, closed or merged.
    """

    policy: Policy
    calendar: Calendar
    escalated: datetime | None = None
    answered: bool = False
    unanswered: datetime | None = None
    pauses: set[str] = field(default_factory=set)
    over: str = ""
    lines: list[Segment] = field(default_factory=list)
    promises: list[_Promise] = field(default_factory=list)

    # -- time -------------------------------------------------------------------------------------------------------

    def turn(self, at: datetime, why: str) -> None:
        """Begin a new line when counting starts or stops."""
        counting = self.escalated is not None and not self.pauses and not self.over
        if self.lines and self.lines[-1].counted == counting:
            return
        if self.lines:
            self.lines[-1] = replace(self.lines[-1], end=at)
        if self.escalated is not None:
            self.lines.append(Segment(at, None, counting, why))

    def segments(self, promise: _Promise, until: datetime) -> list[Segment]:
        """The lines of this clock's own life."""
        end = promise.stopped or until
        found = []
        for line in self.lines:
            start = max(line.start, promise.started)
            stop = min(line.end, end) if line.end is not None else (promise.stopped if promise.stopped else None)
            if start <= end and (stop is None or stop > start):
                found.append(replace(line, start=start, end=stop))
        return found

    def due(self, promise: _Promise, share: float = 1.0) -> datetime | None:
        """When elapsed reaches the share of the target, if that is known: not while it is paused and not used up."""
        left = round(promise.target * _S * share)
        for segment in self.segments(promise, datetime.max.replace(tzinfo=promise.started.tzinfo)):
            if not segment.counted:
                continue
            if segment.end is None:
                return promise.calendar.add_micros(segment.start, left)
            used = promise.calendar.micros_between(segment.start, segment.end)
            if used >= left:
                return promise.calendar.add_micros(segment.start, left)
            left -= used
        return None

    def elapsed(self, promise: _Promise, until: datetime) -> int:
        end = promise.stopped or until
        counted = [s for s in self.segments(promise, until) if s.counted]
        return sum(promise.calendar.micros_between(s.start, min(s.end or end, end)) for s in counted) // _S

    def notice_breaches(self, at: datetime) -> None:
        """Rule 4: breached once the due moment lies in the past, strictly."""
        for promise in self.promises:
            if promise.open and promise.breached is None:
                due = self.due(promise)
                if due is not None and due < at:
                    promise.breached, promise.due = due, due

    # -- clocks -----------------------------------------------------------------------------------------------------

    def is_open(self, metric: str) -> bool:
        return any(p.open and p.metric == metric for p in self.promises)

    def start(self, metric: str, at: datetime) -> None:
        target = self.policy.target(metric)
        if target is not None:
            seconds = target.in_seconds(self.calendar.day_s)
            self.promises.append(_Promise(metric, at, seconds, self.calendar, self.policy.warn_at))

    def stop(self, metric: str, at: datetime, cancelled: str = "") -> None:
        for promise in self.promises:
            if promise.open and promise.metric == metric:
                if promise.breached is None and not cancelled:
                    promise.due = self.due(promise)
                promise.stopped, promise.cancelled = at, cancelled


def run(events: Iterable[SlaEvent], policy: Policy, calendar: Calendar, now: datetime) -> tuple[Clock, ...]:
    """All clocks of a ticket at ``now``, in order of start. Events after ``now`` do not exist yet (rule 1)."""
    life = _Life(policy, calendar)
    for event in sorted((e for e in events if e.at <= now), key=lambda e: e.at):
        life.notice_breaches(event.at)
        _RULES[event.type](life, event)
        life.turn(event.at, event.type)
    life.notice_breaches(now)
    clocks = [_told(life, promise, now) for promise in life.promises]
    return tuple(sorted(clocks, key=lambda c: c.started_at))


def _nothing(life: _Life, event: SlaEvent) -> None:
    """Rules 2 and 5: what the bot says and internal notes move no clock."""


def _escalated(life: _Life, event: SlaEvent) -> None:
    """Rule 2: the first one starts first_response and resolution; later ones change nothing."""
    if life.escalated is None and not life.over:
        life.escalated = event.at
        life.pauses.clear()
        life.start("first_response", event.at)
        life.start("resolution", event.at)


def _agent_replied(life: _Life, event: SlaEvent) -> None:
    """Rule 5: an answer stops whichever response clock waits for it."""
    if life.escalated is None:
        return
    life.answered, life.unanswered = True, None
    life.stop("first_response", event.at)
    life.stop("next_response", event.at)


def _user_replied(life: _Life, event: SlaEvent) -> None:
    """Rules 6 and 7: starts next_response if no response is awaited; ends a wait for the user, unless on hold too."""
    if life.escalated is None or life.over:
        return
    if life.pauses == {"pending_user"}:
        life.pauses.clear()
    life.unanswered = life.unanswered or event.at
    if not life.is_open("first_response") and not life.is_open("next_response"):
        life.start("next_response", event.at)


def _paused(life: _Life, event: SlaEvent) -> None:
    """Rule 7. Pauses before the hand-over, or after the end, do not exist."""
    if life.escalated is not None and not life.over:
        life.pauses.add(event.type)


def _resumed(life: _Life, event: SlaEvent) -> None:
    life.pauses.clear()


def _promise_changed(life: _Life, event: SlaEvent) -> None:
    """Rule 8: open, unbroken clocks are measured anew; what broke or stopped is history."""
    before = life.policy
    life.policy = event.policy or before
    life.calendar = event.calendar or life.calendar
    if life.escalated is not None and not life.over:
        _measure_anew(life, event.at)
        _add_missing(life, before, event.at)


def _measure_anew(life: _Life, at: datetime) -> None:
    for promise in life.promises:
        if not promise.open or promise.breached is not None:
            continue
        target = life.policy.target(promise.metric)
        if target is None:
            life.stop(promise.metric, at, cancelled="policy")
            continue
        promise.target = target.in_seconds(life.calendar.day_s)
        promise.calendar, promise.warn_at = life.calendar, life.policy.warn_at
        due = life.due(promise)
        if due is not None and due < at:
            promise.due, promise.breached = due, at


def _add_missing(life: _Life, before: Policy, at: datetime) -> None:
    """A metric that the old policy lacked starts as if it had been promised from the beginning."""
    for metric in METRICS:
        if before.target(metric) is not None or life.policy.target(metric) is None or life.escalated is None:
            continue
        if metric == "next_response":
            start = life.unanswered if not life.is_open("first_response") else None
        elif metric == "first_response":
            start = life.escalated if not life.answered else None
        else:
            start = life.escalated
        if start is None or life.is_open(metric):
            continue
        life.start(metric, start)
        due = life.due(life.promises[-1])
        if due is not None and due < at:
            life.promises[-1].due, life.promises[-1].breached = due, at


def _ended(life: _Life, event: SlaEvent) -> None:
    """Rule 9: resolution is met; an unanswered response is cancelled, because a word was owed and none came."""
    if life.escalated is None or life.over:
        return
    life.stop("resolution", event.at)
    life.stop("first_response", event.at, cancelled=event.type)
    life.stop("next_response", event.at, cancelled=event.type)
    life.pauses.clear()
    life.unanswered, life.over = None, event.type


def _merged(life: _Life, event: SlaEvent) -> None:
    """Rule 9: the other ticket carries the promises now."""
    for metric in METRICS:
        life.stop(metric, event.at, cancelled="merged")
    life.over = "merged"


def _reopened(life: _Life, event: SlaEvent) -> None:
    """Rule 10: the resolution clock runs on; the time between does not count, the policy in force measures it anew."""
    if life.over not in ("resolved", "closed"):
        return
    life.over = ""
    for promise in life.promises:
        if promise.metric == "resolution" and not promise.cancelled:
            promise.stopped = None
            promise.due = promise.due if promise.breached is not None else None
    life.turn(event.at, event.type)
    _measure_anew(life, event.at)


_RULES = {
    "opened": _nothing,
    "bot_replied": _nothing,
    "note": _nothing,
    "escalated": _escalated,
    "agent_replied": _agent_replied,
    "user_replied": _user_replied,
    "pending_user": _paused,
    "on_hold": _paused,
    "resumed": _resumed,
    "priority_changed": _promise_changed,
    "queue_changed": _promise_changed,
    "resolved": _ended,
    "closed": _ended,
    "merged": _merged,
    "reopened": _reopened,
}


def _told(life: _Life, promise: _Promise, now: datetime) -> Clock:
    elapsed = life.elapsed(promise, now)
    due = promise.due if promise.breached is not None or not promise.open else life.due(promise)
    met = promise.stopped if promise.stopped is not None and not promise.cancelled else None
    if promise.breached is not None:
        state = "breached"
    elif promise.cancelled:
        state, due = "cancelled", None
    elif met is not None:
        state = "met"
    else:
        state = "paused" if life.pauses else "running"
    warnings = [life.due(promise, share) for share in promise.warn_at]
    end = due or promise.stopped or now
    uncovered = None if promise.calendar.covers(end) else _beyond(promise.calendar)
    return Clock(
        metric=promise.metric, started_at=promise.started, due_at=due, state=state, elapsed_s=elapsed,
        remaining_s=promise.target - elapsed, met_at=met, breached_at=promise.breached,
        warnings_at=tuple(at for at in warnings if at is not None and (promise.open or at <= end)),
        warning=uncovered, segments=tuple(life.segments(promise, now)),
    )  # fmt: skip


def _beyond(calendar: Calendar) -> str:
    name = calendar.id or "the calendar"
    return f"{name} knows holidays only until {calendar.covers_until}; beyond it the weekly hours are assumed"


def next_moment(clocks: Sequence[Clock], now: datetime) -> datetime | None:
    """When the sweep must look again: the earliest warning or due moment of a running clock that lies ahead.

    A due moment counts as ahead until it is strictly past, because only then it is a breach.
    """
    ahead = [at for c in clocks if c.state == "running" for at in (*c.warnings_at, c.due_at) if at and at >= now]
    return min(ahead, default=None)


def checked(events: Sequence[SlaEvent]) -> Sequence[SlaEvent]:
    """SlaError for an event type that no rule knows."""
    for n, event in enumerate(events):
        if event.type not in EVENT_TYPES:
            raise SlaError(
                f"events[{n}].type: {event.type!r} is not known; use one of {', '.join(sorted(EVENT_TYPES))}"
            )
    return events
