"""``sla replay`` on examples worked out by hand: what another policy breaks, keeps, raises, and what it leaves alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.conftest import FakeClock
from tests.unit.house import NOW, House, office_with
from triagebot.desk import promises, reapply
from triagebot.desk.office import Office
from triagebot.desk.periods import Period
from triagebot.report.figures import Share
from triagebot.report.replay import Pair, Replay, Turned, replay
from triagebot.report.replay_as_text import text
from triagebot.store.store import Store

QUEUES = ("customer_service", "hotline", "security")
DAY = Period(NOW - timedelta(hours=1), NOW + timedelta(hours=23))
PAIRS = [(queue, n) for queue in QUEUES for n in (1, 2, 3, 4)]
Build = Callable[..., House]


def policy(first: str = "2h", **more: Any) -> Office:
    """``first`` for P3 and P4, half an hour for P2, 10 minutes for P1, in every queue; nothing is done at a breach."""
    targets = {"P1": "10m", "P2": "30m", "P3": first, "P4": first}
    rows = [{"queue": queue, "priority": priority, "first_response": target}
            for queue in QUEUES for priority, target in targets.items()]  # fmt: skip
    return office_with(**{"policies": rows, "steps": [], "warn_at": [], "tell_user_at": 0, **more})


RAISING = [{"at": 1.0, "do": ["raise_priority"]}]


@pytest.fixture
def build(store: Store, clock: FakeClock) -> Build:
    """Ticket 1 waits in customer service (P3) since 10:00 on a Monday; li works there, boss supervises."""

    def make(at: Office) -> House:
        house = House(store, clock, at)
        house.agent("li", queues=["customer_service"])
        house.agent("boss", role="supervisor")
        house.hear("刷脸不过")
        house.press("human:1")
        return house

    return make


def _first(target: str, queue: str, n: int) -> dict[str, str]:
    return {"queue": queue, "priority": f"P{n}", "first_response": target}


def tried(house: House, other: Office, period: Period = DAY, queue: str = "") -> Replay:
    return house.store.read_now(replay, house.office, other, period, queue)


def at(clock: FakeClock, house: House, **later: float) -> datetime:
    """Move to that long after 10:00, and sweep."""
    clock.at = NOW + timedelta(**later)
    house.store.write_now(promises.sweep, house.office, clock())
    return clock.at


def test_a_policy_twice_as_strict_breaks_what_was_kept(build: Build, clock: FakeClock) -> None:
    """Answered after 90 minutes: within two hours, half an hour beyond one."""
    house = build(policy("2h"))
    at(clock, house, minutes=90)
    house.verb("li", "reply 1 您好")
    found = tried(house, policy("1h", version=8))
    pair = Pair(was=Share(1, 1), would=Share(0, 1))
    assert found.metrics == {"first_response": pair}
    assert found.queues == {"customer_service": {"first_response": pair}}
    assert found.priorities == {"P3": {"first_response": pair}}
    assert found.newly_broken == (Turned(1, "first_response", "customer_service", "P3", 1800, "met"),)
    assert (found.newly_kept, found.tickets, found.version, found.seen) == ((), 1, 8, (3,))
    words = text(found, house.office, "strict.yaml", "zh").splitlines()
    assert [line.split() for line in words[3:5]] == [
        ["当时", "换成", "strict.yaml", "变化"],
        ["首次回复", "100.0%（1/1）", "0.0%（0/1）", "−100.0", "个百分点"],
    ]
    assert "  #1 P3 客服 首次回复：超时 30 分钟（当时按时完成）" in words


def test_a_gentler_policy_keeps_what_was_broken(build: Build, clock: FakeClock) -> None:
    house = build(policy("1h"))
    at(clock, house, minutes=90)
    house.verb("li", "reply 1 您好")
    found = tried(house, policy("2h"))
    assert found.metrics["first_response"] == Pair(was=Share(0, 1), would=Share(1, 1))
    assert found.newly_kept == (Turned(1, "first_response", "customer_service", "P3", 1800, "met"),)
    assert found.newly_broken == ()
    assert "then late by 30 min (with the file met)" in text(found, house.office, "gentle.yaml", "en")


def test_a_clock_that_nobody_promised_then_counts_under_the_policy_that_has_it(build: Build, clock: FakeClock) -> None:
    rows = [{"queue": queue, "priority": f"P{n}", "resolution": "1h"} for queue, n in PAIRS]
    house = build(policy("2h"))
    at(clock, house, minutes=90)
    house.verb("li", "reply 1 您好")
    house.verb("li", "resolve 1")
    found = tried(house, policy(policies=rows))
    assert found.metrics["resolution"] == Pair(was=Share(0, 0), would=Share(0, 1))
    assert found.metrics["first_response"] == Pair(was=Share(1, 1), would=Share(0, 0))
    assert found.metrics["resolution"].change is None
    assert [(t.metric, t.other) for t in found.newly_broken] == [("resolution", "")]
    assert "没有这个时钟" in text(found, house.office, "x.yaml", "zh")


def test_a_raise_of_the_old_policy_is_not_carried_over(build: Build, clock: FakeClock) -> None:
    """Raised to P2 at the breach at 12:00; a message at 12:30, whose answer P2 promises in 30 minutes and P3 in 2 hours,
    is answered at 13:30. Under a first response of 3 h nothing is ever raised."""

    def office(first: str) -> Office:
        return policy(steps=RAISING, policies=[
            {**_first(first, queue, n), "next_response": "30m" if n < 3 else "2h"} for queue, n in PAIRS
        ])  # fmt: skip

    house = build(office("2h"))
    at(clock, house, minutes=121)
    assert house.ticket().priority == "P2"
    house.verb("li", "reply 1 您好")
    at(clock, house, minutes=150)
    house.hear("还是不行")
    at(clock, house, minutes=210)
    house.verb("li", "reply 1 再试试")
    found = tried(house, office("3h"))
    assert found.metrics["first_response"] == Pair(was=Share(0, 1), would=Share(1, 1))
    assert found.metrics["next_response"] == Pair(was=Share(0, 1), would=Share(1, 1))
    assert found.raises_was > found.raises_would == 0
    same = tried(house, house.office)
    assert same.metrics["next_response"] == Pair(was=Share(0, 1), would=Share(0, 1))


def test_a_raise_of_the_new_policy_happens_at_its_moment(build: Build, clock: FakeClock) -> None:
    """Half of two hours is 11:00: P2 from then on, whose half hour is over. Answered at 11:30 it is an hour late under P2,
    not half an hour early under P3; P1 is not reached, for only the raise broke it."""
    house = build(policy("2h"))
    at(clock, house, minutes=90)
    house.verb("li", "reply 1 您好")
    raising = policy("2h", steps=[{"at": 0.5, "do": ["raise_priority"]}, *RAISING])
    found = tried(house, raising)
    assert found.metrics["first_response"] == Pair(was=Share(1, 1), would=Share(0, 1))
    assert found.newly_broken[0].late_s == 3600
    assert (found.raises_was, found.raises_would) == (0, 1)
    before = tried(house, raising, Period(DAY.since, NOW + timedelta(hours=1)))
    assert (before.metrics, before.raises_would) == ({}, 0)


def test_an_answer_before_the_moment_prevents_the_raise(build: Build, clock: FakeClock) -> None:
    house = build(policy("2h"))
    at(clock, house, minutes=59)
    house.verb("li", "reply 1 您好")
    at(clock, house, hours=5)
    found = tried(house, policy("2h", steps=[{"at": 0.5, "do": ["raise_priority"]}]))
    assert found.metrics["first_response"] == Pair(was=Share(1, 1), would=Share(1, 1))
    assert found.raises_would == 0


HALF = [{"at": 0.5, "do": ["raise_priority"]}]


def test_an_answer_at_the_very_moment_prevents_the_raise(build: Build, clock: FakeClock) -> None:
    house = build(policy("2h"))
    at(clock, house, minutes=60)
    house.verb("li", "reply 1 您好")
    house.verb("boss", "priority 1 P4")
    assert tried(house, policy("2h", steps=HALF)).raises_would == 0


def test_a_moment_that_a_change_brings_with_it_is_at_the_change(build: Build, clock: FakeClock) -> None:
    """P4 until 11:40, four hours; as P3, half of two hours was over at 11:00: raised, and broken, at 11:40, not before."""
    house = build(policy("2h"))
    house.verb("boss", "priority 1 P4")
    at(clock, house, minutes=100)
    house.verb("boss", "priority 1 P3")
    at(clock, house, minutes=110)
    rows = [_first({1: "10m", 2: "30m", 3: "2h", 4: "4h"}[n], queue, n) for queue, n in PAIRS]
    late = Period(NOW + timedelta(minutes=90), NOW + timedelta(hours=5))
    found = tried(house, policy(policies=rows, steps=HALF), late)
    assert found.metrics["first_response"].would == Share(0, 1)
    assert found.raises_would == 1


def test_a_step_beyond_the_breach_that_the_change_skipped_is_not_made_up_for(build: Build, clock: FakeClock) -> None:
    """P2 at 11:40, whose half hour is over: broken then. One and a half times half an hour lies before that moment."""
    house = build(policy("2h"))
    at(clock, house, minutes=100)
    house.verb("boss", "priority 1 P2")
    found = tried(house, policy("2h", steps=[{"at": 1.5, "do": ["raise_priority"]}]))
    assert found.metrics["first_response"].would == Share(0, 1)
    assert found.raises_would == 0


def test_a_step_is_taken_once_though_people_lower_the_priority_again(build: Build, clock: FakeClock) -> None:
    house = build(policy("4h"))
    at(clock, house, minutes=130)
    house.verb("boss", "priority 1 P3")
    at(clock, house, minutes=150)
    house.verb("boss", "priority 1 P4")
    assert tried(house, policy("2h", steps=RAISING)).raises_would == 1


def test_what_people_decided_stands_with_what_the_policy_promises_for_it(build: Build, clock: FakeClock) -> None:
    """boss makes it P2 at 10:10 and hands it to the hotline at 10:20; answered at 11:00, in an hour."""
    house = build(policy("2h"))
    at(clock, house, minutes=10)
    house.verb("boss", "priority 1 P2")
    at(clock, house, minutes=20)
    house.verb("boss", "transfer 1 hotline")
    at(clock, house, minutes=60)
    house.verb("boss", "reply 1 您好")
    long_for_p2 = policy("5m", policies=[_first("2h" if n == 2 else "5m", queue, n) for queue, n in PAIRS])
    found = tried(house, long_for_p2)
    assert found.metrics["first_response"].would == Share(0, 1), "5 minutes as P3, until 10:10"
    found = tried(
        house, policy(policies=[_first("2h" if queue != "hotline" else "30m", queue, n) for queue, n in PAIRS])
    )
    assert found.metrics["first_response"].would == Share(0, 1), "30 minutes in the hotline's queue"
    way = {("customer_service", 3), ("customer_service", 2), ("hotline", 2)}
    found = tried(house, policy(policies=[_first("2h" if pair in way else "5m", *pair) for pair in PAIRS]))
    assert found.priorities == {"P2": {"first_response": Pair(was=Share(0, 1), would=Share(1, 1))}}


def test_targets_applied_anew_are_left_out(build: Build, clock: FakeClock) -> None:
    house = build(policy("2h"))
    at(clock, house, minutes=10)
    house.store.write_now(reapply.apply, policy("20m", version=4), clock())
    at(clock, house, minutes=60)
    house.verb("li", "reply 1 您好")
    found = tried(house, policy("2h"))
    assert found.metrics["first_response"] == Pair(was=Share(0, 1), would=Share(1, 1))
    assert found.seen == (3, 4)


def test_an_override_holds_for_the_category_of_that_time(build: Build, clock: FakeClock) -> None:
    house = build(policy("2h"))
    at(clock, house, minutes=90)
    house.verb("li", "reply 1 您好")
    found = tried(house, policy("2h", overrides=[{"category": "verification.face", "first_response": "1h"}]))
    assert found.metrics["first_response"].would == Share(0, 1)
    found = tried(house, policy("2h", overrides=[{"category": "report.dispute", "first_response": "1h"}]))
    assert found.metrics["first_response"].would == Share(1, 1)


def test_a_period_without_promises_says_so(build: Build, clock: FakeClock) -> None:
    house = build(policy("2h"))
    found = tried(house, policy("1h"), Period(NOW - timedelta(days=2), NOW - timedelta(days=1)))
    assert (found.tickets, found.metrics, found.newly_broken, found.seen) == (0, {}, (), ())
    assert "没有可比的" in text(found, house.office, "x.yaml", "zh")


def test_only_one_queue_and_nothing_is_written(build: Build, clock: FakeClock) -> None:
    house = build(policy("2h"))
    at(clock, house, hours=3)
    before = [(e.type, e.at) for e in house.events()], house.ticket().next_due_at
    assert tried(house, policy("1h", steps=RAISING), queue="hotline").tickets == 0
    assert tried(house, policy("1h", steps=RAISING), queue="customer_service").tickets == 1
    assert ([(e.type, e.at) for e in house.events()], house.ticket().next_due_at) == before


def test_beyond_twenty_the_rest_is_counted(build: Build, clock: FakeClock) -> None:
    house = build(policy("2h"))
    at(clock, house, minutes=90)
    house.verb("li", "reply 1 您好")
    found = tried(house, policy("1h"))
    many = Replay(**{**vars(found), "newly_broken": found.newly_broken * 23})
    words = text(many, house.office, "x.yaml", "zh")
    assert words.count("#1 P3") == 20
    assert "还有 3 个，见 --json" in words
