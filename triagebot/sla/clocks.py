"""From a ticket's events to its clocks. The rules, by number, are in docs/sla.md and, as code, in transitions.py."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from triagebot.errors import SlaError
from triagebot.sla.calendar import Calendar, check_time
from triagebot.sla.policy import METRICS, Policy
from triagebot.sla.timeline import Life, Promise, Segment, SlaEvent
from triagebot.sla.transitions import RULES

__all__ = ["EVENT_TYPES", "Clock", "Segment", "SlaEvent", "next_moment", "run"]

EVENT_TYPES = frozenset(RULES)
_MICRO = timedelta(microseconds=1)


@dataclass(frozen=True)
class Clock:
    """A promise and what became of it. Elapsed and remaining are whole business seconds at ``now`` or at the stop.

    ``state``: running, paused, met, breached or cancelled. ``warnings_at``: when the warn_at shares of the target are
    used up, as far as that is known. ``segments``: the stretches that counted or did not, and why. ``marks_at``:
    (share, when elapsed reaches it) for each of Policy.marks whose moment is known and lies before the stop. ``ended_by``:
    the event that stopped or cancelled it.
    """

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
    marks_at: tuple[tuple[float, datetime], ...] = ()
    ended_by: str = ""

    def to_json(self) -> dict[str, Any]:
        """As ``sla simulate`` prints it; times in ISO 8601 with offset."""
        found: dict[str, Any] = {
            "metric": self.metric,
            "started_at": _iso(self.started_at),
            "due_at": _iso(self.due_at),
            "state": self.state,
            "elapsed_s": self.elapsed_s,
            "remaining_s": self.remaining_s,
            "met_at": _iso(self.met_at),
            "breached_at": _iso(self.breached_at),
            "warnings_at": [_iso(at) for at in self.warnings_at],
            "ended_by": self.ended_by or None,
            "segments": [
                {
                    "start": _iso(s.start),
                    "end": _iso(s.end),
                    "counted": s.counted,
                    "why": s.why,
                    "elapsed_s": s.elapsed_s,
                }
                for s in self.segments
            ],
        }
        return {**found, "warning": self.warning} if self.warning else found


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None


def run(events: Iterable[SlaEvent], policy: Policy, calendar: Calendar, now: datetime) -> tuple[Clock, ...]:
    """All clocks of a ticket at ``now``, in order of start.

    Rule 1: in order of time, equal times in the order given; events after ``now`` do not exist yet.
    SlaError names an event of an unknown type or without offset, also a later one.
    """
    life = Life(policy, calendar)
    present = check_time(now, "now").astimezone(UTC)
    known = [_checked(event, n) for n, event in enumerate(events)]
    for event in sorted((e for e in known if e.at <= present), key=lambda e: e.at):
        RULES[event.type](life, event)
        life.turn(event)
    life.judge(present, *METRICS)
    return tuple(_told(life, promise, present) for promise in sorted(life.promises, key=lambda p: p.started))


def next_moment(clocks: Sequence[Clock], now: datetime) -> datetime | None:
    """When the sweep must look again: the earliest warning or due moment that lies ahead of a clock still in time.

    A due moment counts as ahead until it is strictly past, because only then it is a breach; a paused clock has one
    only when its target was used up at the very moment of the pause.
    """
    waiting = [c for c in clocks if c.state in ("running", "paused")]
    return min((at for c in waiting for at in (*c.warnings_at, c.due_at) if at is not None and at >= now), default=None)


def _checked(event: SlaEvent, n: int) -> SlaEvent:
    if event.type not in RULES:
        raise SlaError(f"events[{n}].type: {event.type!r} is not known; use one of {', '.join(sorted(EVENT_TYPES))}")
    at = check_time(event.at, f"events[{n}].at")
    return event if at.tzinfo is UTC else replace(event, at=at.astimezone(UTC))


def _told(life: Life, promise: Promise, now: datetime) -> Clock:
    elapsed_s, segments = life.measured(promise, now)
    met = promise.stopped if not promise.cancelled else None
    due = promise.due
    if promise.breached is not None:
        state = "breached"
    elif promise.cancelled:
        state, due = "cancelled", None
    elif met is not None:
        state = "met"
    else:
        state, due = "paused" if life.pauses else "running", life.due(promise)
    return Clock(
        metric=promise.metric,
        started_at=promise.started,
        due_at=due,
        state=state,
        elapsed_s=elapsed_s,
        remaining_s=promise.target_s - elapsed_s,
        met_at=met,
        breached_at=promise.breached,
        warnings_at=tuple(at for _, at in life.dues(promise, promise.warn_at)),
        warning=_doubt(promise.calendar, [due, *(s.end or now for s in segments if s.counted)]),
        segments=segments,
        marks_at=tuple(life.dues(promise, promise.marks)),
        ended_by=promise.ended_by,
    )


def _doubt(calendar: Calendar, figures: Iterable[datetime | None]) -> str | None:
    """Rule 12: said when a figure rests on days whose holidays are not known. A moment ends the stretch before it."""
    last = max((at for at in figures if at is not None), default=None)
    if last is None or calendar.covers(last - _MICRO):
        return None
    name = calendar.id or "the calendar"
    return f"{name} knows holidays only until {calendar.covers_until}; beyond it the weekly hours are assumed"
