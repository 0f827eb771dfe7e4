"""A year of simulated traffic, 100,000 tickets and 800,000 events, through the engine; 500 of them against the oracle."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

import yaml

from tests import sla_oracle, traffic
from triagebot.resources import bundled
from triagebot.sla.calendar import Calendar, always
from triagebot.sla.clocks import Clock, SlaEvent
from triagebot.sla.clocks import run as clocks_of
from triagebot.sla.policy import Policy

SEED, TICKETS, CHECKED = 20260101, 100_000, 500
_END = datetime(2026, 12, 31, 16, tzinfo=UTC)


def run() -> dict[str, float | int]:
    """AssertionError names a ticket whose clocks differ from the oracle's."""
    spec = yaml.safe_load((bundled("rules") / "calendars" / "cn-business.yaml").read_text(encoding="utf-8"))
    plain = {**spec, **{key: [str(day) for day in spec[key]] for key in ("holidays", "workdays")}}
    calendars = {"cn-business": Calendar.from_spec(spec), "24x7": always()}
    checked = set(random.Random(SEED).sample(range(1, TICKETS + 1), CHECKED))
    events_seen = clocks_seen = 0
    engine = oracle = made = 0.0
    year = iter(traffic.tickets(SEED, TICKETS))
    while True:
        begin = perf_counter()
        told = next(year, None)
        made += perf_counter() - begin
        if told is None:
            break
        ticket, events = told
        begin = perf_counter()
        found = _clocks(ticket, events, calendars)
        engine += perf_counter() - begin
        events_seen += len(events)
        clocks_seen += len(found)
        if ticket["number"] in checked:
            case = traffic.case(ticket, events, _END, {"cn-business": plain})
            begin = perf_counter()
            expected = sla_oracle.clocks(case)
            oracle += perf_counter() - begin
            assert [sla_oracle.same_shape(c.to_json()) for c in found] == expected, ticket["number"]
    return {
        "tickets": TICKETS, "events": events_seen, "clocks": clocks_seen, "equal_to_the_oracle": CHECKED,
        "engine_us_per_event": round(engine / events_seen * 1e6, 1), "engine_s": round(engine, 1),
        "oracle_to_engine_per_ticket": round(oracle / CHECKED / (engine / TICKETS)), "oracle_s": round(oracle, 1),
        "traffic_s": round(made, 1),
    }  # fmt: skip


def _clocks(ticket: dict[str, Any], events: list[dict[str, Any]], calendars: dict[str, Calendar]) -> tuple[Clock, ...]:
    told = []
    for event in events:
        new = event["data"].get("promise") if event["type"].endswith("_changed") else None
        policy = Policy.from_spec(new["policy"]) if new else None
        told.append(SlaEvent(event["at"], event["type"], policy, calendars[new["calendar"]] if new else None))
    first = ticket["sla"]
    return clocks_of(told, Policy.from_spec(first["policy"]), calendars[first["calendar"]], _END)
