"""A simulated month: planted incidents are noticed, and hardly anything else."""

from __future__ import annotations

from dataclasses import replace

from triagebot.detect import simulate, world
from triagebot.detect.series import Surge


def test_planted_incidents_of_busy_series_are_noticed_and_quiet_days_are_quiet() -> None:
    figures = simulate.run(7, 16, incidents=12)
    rows = {row.sort: row for row in figures.rows}
    busy = rows["x4 or more, usually 30 an hour or more"]
    assert busy.planted >= 2
    assert busy.noticed == busy.planted
    assert figures.false_alarms <= 1
    assert figures.messages > 50_000


def test_the_same_seed_is_the_same_year() -> None:
    first, second = world.world(3, 16, 4), world.world(3, 16, 4)
    assert first.planted == second.planted
    assert (world.counts(first) == world.counts(second)).all()
    assert world.world(4, 16, 4).planted != first.planted


def test_a_surge_is_judged_by_the_incident_that_explains_it() -> None:
    made = world.world(3, 16, 2)
    one = made.planted[0]
    hit = Surge(one.series, one.begin + 120, one.begin + 60, 20, 2.0)
    figures = simulate.judge(made, [hit, replace(hit, at=one.end + 60), replace(hit, at=one.begin - 60)], 0)
    assert (figures.false_alarms, figures.echoes, figures.since_off_min) == (1, 1, 1.0)
    assert figures.rows[-1] == simulate.Row("all", 2, 1, 2.0)
