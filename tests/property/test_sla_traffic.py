"""A year of simulated traffic in miniature: the engine against the oracle (the full one: tests/benchmarks/sla_year.py)."""

from datetime import UTC, datetime
from itertools import islice
from typing import Any

import pytest
import yaml

from tests import sla_oracle, traffic
from triagebot.resources import bundled
from triagebot.sla.simulate import simulate

COUNT = 300


@pytest.fixture(scope="module")
def calendars() -> dict[str, Any]:
    file = bundled("rules") / "calendars" / "cn-business.yaml"
    spec = yaml.safe_load(file.read_text(encoding="utf-8"))
    return {
        "cn-business": {
            **spec,
            "holidays": [str(d) for d in spec["holidays"]],
            "workdays": [str(d) for d in spec["workdays"]],
        }
    }


def test_a_year_in_miniature_equals_the_oracle_at_its_end_and_in_the_middle_of_each_ticket(
    calendars: dict[str, Any],
) -> None:
    seen: set[tuple[str, str]] = set()
    for ticket, events in traffic.tickets(20260101, COUNT):
        for now in (events[len(events) * 2 // 3]["at"], events[-1]["at"]):
            case = traffic.case(ticket, events, now, calendars)
            found = [sla_oracle.same_shape(clock) for clock in simulate(case, {})["clocks"]]
            assert found == sla_oracle.clocks(case), ticket["number"]
            seen |= {(clock["metric"], clock["state"]) for clock in found}
    states = {"running", "paused", "met", "breached", "cancelled"}
    assert {state for _, state in seen} == states
    assert {metric for metric, _ in seen} == set(sla_oracle.METRICS)


def test_the_same_seed_is_the_same_year_and_another_seed_another() -> None:
    first, again, other = (list(islice(traffic.tickets(seed, 50), 50)) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_the_traffic_has_the_shape_that_it_promises() -> None:
    told = list(traffic.tickets(7, 2000))
    counted = sum(len(events) for _, events in told) / len(told)
    assert 7.5 < counted < 9
    assert [t["opened_at"] for t, _ in told] == sorted(t["opened_at"] for t, _ in told)
    for ticket, events in told:
        times = [e["at"] for e in events]
        assert times == sorted(times)
        assert times[0] == ticket["opened_at"]
    assert told[0][0]["opened_at"] >= datetime(2025, 12, 31, 16, tzinfo=UTC)
    assert told[-1][0]["opened_at"] < datetime(2026, 12, 31, 16, tzinfo=UTC)
