"""Steps as they are read from a promise, promises as they are read from the rules, and the hours of the night."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.unit.house import office_with
from triagebot.desk import steps
from triagebot.desk.quiet import quiet_until
from triagebot.flow.clock_watch import ClockWatch
from triagebot.sla.hours import parse_span

SHANGHAI = ZoneInfo("Asia/Shanghai")


def plan(metric: str = "first_response", **promise: Any) -> list[tuple[str, tuple[str, ...]]]:
    return [(step.name, step.do) for step in steps.plan({"policy": {"warn_at": []}, **promise}, metric)]


def test_steps_are_sorted_and_equal_shares_are_one_step() -> None:
    table = [
        {"at": 2.0, "every": 0.5, "times": 3, "do": ["notify_supervisor"]},
        {"at": 2.5, "do": ["reassign"]},
        {"at": 0.8, "do": ["raise_priority"]},
    ]
    assert plan(policy={"warn_at": [0.8]}, steps=table) == [
        ("0.8", ("notify_assignee", "raise_priority")),
        ("breach", ()),
        ("2.0", ("notify_supervisor",)),
        ("2.5", ("notify_supervisor", "reassign")),
        ("3.0", ("notify_supervisor",)),
    ]


def test_repeats_of_a_tenth_do_not_drift() -> None:
    table = [{"at": 1.1, "every": 0.1, "times": 4, "do": ["notify_supervisor"]}]
    assert [name for name, _ in plan(steps=table)] == ["breach", "1.1", "1.2", "1.3", "1.4"]


def test_a_step_may_be_limited_to_some_clocks_and_only_answers_are_told_to_the_person() -> None:
    table = [{"at": 1.5, "do": ["reassign"], "metrics": ["next_response"]}]
    names = {metric: [n for n, _ in plan(metric, steps=table, tell_user_at=0.9)] for metric in
             ("first_response", "next_response", "resolution")}  # fmt: skip
    assert names == {
        "first_response": ["user", "breach"],
        "next_response": ["user", "breach", "1.5"],
        "resolution": ["breach"],
    }


def test_a_promise_from_before_there_were_steps_is_told_at_the_breach() -> None:
    assert plan() == [("breach", ("notify_supervisor",))]


def test_the_override_that_names_more_wins_and_what_it_leaves_out_stays() -> None:
    office = office_with(overrides=[
        {"category": "verification.face", "queue": "customer_service", "first_response": "20m"},
        {"category": "verification.face", "first_response": "40m", "next_response": 0},
        {"category": "report.missing", "first_response": "9h"},
    ])  # fmt: skip
    policy = office.promise("customer_service", "P3", "verification.face")["policy"]
    assert (policy["first_response"], policy["next_response"]) == ("20m", 0)
    assert office.promise("hotline", "P3", "verification.face")["policy"]["first_response"] == "40m"
    assert office.promise("customer_service", "P3", "report.dispute")["policy"]["first_response"] == "2h"


@pytest.mark.parametrize(
    ("hours", "at", "until"),
    [
        ("22:00-08:00", "21:59", None),
        ("22:00-08:00", "22:00", "+1 08:00"),
        ("22:00-08:00", "23:59", "+1 08:00"),
        ("22:00-08:00", "00:00", "+0 08:00"),
        ("22:00-08:00", "07:59", "+0 08:00"),
        ("22:00-08:00", "08:00", None),
        ("01:00-05:30", "01:00", "+0 05:30"),
        ("01:00-05:30", "23:00", None),
        ("18:00-24:00", "20:00", "+1 00:00"),
    ],
)
def test_quiet_hours_include_their_start_and_end_before_their_end(hours: str, at: str, until: str | None) -> None:
    moment = datetime.fromisoformat(f"2026-11-23T{at}:00").replace(tzinfo=SHANGHAI)
    found = quiet_until(parse_span(hours, "quiet_hours"), SHANGHAI, moment)
    if until is None:
        assert found is None
        return
    days, clock = until.split()
    wanted = datetime.fromisoformat(f"2026-11-23T{clock}:00").replace(tzinfo=SHANGHAI) + timedelta(days=int(days))
    assert found == wanted


@pytest.mark.parametrize(
    ("moves", "believed"),
    [
        ([(0, 0), (5, 5), (10, 12)], [True] * 3),
        ([(0, 0), (5, 86405), (10, 86410), (15, 15)], [True, False, False, True]),
        ([(0, 0), (5, -3595), (10, 10)], [True] * 3),
        ([(0, 0), (5, 86405), (604, 87004), (606, 87006), (611, 87011)], [True, False, False, True, True]),
        ([(0, 0), (5, 3605), (10, 86410), (606, 87006), (611, 87011)], [True, False, False, False, True]),
        ([(0, 0), (5, -3595), (700, -2900), (705, 705)], [True, True, True, False]),
    ],
    ids=["on time", "a day ahead and back", "an hour back and forth", "put right", "twice", "wrong for long"],
)
def test_a_clock_is_believed_unless_it_runs_ahead(moves: list[tuple[float, float]], believed: list[bool]) -> None:
    steady = 0.0
    watch = ClockWatch(lambda: steady)
    began, found = datetime(2026, 11, 23, tzinfo=SHANGHAI), []
    for at, wall in moves:
        steady = at
        found.append(watch.believes(began + timedelta(seconds=wall)))
    assert found == believed
