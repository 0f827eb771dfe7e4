"""SLA arithmetic by looking at every single second: slow, obvious, written from the published rules alone.

Shares nothing with the package but the shape of a case (docs/sla.md). Time is an array with one entry a second; what
counts is a mask over it, elapsed time is how many entries are set, a due moment is where the last one that is needed
ends. Only whole seconds can be told apart. Numbers in brackets are those of the rules.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

METRICS = ("first_response", "next_response", "resolution", "update")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WINDOW_S = 86400
_MOST_S = 400 * 86400
Mask = npt.NDArray[np.bool_]


class TooShort(Exception):
    """A due moment lies beyond the seconds that were laid out."""


def second(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp())


@cache
def instant(local: datetime, zone: ZoneInfo) -> int:
    """(12) The first second at which the wall shows this time; one that is skipped counts from the offset before."""
    around = [local.replace(tzinfo=UTC) + timedelta(hours=n) for n in range(-36, 37)]
    offsets = {at.astimezone(zone).utcoffset() or timedelta() for at in around}
    candidates = sorted(local.replace(tzinfo=UTC) - offset for offset in offsets)
    shown = [at for at in candidates if at.astimezone(zone).replace(tzinfo=None) == local]
    if not shown:
        before = candidates[0].astimezone(zone).utcoffset() or timedelta()
        shown = [local.replace(tzinfo=UTC) - before]
    return round(shown[0].timestamp())


def opened(spec: Mapping[str, Any] | str, begin: int, length: int) -> Mask:
    """(12) For each second from ``begin`` on, whether any span of any day holds it."""
    if spec == "24x7":
        return np.ones(length, dtype=bool)
    assert isinstance(spec, Mapping)
    found = np.zeros(length, dtype=bool)
    zone = ZoneInfo(spec.get("timezone", "UTC"))
    day = datetime.fromtimestamp(begin, UTC).date() - timedelta(days=3)
    last = datetime.fromtimestamp(begin + length, UTC).date() + timedelta(days=3)
    while day <= last:
        for text in hours(spec, day):
            a, b = span(text, day, zone)
            found[max(0, a - begin) : max(0, b - begin)] = True
        day += timedelta(days=1)
    return found


def hours(spec: Mapping[str, Any], day: date) -> list[str]:
    if day.isoformat() in [str(d) for d in spec.get("holidays") or ()]:
        return []
    if day.isoformat() in [str(d) for d in spec.get("workdays") or ()]:
        return list(spec.get("workday_hours", spec["week"].get("mon", [])))
    return list(spec["week"].get(_DAYS[day.weekday()], []))


def span(text: str, day: date, zone: ZoneInfo) -> tuple[int, int]:
    midnight = datetime(day.year, day.month, day.day)
    begin, end = (timedelta(hours=int(h), minutes=int(m)) for h, m in (t.split(":") for t in text.split("-")))
    if end <= begin:
        end += timedelta(days=1)
    return instant(midnight + begin, zone), instant(midnight + end, zone)


def target(policy: Mapping[str, Any], metric: str, calendar: Mapping[str, Any] | str) -> int:
    """(13) Seconds; 0: no clock."""
    day_s = 86400 if calendar == "24x7" else round(calendar.get("day_hours", 8) * 3600)  # type: ignore[union-attr]
    size = {"s": 1, "m": 60, "h": 3600, "d": day_s, "": 1}
    return sum(int(n) * size[unit] for n, unit in re.findall(r"(\d+)([smhd]?)", str(policy.get(metric) or "0")))


@dataclass(eq=False)
class Ticking:
    """One clock: its target in seconds, the seconds in which its calendar is open, and what became of it."""

    metric: str
    since: int
    target: int
    open: Mask
    until: int | None = None
    cancelled: bool = False
    due: int | None = None
    late: int | None = None


class Ticket:
    def __init__(self, case: Mapping[str, Any], length: int) -> None:
        self.now = second(case["now"])
        events = [(second(e["at"]), e) for e in case["events"]]
        self.events = sorted((e for e in events if e[0] <= self.now), key=lambda e: e[0])  # (1)
        self.begin = self.events[0][0] if self.events else self.now
        self.length = self.now - self.begin + length
        self.counts = np.zeros(self.length, dtype=bool)
        self.policy, self.calendar = case["policy"], case.get("calendar", "24x7")
        self.open = opened(self.calendar, self.begin, self.length)
        self.clocks: list[Ticking] = []
        self.states: set[str] = set()
        self.escalated: int | None = None
        self.unanswered: int | None = None
        self.heard: int | None = None

    def run(self) -> list[dict[str, Any]]:
        for at, event in self.events:
            self.notice(at)
            self.happen(event, event["type"], at)
            going = self.escalated is not None and not self.states & {"pending_user", "on_hold", "ended", "merged"}
            self.counts[at - self.begin :] = going
        self.notice(self.now)
        return [self.told(c) for c in sorted(self.clocks, key=lambda c: c.since)]

    # -- what a clock says ------------------------------------------------------------------------------------------

    def used(self, clock: Ticking, at: int) -> int:
        """(3) Seconds that counted and were open in the life of the clock, up to ``at``."""
        end = min(at, clock.until) if clock.until is not None else at
        life = slice(clock.since - self.begin, max(clock.since, end) - self.begin)
        return int(np.count_nonzero(self.counts[life] & clock.open[life]))

    def due(self, clock: Ticking, at: int) -> int | None:
        """(3) The end of the second in which the target is used up; if things go on as they are at ``at``."""
        end = clock.until - self.begin if clock.until is not None else None
        life = slice(clock.since - self.begin, end)
        used = np.flatnonzero(self.counts[life] & clock.open[life])
        if len(used) >= clock.target:
            return clock.since + int(used[clock.target - 1]) + 1
        if end is None and self.counts[-1]:
            raise TooShort
        return None

    def passed(self, clock: Ticking, at: int) -> bool:
        """(4) Strictly: a second ago the target was used up already."""
        return self.used(clock, at - 1) >= clock.target

    def notice(self, at: int) -> None:
        for clock in self.waiting(*METRICS):
            if clock.late is None and self.passed(clock, at):
                clock.due = clock.late = self.due(clock, at)

    # -- what an event does -----------------------------------------------------------------------------------------

    def waiting(self, *metrics: str) -> list[Ticking]:
        return [c for c in self.clocks if c.until is None and c.metric in metrics]

    def start(self, metric: str, since: int) -> None:
        seconds = target(self.policy, metric, self.calendar)
        if seconds:
            self.clocks.append(Ticking(metric, since, seconds, self.open))

    def stop(self, at: int, *metrics: str) -> None:
        for clock in self.waiting(*metrics):
            if clock.late is None:
                clock.due = self.due(clock, at)
            clock.until = at

    def cancel(self, at: int, *metrics: str) -> None:
        for clock in self.waiting(*metrics):
            clock.until, clock.cancelled = at, True

    def happen(self, event: Mapping[str, Any], kind: str, at: int) -> None:
        ended = bool(self.states & {"ended", "merged"})
        if kind == "merged":  # (9)
            self.cancel(at, *METRICS)
            self.states = {"merged"}
        elif kind in ("priority_changed", "queue_changed", "policy_changed"):
            before, self.policy = self.policy, event["policy"]
            if event.get("calendar"):
                self.calendar = event["calendar"]
                self.open = opened(self.calendar, self.begin, self.length)
            if self.escalated is not None and not ended:
                self.anew(at)
                self.added(before, at)
        elif kind == "escalated" and self.escalated is None and not ended:  # (2)
            self.escalated = self.heard = at
            self.start("first_response", at)
            self.start("resolution", at)
            self.start("update", at)
        elif self.escalated is None:
            return
        elif kind == "agent_replied":  # (5)
            self.stop(at, "first_response", "next_response", "update")
            self.states |= {"answered"}
            self.unanswered = None
            if not ended:  # (14)
                self.heard = at
                self.start("update", at)
        elif kind == "user_replied" and not ended:  # (6) (7) (10)
            if "on_hold" not in self.states:
                self.states -= {"pending_user"}
            if self.unanswered is None:
                self.unanswered = at
            if not self.waiting("first_response", "next_response"):
                self.start("next_response", at)
        elif kind in ("pending_user", "on_hold") and not ended:  # (7)
            self.states |= {kind}
        elif kind == "resumed":
            self.states -= {"pending_user", "on_hold"}
        elif kind in ("resolved", "closed") and not ended:  # (9) (14)
            self.stop(at, "resolution")
            self.cancel(at, "first_response", "next_response", "update")
            self.states = self.states - {"pending_user", "on_hold"} | {"ended"}
            self.unanswered = None
        elif kind == "reopened" and "ended" in self.states:  # (10) (14)
            self.states -= {"ended"}
            for clock in self.clocks:
                if clock.metric == "resolution" and not clock.cancelled:
                    clock.until = None
            self.anew(at)
            if not self.waiting("resolution"):
                self.start("resolution", self.escalated)
                self.late_from_now(self.waiting("resolution"), at)
            self.heard = at
            self.start("update", at)

    def anew(self, at: int) -> None:
        """(8) Open clocks that are not late: the same stretches, the policy and the calendar of now."""
        for clock in self.waiting(*METRICS):
            if clock.late is None and not target(self.policy, clock.metric, self.calendar):
                self.cancel(at, clock.metric)
            elif clock.late is None:
                clock.target, clock.open = target(self.policy, clock.metric, self.calendar), self.open
                self.late_from_now([clock], at)

    def added(self, before: Mapping[str, Any], at: int) -> None:
        """(8) A metric that is new starts as if from the hand-over."""
        for metric in METRICS:
            if target(before, metric, "24x7") or self.waiting(metric):
                continue
            since = {
                "first_response": None if "answered" in self.states else self.escalated,
                "next_response": None if self.waiting("first_response") else self.unanswered,
                "resolution": self.escalated,
                "update": self.heard,
            }[metric]
            if since is not None:
                self.start(metric, since)
                self.late_from_now(self.waiting(metric), at)

    def late_from_now(self, clocks: list[Ticking], at: int) -> None:
        """(8) Nobody is late before the promise existed."""
        for clock in clocks:
            if clock.late is None and self.passed(clock, at):
                clock.due, clock.late = self.due(clock, at), at

    def told(self, clock: Ticking) -> dict[str, Any]:
        used = self.used(clock, self.now)
        met = clock.until if clock.until is not None and not clock.cancelled else None
        if clock.late is not None:
            state, due = "breached", clock.due
        elif clock.cancelled:
            state, due = "cancelled", None
        elif met is not None:
            state, due = "met", clock.due
        else:
            paused = bool(self.states & {"pending_user", "on_hold"})
            state, due = "paused" if paused else "running", self.due(clock, self.now)
        return {
            "metric": clock.metric, "started_at": clock.since, "due_at": due, "state": state, "elapsed_s": used,
            "remaining_s": clock.target - used, "met_at": met, "breached_at": clock.late,
        }  # fmt: skip


def clocks(case: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What ``sla simulate`` must say about a case with whole seconds; times as seconds since 1970."""
    length = _WINDOW_S
    while length <= _MOST_S:
        try:
            return Ticket(case, length).run()
        except TooShort:
            length *= 4
    raise AssertionError("a due moment lies more than a year ahead; choose a smaller case")


def same_shape(clock: Mapping[str, Any]) -> dict[str, Any]:
    """A clock as ``sla simulate`` prints it, in the shape of ``clocks``."""
    times = ("started_at", "due_at", "met_at", "breached_at")
    keys = ("metric", "started_at", "due_at", "state", "elapsed_s", "remaining_s", "met_at", "breached_at")
    return {k: second(clock[k]) if k in times and clock[k] is not None else clock[k] for k in keys}
