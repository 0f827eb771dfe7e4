"""Every clock of random tickets equals what an oracle finds that looks at every second (tests/sla_oracle.py)."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given, settings

from tests import sla_oracle
from tests.sla_cases import cases
from triagebot.sla.simulate import simulate


@given(cases())
@settings(max_examples=400, deadline=None)
def test_clocks_equal_those_of_an_oracle_that_looks_at_every_second(case: dict[str, Any]) -> None:
    found = [sla_oracle.same_shape(clock) for clock in simulate(case, {})["clocks"]]
    assert found == sla_oracle.clocks(case)


@given(cases())
@settings(max_examples=150, deadline=None)
def test_segments_tell_the_whole_life_of_a_clock_and_add_up_to_its_elapsed_time(case: dict[str, Any]) -> None:
    for clock in simulate(case, {})["clocks"]:
        segments = clock["segments"]
        assert sum(s["elapsed_s"] for s in segments) == clock["elapsed_s"]
        assert all(s["elapsed_s"] == 0 for s in segments if not s["counted"])
        assert all(a["end"] == b["start"] for a, b in pairwise(segments))
        if segments:
            assert sla_oracle.second(segments[0]["start"]) == sla_oracle.second(clock["started_at"])
            assert (segments[-1]["end"] is None) == (clock["ended_by"] is None)
        if clock["met_at"] is not None and segments:
            assert segments[-1]["end"] == clock["met_at"]


@given(cases())
@settings(max_examples=150, deadline=None)
def test_what_is_late_stays_late_and_warnings_come_before_the_due_moment(case: dict[str, Any]) -> None:
    now = max(datetime.fromisoformat(e["at"]) for e in case["events"])
    present, later = ({**case, "now": at.isoformat()} for at in (now, now + timedelta(days=2)))
    for before, after in zip(simulate(present, {})["clocks"], simulate(later, {})["clocks"], strict=True):
        assert after["elapsed_s"] >= before["elapsed_s"]
        assert before["state"] != "breached" or after["breached_at"] == before["breached_at"]
        warnings = [datetime.fromisoformat(at) for at in before["warnings_at"]]
        assert warnings == sorted(warnings)
        if before["due_at"] is not None:
            assert all(at <= datetime.fromisoformat(before["due_at"]) for at in warnings)
