"""Every clock of random tickets equals what an oracle finds that looks at every second (tests/sla_oracle.py)."""

from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests import sla_oracle
from tests.sla_cases import cases
from triagebot.sla.simulate import simulate


@given(cases())
@settings(max_examples=400, deadline=None)
def test_clocks_equal_those_of_an_oracle_that_looks_at_every_second(case: dict[str, Any]) -> None:
    found = [sla_oracle.same_shape(clock) for clock in simulate(case, {})["clocks"]]
    assert found == sla_oracle.clocks(case)
