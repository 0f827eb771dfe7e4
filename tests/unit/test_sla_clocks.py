"""Single rules of the clocks, by hand: what random tickets hit too seldom, the update clock, and what is refused.

Times are on one Tuesday, in UTC; the clock runs round the clock unless a case says otherwise.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from triagebot.errors import SlaError
from triagebot.sla.calendar import Calendar, always
from triagebot.sla.clocks import Clock, SlaEvent, next_moment, run
from triagebot.sla.policy import Policy
from triagebot.sla.simulate import simulate

DAY = "2026-11-24T"


def at(clock: str) -> datetime:
    return datetime.fromisoformat(f"{DAY}{clock}+00:00")


def clocks_of(story: str, now: str, policy: dict[str, Any], **changes: dict[str, Any]) -> list[Clock]:
    """``story``: ``09:00 escalated, 09:30 priority_changed:p2``, where p2 names a policy in ``changes``."""
    events = []
    for line in story.split(", "):
        when, _, kind = line.partition(" ")
        kind, _, name = kind.partition(":")
        events.append(SlaEvent(at(when), kind, Policy.from_spec(changes[name]) if name else None))
    return list(run(events, Policy.from_spec(policy), always(), at(now)))


def told(found: list[Clock], metric: str) -> list[tuple[Any, ...]]:
    """(start, state, due, met, breached) of each clock of a metric, times as HH:MM."""
    return [
        (f"{c.started_at:%H:%M}", c.state, *(t and f"{t:%H:%M}" for t in (c.due_at, c.met_at, c.breached_at)))
        for c in found
        if c.metric == metric
    ]


def test_a_next_response_that_a_policy_adds_starts_at_the_oldest_unanswered_message() -> None:
    story = "09:00 escalated, 09:10 agent_replied, 09:20 user_replied, 09:40 user_replied, 10:00 priority_changed:p"
    found = clocks_of(story, "10:00", {"resolution": "8h"}, p={"resolution": "8h", "next_response": "2h"})
    assert told(found, "next_response") == [("09:20", "running", "11:20", None, None)]


def test_what_was_answered_does_not_start_an_added_next_response() -> None:
    story = "09:00 escalated, 09:20 user_replied, 09:40 agent_replied, 10:00 priority_changed:p"
    assert told(clocks_of(story, "10:00", {}, p={"next_response": "2h"}), "next_response") == []


def test_what_was_said_before_a_solution_does_not_start_an_added_next_response_after_reopening() -> None:
    story = "09:00 escalated, 09:20 user_replied, 09:40 resolved, 10:00 reopened, 10:10 priority_changed:p"
    assert told(clocks_of(story, "11:00", {}, p={"next_response": "2h"}), "next_response") == []


def test_a_first_response_that_is_late_still_waits_and_no_next_response_overtakes_it() -> None:
    found = clocks_of("09:00 escalated, 11:00 user_replied", "12:00", {"first_response": "1h", "next_response": "1h"})
    assert [(c.metric, c.state) for c in found] == [("first_response", "breached")]


def test_the_user_ends_only_the_wait_for_the_user() -> None:
    story = "09:00 escalated, 09:10 on_hold, 09:20 pending_user, 09:30 user_replied"
    assert told(clocks_of(story, "12:00", {"resolution": "1h"}), "resolution") == [
        ("09:00", "paused", None, None, None)
    ]


def test_a_resolution_promised_while_the_ticket_was_closed_counts_from_the_hand_over_once_it_is_reopened() -> None:
    story = "09:00 escalated, 10:00 resolved, 10:30 priority_changed:p, 12:00 reopened"
    found = clocks_of(story, "12:30", {"first_response": "4h"}, p={"resolution": "2h"})
    assert told(found, "resolution") == [("09:00", "running", "13:00", None, None)]
    assert [c.elapsed_s for c in found if c.metric == "resolution"] == [90 * 60]


def test_a_resolution_met_at_its_very_due_moment_has_nothing_left_when_it_is_reopened() -> None:
    """Rules 8 and 10: measured anew, the due moment has passed; the breach is dated at the reopening, not before."""
    story = "09:00 escalated, 10:00 resolved, 12:00 reopened"
    assert told(clocks_of(story, "11:59", {"resolution": "1h"}), "resolution") == [
        ("09:00", "met", "10:00", "10:00", None)
    ]
    assert told(clocks_of(story, "12:00", {"resolution": "1h"}), "resolution") == [
        ("09:00", "breached", "10:00", None, "12:00")
    ]


def test_merged_is_final() -> None:
    story = "09:00 escalated, 09:10 merged, 09:20 user_replied, 09:30 reopened, 09:40 agent_replied"
    everything = {"first_response": "1h", "next_response": "1h", "resolution": "1h", "update": "1h"}
    found = clocks_of(story, "12:00", everything)
    assert [(c.metric, c.state, c.ended_by) for c in found] == [
        ("first_response", "cancelled", "merged"),
        ("resolution", "cancelled", "merged"),
        ("update", "cancelled", "merged"),
    ]


def test_parts_of_seconds_are_added_before_they_are_rounded_down() -> None:
    half = timedelta(milliseconds=600)
    start = at("09:00")
    kinds = ("escalated", "on_hold", "resumed", "on_hold")
    events = [SlaEvent(start + n * half, kind) for n, kind in enumerate(kinds)]
    (clock,) = run(events, Policy.from_spec({"resolution": "1h"}), always(), at("10:00"))
    assert clock.elapsed_s == 1
    assert clock.remaining_s == 3599


# -- the update clock (rule 14) -------------------------------------------------------------------------------------------

HOURLY = {"update": "1h"}


def test_no_update_is_owed_unless_the_policy_names_one() -> None:
    assert clocks_of("09:00 escalated, 09:30 agent_replied", "18:00", {"first_response": "1h"})[-1].metric != "update"


def test_each_answer_meets_the_running_update_and_starts_the_next() -> None:
    found = clocks_of(
        "09:00 escalated, 09:30 agent_replied, 10:30 agent_replied, 11:00 user_replied", "11:30:01", HOURLY
    )
    assert told(found, "update") == [
        ("09:00", "met", "10:00", "09:30", None),
        ("09:30", "met", "10:30", "10:30", None),
        ("10:30", "breached", "11:30", None, "11:30"),
    ]


def test_what_the_bot_says_and_notes_are_no_update() -> None:
    found = clocks_of("09:00 escalated, 09:30 bot_replied, 09:40 note", "09:50", HOURLY)
    assert told(found, "update") == [("09:00", "running", "10:00", None, None)]


def test_an_update_waits_while_the_user_or_others_must_act() -> None:
    found = clocks_of("09:00 escalated, 09:30 on_hold, 09:40 agent_replied, 11:00 resumed", "11:10", HOURLY)
    assert told(found, "update") == [("09:00", "met", None, "09:40", None), ("09:40", "running", "12:00", None, None)]


def test_a_solution_cancels_the_update_and_reopening_owes_a_new_one() -> None:
    found = clocks_of("09:00 escalated, 09:30 resolved, 12:00 reopened, 12:10 merged", "18:00", HOURLY)
    assert told(found, "update") == [("09:00", "cancelled", None, None, None), ("12:00", "cancelled", None, None, None)]
    assert [c.ended_by for c in found] == ["resolved", "merged"]


def test_a_late_update_stays_late_when_it_comes() -> None:
    found = clocks_of("09:00 escalated, 10:30 agent_replied", "10:30", HOURLY)
    assert told(found, "update") == [
        ("09:00", "breached", "10:00", "10:30", "10:00"),
        ("10:30", "running", "11:30", None, None),
    ]


def test_an_update_that_a_policy_adds_counts_from_the_last_answer() -> None:
    story = "09:00 escalated, 10:00 agent_replied, 11:30 priority_changed:p"
    assert told(clocks_of(story, "11:30", {}, p=HOURLY), "update") == [("10:00", "breached", "11:00", None, "11:30")]
    assert told(clocks_of(story, "11:30", {}, p={"update": "2h"}), "update") == [
        ("10:00", "running", "12:00", None, None)
    ]


def test_an_answer_between_solution_and_reopening_starts_no_update() -> None:
    assert len(clocks_of("09:00 escalated, 09:30 resolved, 09:40 agent_replied", "12:00", HOURLY)) == 1


# -- the sweep's question, warnings about the calendar, refusals -----------------------------------------------------------


def test_the_sweep_comes_back_for_a_clock_that_was_paused_at_its_very_due_moment() -> None:
    found = clocks_of("09:00 escalated, 10:00 on_hold", "10:00", {"resolution": "1h"})
    assert found[0].state == "paused"
    assert next_moment(found, at("10:00")) == at("10:00")


def _until_november() -> Calendar:
    week = {day: ["09:00-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
    return Calendar.from_spec({"id": "short", "timezone": "UTC", "week": week, "covers_until": "2026-11-24"})


@pytest.mark.parametrize(
    ("start", "now", "warned"),
    [("17:00", "17:30", False), ("17:00", "18:00", False), ("17:30", "17:40", True)],
)
def test_a_clock_warns_as_soon_as_it_rests_on_days_that_its_calendar_does_not_know(
    start: str, now: str, warned: bool
) -> None:
    (clock,) = run(
        [SlaEvent(at(start), "escalated")], Policy.from_spec({"resolution": "1h"}), _until_november(), at(now)
    )
    assert (clock.warning is not None) == warned


def test_a_late_clock_whose_elapsed_time_runs_beyond_the_calendar_warns() -> None:
    policy = Policy.from_spec({"resolution": "1h"})
    (clock,) = run([SlaEvent(at("09:00"), "escalated")], policy, _until_november(), at("09:00") + timedelta(days=1))
    assert clock.due_at == at("10:00")
    assert "2026-11-24" in str(clock.warning)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"now": "9999-12-31T23:00:00Z"}, "now: the year 9999"),
        ({"now": "2026-11-24T09:00:00"}, "now"),
        ({"events": [{"at": "0001-01-01T00:00:00Z", "type": "escalated"}]}, "events[0].at: the year 1"),
        ({"events": [{"at": "2026-11-24T09:00:00Z", "type": "exploded"}]}, "events[0].type"),
        ({"policy": {"resolution": "9" * 5000 + "s"}}, "policy.resolution"),
        ({"policy": {"update": "often"}}, "policy.update"),
        ({"calendar": {"id": "24x7", "week": {"mon": ["09:00-10:00"]}}}, "24x7"),
        ({"calendar": {"week": {"mon": ["09:00-09:01"]}}, "policy": {"resolution": "3660d"}}, "2200"),
    ],
)
def test_a_case_that_makes_no_sense_is_refused_by_name(change: dict[str, Any], place: str) -> None:
    case = {
        "policy": {"resolution": "1h"},
        "events": [{"at": "2026-11-24T09:00:00Z", "type": "escalated"}],
        "now": "2026-11-24T10:00:00Z",
    }
    with pytest.raises(SlaError) as refused:
        simulate({**case, **change}, {})
    assert place in str(refused.value)
    assert len(str(refused.value)) < 300


def test_events_in_a_zone_count_as_instants_where_the_wall_shows_an_hour_twice() -> None:
    """Two times in one zone compare by the wall, which goes back; the instants do not."""
    from zoneinfo import ZoneInfo

    berlin = ZoneInfo("Europe/Berlin")
    first = datetime(2026, 10, 25, 2, 50, tzinfo=berlin)
    second = datetime(2026, 10, 25, 2, 10, fold=1, tzinfo=berlin)
    events = [SlaEvent(first, "escalated"), SlaEvent(second, "agent_replied")]
    (clock,) = run(events, Policy.from_spec({"first_response": "1h"}), always(), datetime(2026, 10, 25, 3, tzinfo=UTC))
    assert (clock.state, clock.elapsed_s) == ("met", 20 * 60)
