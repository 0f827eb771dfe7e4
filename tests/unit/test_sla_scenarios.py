"""Every conformance case of the SLA arithmetic, one test each."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from triagebot.sla.simulate import simulate

CASES = json.loads((Path(__file__).parent / "data" / "sla_scenarios.json").read_text(encoding="utf-8"))
_TIMES = ("started_at", "due_at", "met_at", "breached_at")


def _comparable(clock: dict[str, Any], keys: list[str]) -> dict[str, Any]:
    return {k: datetime.fromisoformat(clock[k]) if k in _TIMES and clock[k] else clock[k] for k in keys}


@pytest.mark.parametrize("case", CASES, ids=[c["name"] for c in CASES])
def test_the_case_comes_out_as_published(case: dict[str, Any]) -> None:
    got = simulate(case, {})["clocks"]
    expected = case["expect"]["clocks"]
    assert [c["metric"] for c in got] == [c["metric"] for c in expected]
    for mine, theirs in zip(got, expected, strict=True):
        keys = [k for k in theirs if k in mine]
        assert _comparable(mine, keys) == _comparable(theirs, keys)
        assert set(theirs) - set(mine) <= {"warning"}
