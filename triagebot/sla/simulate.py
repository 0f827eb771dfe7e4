"""``sla simulate``: a policy, a calendar and an event list in, clocks out. Pure; shapes as in docs/sla.md."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from triagebot.errors import SlaError
from triagebot.sla.calendar import ROUND_THE_CLOCK, Calendar, always, check_time
from triagebot.sla.clocks import SlaEvent, run
from triagebot.sla.policy import Policy

_CHANGES = ("priority_changed", "queue_changed", "policy_changed")


def simulate(case: Mapping[str, Any], calendars: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """One case -> ``{"clocks": [...]}``. ``calendars``: specs by name. SlaError names what is wrong and where."""
    if not isinstance(case, Mapping):
        raise SlaError("a case must be an object with policy, calendar, events and now")
    for name in ("policy", "events", "now"):
        if name not in case:
            raise SlaError(f"{name} is missing")
    if not isinstance(case["events"], list):
        raise SlaError("events: must be a list")
    policy = Policy.from_spec(case["policy"])
    calendar = _calendar(case.get("calendar", ROUND_THE_CLOCK), calendars, "calendar")
    events = [_event(event, n, calendars) for n, event in enumerate(case["events"])]
    clocks = run(events, policy, calendar, _time(case["now"], "now"))
    return {"clocks": [clock.to_json() for clock in clocks]}


def _event(event: Any, n: int, calendars: Mapping[str, Mapping[str, Any]]) -> SlaEvent:
    where = f"events[{n}]"
    if not isinstance(event, Mapping) or "at" not in event or "type" not in event:
        raise SlaError(f"{where}: must be an object with at and type")
    changes = event["type"] in _CHANGES
    if changes and "policy" not in event:
        raise SlaError(f"{where}.policy: {event['type']} must carry the new policy")
    return SlaEvent(
        at=_time(event["at"], f"{where}.at"),
        type=str(event["type"]),
        policy=Policy.from_spec(event["policy"], f"{where}.policy") if changes else None,
        calendar=_calendar(event["calendar"], calendars, f"{where}.calendar")
        if changes and event.get("calendar")
        else None,
    )


def _calendar(spec: Any, calendars: Mapping[str, Mapping[str, Any]], where: str) -> Calendar:
    if spec == ROUND_THE_CLOCK:
        return always()
    if isinstance(spec, str):
        if spec not in calendars:
            raise SlaError(f"{where}: there is no calendar {spec!r}; known: {', '.join(sorted(calendars))}")
        return Calendar.from_spec(calendars[spec], where)
    return Calendar.from_spec(spec, where)


def _time(value: Any, where: str) -> datetime:
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise SlaError(f"{where}: {value!r} is no time; write for example 2026-11-23T09:00:00+08:00") from None
    return check_time(found, where)
