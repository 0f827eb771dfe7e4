"""What each event does to a ticket's clocks: one function an event, read beside the numbered rules in docs/sla.md."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from triagebot.sla.policy import METRICS, Policy
from triagebot.sla.timeline import Life, SlaEvent

FIRST, NEXT, RESOLUTION, UPDATE = METRICS


def _nothing(life: Life, event: SlaEvent) -> None:
    """Rules 2 and 5: what the bot says and internal notes move no clock."""


def _escalated(life: Life, event: SlaEvent) -> None:
    """Rules 2 and 14: the first one starts the clocks; later ones change nothing."""
    if life.escalated is None and not life.over:
        life.escalated = life.heard = event.at
        for metric in (FIRST, RESOLUTION, UPDATE):
            life.start(metric, event.at, event.type)


def _agent_replied(life: Life, event: SlaEvent) -> None:
    """Rules 5 and 14: an answer stops whatever waits for it; the next update is owed from here, while the ticket is open."""
    if life.escalated is None:
        return
    life.judge(event.at, FIRST, NEXT, UPDATE)
    life.answered, life.unanswered = True, None
    life.stop(event, FIRST, NEXT, UPDATE)
    if not life.over:
        life.heard = event.at
        life.start(UPDATE, event.at, event.type)


def _user_replied(life: Life, event: SlaEvent) -> None:
    """Rules 6 and 7: ends a wait for the user, unless on hold too; starts next_response if no answer is awaited yet.

    Rule 10: nothing that users say after the end starts a clock.
    """
    if life.escalated is None or life.over:
        return
    if life.pauses == {"pending_user"}:
        life.pauses.clear()
    life.unanswered = life.unanswered or event.at
    if not life.open(FIRST, NEXT):
        life.start(NEXT, event.at, event.type)


def _paused(life: Life, event: SlaEvent) -> None:
    """Rule 7. Pauses before the hand-over, or after the end, do not exist."""
    if life.escalated is not None and not life.over:
        life.pauses.add(event.type)


def _resumed(life: Life, event: SlaEvent) -> None:
    """Rule 7: ends both kinds of pause."""
    life.pauses.clear()


def _promise_changed(life: Life, event: SlaEvent) -> None:
    """Rule 8: open, unbroken clocks are measured anew; what broke or stopped is history."""
    life.judge(event.at, *METRICS)
    before = life.policy
    life.policy = event.policy or before
    life.calendar = event.calendar or life.calendar
    if life.escalated is not None and not life.over:
        _measure_anew(life, event)
        _start_what_is_new(life, before, event)


def _ended(life: Life, event: SlaEvent) -> None:
    """Rules 9 and 14: resolution is met; what else was owed is cancelled, because no word came."""
    if life.escalated is not None and not life.over:
        life.judge(event.at, *METRICS)
        life.stop(event, RESOLUTION)
        life.cancel(event, FIRST, NEXT, UPDATE)
        life.pauses.clear()
        life.unanswered, life.over = None, event.type


def _merged(life: Life, event: SlaEvent) -> None:
    """Rule 9: the other ticket carries the promises now, for good."""
    life.judge(event.at, *METRICS)
    life.cancel(event, *METRICS)
    life.over = event.type


def _reopened(life: Life, event: SlaEvent) -> None:
    """Rules 10 and 14: resolution runs on without the time between, measured anew by the policy in force; the user must
    hear from an agent again.

    A resolution that was first promised after the end starts here, as if from the hand-over.
    """
    if life.escalated is None or life.over not in ("resolved", "closed"):
        return
    life.over, life.heard = "", event.at
    for promise in life.promises:
        if promise.metric == RESOLUTION and not promise.cancelled:
            promise.stopped, promise.ended_by = None, ""
    _measure_anew(life, event)
    if not life.open(RESOLUTION):
        _start_late(life, RESOLUTION, life.escalated, event)
    life.start(UPDATE, event.at, event.type)


RULES: Mapping[str, Callable[[Life, SlaEvent], None]] = {
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
    "policy_changed": _promise_changed,
    "resolved": _ended,
    "closed": _ended,
    "merged": _merged,
    "reopened": _reopened,
}


def _measure_anew(life: Life, event: SlaEvent) -> None:
    for promise in life.open(*METRICS):
        if promise.breached is not None:
            continue
        target = life.policy.target(promise.metric)
        if target is None:
            life.cancel(event, promise.metric)
            continue
        promise.target_s = target.in_seconds(life.calendar.day_s)
        promise.calendar = life.calendar
        promise.warn_at, promise.marks = life.policy.warn_at, life.policy.marks
        life.break_if_late(promise, event.at, made=event.at)


def _start_what_is_new(life: Life, before: Policy, event: SlaEvent) -> None:
    """Rule 8: a metric that the old policy lacked counts as if it had been promised from the beginning."""
    for metric in METRICS:
        if before.target(metric) is None and not life.open(metric):
            start = _beginning(life, metric)
            if start is not None:
                _start_late(life, metric, start, event)


def _beginning(life: Life, metric: str) -> datetime | None:
    """When this clock would have started; None if it would not be running now."""
    if metric == FIRST:
        return None if life.answered else life.escalated
    if metric == NEXT:
        return None if life.open(FIRST) else life.unanswered
    return life.heard if metric == UPDATE else life.escalated


def _start_late(life: Life, metric: str, since: datetime, event: SlaEvent) -> None:
    life.start(metric, since, event.type)
    for promise in life.open(metric):
        life.break_if_late(promise, event.at, made=event.at)
