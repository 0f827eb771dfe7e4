"""What a ticket has promised so far and in which stretches its time counted: the measuring half of the clocks.

Everything is derived: the stretches come from the events, elapsed and due from the stretches. Times are UTC.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from triagebot.sla.calendar import Calendar
from triagebot.sla.policy import Policy

_S = 1_000_000


@dataclass(frozen=True)
class SlaEvent:
    """``policy`` (and ``calendar``, when it changes) come with priority_changed, queue_changed and policy_changed."""

    at: datetime
    type: str
    policy: Policy | None = None
    calendar: Calendar | None = None


@dataclass(frozen=True)
class Segment:
    """A stretch of a clock's life; ``end`` None: still going. ``why`` names the event that began it.

    ``elapsed_s``: whole business seconds in it, up to now; 0 where time did not count.
    """

    start: datetime
    end: datetime | None
    counted: bool
    why: str
    elapsed_s: int = 0


@dataclass
class Promise:
    """One clock in the making. ``why``: the event that started it; ``stopped``: answered, resolved or cancelled.

    ``due`` is kept once it is history: when the clock was stopped or breached. ``ended_by``: the event that stopped it.
    """

    metric: str
    started: datetime
    why: str
    target_s: int
    calendar: Calendar
    warn_at: tuple[float, ...]
    marks: tuple[float, ...]
    stopped: datetime | None = None
    cancelled: bool = False
    ended_by: str = ""
    breached: datetime | None = None
    due: datetime | None = None

    @property
    def open(self) -> bool:
        """Somebody still waits for it, be it running, paused or already late."""
        return self.stopped is None


@dataclass
class Life:
    """The ticket while its events are read: what is promised, what counts now, and since when.

    ``stretches``: in which time counts or does not, from the hand-over on; the last one is open. ``unanswered``: the
    oldest user message since the last answer. ``heard``: since when the user waits to hear from an agent (the hand-over,
    the last answer, the reopening). ``over``: the event that ended the ticket (resolved, closed, merged).
    """

    policy: Policy
    calendar: Calendar
    escalated: datetime | None = None
    answered: bool = False
    unanswered: datetime | None = None
    heard: datetime | None = None
    pauses: set[str] = field(default_factory=set)
    over: str = ""
    stretches: list[Segment] = field(default_factory=list)
    promises: list[Promise] = field(default_factory=list)

    def turn(self, event: SlaEvent) -> None:
        """Begin a new stretch if the event made time count or stop counting."""
        if self.escalated is None:
            return
        counts = not self.pauses and not self.over
        if self.stretches and self.stretches[-1].counted == counts:
            return
        if self.stretches:
            self.stretches[-1] = replace(self.stretches[-1], end=event.at)
        self.stretches.append(Segment(event.at, None, counts, event.type))

    def open(self, *metrics: str) -> list[Promise]:
        return [p for p in self.promises if p.open and p.metric in metrics]

    def start(self, metric: str, since: datetime, why: str) -> None:
        """Nothing, if the policy in force does not promise it."""
        target = self.policy.target(metric)
        if target is not None:
            seconds = target.in_seconds(self.calendar.day_s)
            self.promises.append(
                Promise(metric, since, why, seconds, self.calendar, self.policy.warn_at, self.policy.marks)
            )

    def stop(self, event: SlaEvent, *metrics: str) -> None:
        """What was promised has been done, in time or not."""
        for promise in self.open(*metrics):
            if promise.breached is None:
                promise.due = self.due(promise)
            promise.stopped, promise.ended_by = event.at, event.type

    def cancel(self, event: SlaEvent, *metrics: str) -> None:
        """It is promised no more."""
        for promise in self.open(*metrics):
            promise.stopped, promise.cancelled, promise.ended_by = event.at, True, event.type

    def judge(self, at: datetime, *metrics: str) -> None:
        """Rule 4, asked before promises stop or change, and at the end: nothing else moves a due moment once passed."""
        for promise in self.open(*metrics):
            self.break_if_late(promise, at)

    def break_if_late(self, promise: Promise, at: datetime, made: datetime | None = None) -> None:
        """Rule 4: breached once the due moment lies strictly in the past of ``at``, and for good.

        ``made`` (rule 8): when the promise was given this form; it cannot have been broken before.
        """
        if promise.breached is None:
            due = self.due(promise)
            if due is not None and due < at:
                promise.due, promise.breached = due, made or due

    def segments(self, promise: Promise) -> list[Segment]:
        """The stretches, cut to this clock's own life."""
        found = []
        first = max(0, bisect_right(self.stretches, promise.started, key=lambda s: s.start) - 1)
        for stretch in self.stretches[first:]:
            ends = [end for end in (stretch.end, promise.stopped) if end is not None]
            start, end = max(stretch.start, promise.started), min(ends, default=None)
            if end is None or start < end:
                why = stretch.why if stretch.start >= promise.started else promise.why
                found.append(Segment(start, end, stretch.counted, why))
            elif promise.stopped is not None and stretch.start >= promise.stopped:
                break
        return found

    def due(self, promise: Promise) -> datetime | None:
        """Rule 3: when elapsed reaches the target; None while it is paused or stopped before that."""
        return next((at for _, at in self.dues(promise, (1.0,))), None)

    def dues(self, promise: Promise, shares: Iterable[float]) -> list[tuple[float, datetime]]:
        """(share, when elapsed reaches this share of the target) for each share whose moment is known."""
        segments = [s for s in self.segments(promise) if s.counted]
        found = ((share, _reached(promise, segments, share)) for share in shares)
        return [(share, at) for share, at in found if at is not None]

    def measured(self, promise: Promise, now: datetime) -> tuple[int, tuple[Segment, ...]]:
        """Rule 11: whole business seconds, summed before they are rounded down; and the segments, each with its own."""
        total, found = 0, []
        for segment in self.segments(promise):
            used = promise.calendar.micros_between(segment.start, segment.end or now) if segment.counted else 0
            total += used
            found.append(replace(segment, elapsed_s=used // _S))
        return total // _S, tuple(found)


def _reached(promise: Promise, counted: Iterable[Segment], share: float) -> datetime | None:
    left = round(promise.target_s * _S * share)
    for segment in counted:
        used = promise.calendar.micros_between(segment.start, segment.end) if segment.end is not None else left
        if used >= left:
            return promise.calendar.add_micros(segment.start, left)
        left -= used
    return None
