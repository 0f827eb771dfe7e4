"""What happens by itself as a promise runs out: raised, handed on, repeated, told to the person, quiet in the night."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.conftest import FakeClock
from tests.unit.house import House, office_with
from triagebot.desk import promises
from triagebot.errors import DeliveryError
from triagebot.flow.bell import Bell
from triagebot.flow.deliver import Deliver
from triagebot.store.store import Store
from triagebot.store.tables import Notice, Outbox, Ticket

Build = Callable[..., House]
TARGETS = [
    {"queue": "customer_service", "priority": f"P{n}", "first_response": first, "next_response": "4h", "resolution": solve}
    for n, first, solve in ((1, "15m", "1h"), (2, "1h", "90m"), (3, "2h", "3h"), (4, "4h", "1d"))
]  # fmt: skip
QUIET_TARGETS = [{**row, "first_response": "2h", "resolution": 0} for row in TARGETS]


@pytest.fixture
def build(store: Store, clock: FakeClock) -> Build:
    """Ticket 1 waits in customer service (P3: answer in 2 h, solved in 3 h); li and zhao work there, boss supervises."""

    def make(people: str = "li zhao", **sla: Any) -> House:
        house = House(store, clock, office_with(**{"policies": TARGETS, "warn_at": [], "tell_user_at": 0, **sla}))
        for name in people.split():
            house.agent(name, queues=["customer_service"])
        house.agent("boss", role="supervisor", queues=["security"])
        house.hear("刷脸不过")
        house.press("human:1")
        return house

    return make


def sweep(house: House, times: int = 3) -> list[tuple[str, str]]:
    """Who is told what by sweeping now, over and over; cards are left out."""
    people = ("li", "zhao", "boss", "7")
    before = {name: len(house.told(name)) for name in people}
    for _ in range(times):
        house.store.write_now(promises.sweep, house.office, house.clock())
    return [(name, text) for name in people for text in house.told(name)[before[name] :] if text[0] not in "🔴🟠🟡⚪"]


def steps(house: House, metric: str = "first_response") -> list[str]:
    return [n.step for n in house.rows(Notice) if n.clock.startswith(metric)]


def by_system(house: House, type: str) -> list[dict[str, Any]]:
    return [e.data for e in house.events() if e.type == type and e.actor == "system"]


def test_a_breach_raises_the_priority_by_one_level_and_only_once(build: Build, clock: FakeClock) -> None:
    house = build(steps=[{"at": 1.0, "do": ["notify_supervisor", "raise_priority"]}])
    clock.advance(hours=2, seconds=1)
    told = sweep(house)
    assert [who for who, _ in told] == ["boss"]
    assert "P2" in told[0][1]
    (raised,) = by_system(house, "priority_changed")
    assert (raised["priority"], raised["was"], raised["promise"]["policy"]["first_response"]) == ("P2", "P3", "1h")
    assert house.ticket().priority == "P2"
    assert house.ticket().sla["policy"]["resolution"] == "90m"
    # Under P2 it should have been solved after 90 minutes: that breach is dated at the raise and raises nothing further.
    assert steps(house, "resolution") == ["breach"]
    clock.advance(days=3)
    sweep(house)
    assert house.ticket().priority == "P2"


def test_a_raise_before_the_breach_does_not_climb_up_by_itself(build: Build, clock: FakeClock) -> None:
    """At 96 minutes of 2 hours the ticket becomes P2, whose hour is over: broken at that moment, by nobody's fault."""
    rows = [{**row, "resolution": 0} for row in TARGETS]
    house = build(policies=rows, steps=[{"at": 0.8, "do": ["raise_priority"]},
                                        {"at": 1.0, "do": ["notify_supervisor", "raise_priority"]}])  # fmt: skip
    clock.advance(minutes=96)
    assert [who for who, _ in sweep(house)] == ["boss"]
    clock.advance(hours=9)
    sweep(house)
    assert (house.ticket().priority, steps(house)) == ("P2", ["0.8", "breach"])


def test_what_a_change_of_priority_breaks_is_told_at_once_and_dated_there(build: Build, clock: FakeClock) -> None:
    """Moments before the change did not exist: nobody was half as late again."""
    table = [{"at": 1.0, "do": ["notify_supervisor"]}, {"at": 1.5, "do": ["reassign"], "metrics": ["first_response"]},
             {"at": 2.0, "do": ["notify_supervisor"], "metrics": ["first_response"]}]  # fmt: skip
    house = build(steps=table)
    house.verb("li", "take 1")
    clock.advance(minutes=100)
    assert sweep(house) == []
    house.verb("boss", "priority 1 P2")
    assert "🚨" in dict(sweep(house))["boss"]
    assert steps(house) == ["breach"]
    clock.advance(minutes=20)
    assert dict(sweep(house))["boss"].startswith("❗")
    assert (steps(house), by_system(house, "reassigned")) == (["breach", "2.0"], [])


def test_nothing_goes_beyond_p1(build: Build, clock: FakeClock) -> None:
    house = build(steps=[{"at": 1.0, "do": ["raise_priority"]}])
    house.verb("boss", "priority 1 P1")
    clock.advance(hours=1)
    sweep(house)
    assert by_system(house, "priority_changed") == []
    assert house.ticket().priority == "P1"
    assert steps(house) == ["breach"]


def test_a_late_ticket_goes_to_the_least_busy_other_agent(build: Build, clock: FakeClock) -> None:
    house = build("li zhao sun", steps=[{"at": 1.5, "do": ["reassign"]}])
    for chat, name in (("8", "zhao"), ("9", "sun"), ("10", "sun")):
        house.hear("刷脸不过", chat=chat)
        number = house.rows(Ticket)[-1].id
        house.press(f"human:{number}", chat=chat)
        house.verb(name, f"take {number}")
        house.verb(name, f"reply {number} 好")
    house.verb("li", "take 1")
    clock.advance(hours=3, seconds=5)
    told = dict(sweep(house))
    (moved,) = by_system(house, "reassigned")
    assert (moved["to"], house.ticket().status) == ("zhao", "assigned")
    assert told["li"].startswith("🔁 #1")
    assert "zhao" in told["li"]
    assert told["zhao"].startswith("🔁 #1")
    assert any("#1" in text for text in house.told("zhao")[-2:])
    assert "改派给：zhao" in house.verb("boss", "show 1")
    assert house.verb("zhao", "reply 1 我来")


def test_nobody_else_to_take_it_is_told_to_the_supervisor(build: Build, clock: FakeClock) -> None:
    house = build("li", steps=[{"at": 1.5, "do": ["reassign"]}])
    house.verb("li", "take 1")
    clock.advance(hours=3, seconds=5)
    told = dict(sweep(house))
    assert "没有别的同事" in told["boss"]
    assert by_system(house, "reassigned") == []


def test_after_a_long_stop_nobody_loses_a_ticket(build: Build, clock: FakeClock) -> None:
    """The holder could not answer either while the desk stood still."""
    house = build(steps=[{"at": 1.0, "do": ["notify_supervisor"]}, {"at": 1.5, "do": ["reassign"]}])
    house.verb("li", "take 1")
    clock.advance(hours=6)
    assert sorted(who for who, _ in sweep(house)) == ["boss", "li"]
    assert by_system(house, "reassigned") == []
    assert "breach" in steps(house)


def test_a_ticket_that_waits_for_its_person_stays_with_its_agent(build: Build, clock: FakeClock) -> None:
    house = build(steps=[{"at": 1.5, "do": ["reassign"], "metrics": ["first_response"]}])
    house.verb("li", "take 1")
    house.verb("li", "reply 1 好")
    clock.advance(days=1)
    sweep(house)
    assert by_system(house, "reassigned") == []


def test_repeats_have_names_of_their_own_and_an_end(build: Build, clock: FakeClock) -> None:
    house = build(steps=[{"at": 2.0, "every": 0.5, "times": 3, "do": ["notify_supervisor"]}])
    heard = []
    for _ in range(20):
        clock.advance(minutes=30)
        heard += [text[0] for who, text in sweep(house) if who == "boss" and "首次" in text]
    assert steps(house) == ["breach", "2.0", "2.5", "3.0"]
    assert heard == ["❗"] * 3


def test_steps_end_with_the_answer(build: Build, clock: FakeClock) -> None:
    house = build(steps=[{"at": 2.0, "every": 0.5, "do": ["notify_supervisor"]}])
    clock.advance(hours=4, seconds=1)
    assert sweep(house)
    house.verb("li", "reply 1 久等了")
    clock.advance(hours=5)
    sweep(house)
    assert steps(house) == ["breach", "2.0"]


def test_an_answer_seconds_after_the_due_moment_hides_no_breach(build: Build, clock: FakeClock) -> None:
    house = build(steps=[{"at": 1.0, "do": ["notify_supervisor"]}])
    clock.advance(hours=2, seconds=2)
    house.verb("li", "reply 1 久等了")
    assert [text[0] for who, text in sweep(house) if who == "boss"] == ["🚨"]


def test_a_queue_without_supervisor_hears_why_it_is_told(store: Store, clock: FakeClock) -> None:
    house = House(store, clock, office_with(warn_at=[], tell_user_at=0))
    house.agent("li", queues=["customer_service"])
    house.hear("刷脸不过")
    house.press("human:1")
    clock.advance(hours=3)
    ((who, text),) = sweep(house)
    assert who == "li"
    assert "没有联系得上的主管" in text


# -- the person ---------------------------------------------------------------------------------------------------------


def test_the_person_is_told_once_before_the_promise_breaks_with_a_new_time(build: Build, clock: FakeClock) -> None:
    house = build(tell_user_at=0.9, steps=[])
    clock.advance(minutes=107)
    assert sweep(house) == []
    clock.advance(minutes=1)
    ((who, text),) = sweep(house)
    assert who == "7"
    assert "今天 12:00" in text
    assert "今天 14:00" in text
    house.hear("/status")
    assert "今天 14:00" in house.told()[-1]
    (warned,) = by_system(house, "user_warned")
    assert warned["told_at"] == "2026-11-23T06:00:00+00:00"
    clock.advance(hours=9)
    assert [w for w, _ in sweep(house) if w == "7"] == []
    house.hear("/status")
    assert "14:00" not in house.told()[-1]


def test_what_the_person_was_told_outlives_a_change_of_priority(build: Build, clock: FakeClock) -> None:
    house = build(tell_user_at=0.9, steps=[])
    clock.advance(minutes=108)
    sweep(house)
    house.verb("li", "priority 1 P4")
    assert house.ticket().sla["told"]["at"] == "2026-11-23T06:00:00+00:00"


def test_a_promise_that_broke_unseen_is_owned_up_to(build: Build, clock: FakeClock) -> None:
    house = build(tell_user_at=0.9, steps=[])
    clock.advance(hours=6)
    text = dict(sweep(house))["7"]
    assert "没能在今天 12:00 前" in text
    assert "今天 18:00" in text


class Blocked:
    """A network on which the person has blocked the bot."""

    async def send(self, *args: Any) -> Any:
        raise DeliveryError("the person blocked the bot or left", permanent=True)


@pytest.mark.parametrize("came_back", [False, True])
def test_a_person_who_blocked_the_bot_is_not_told_until_they_write_again(
    build: Build, clock: FakeClock, came_back: bool
) -> None:
    house = build(tell_user_at=0.9, steps=[])
    deliver = Deliver(house.store, house.office, {"telegram": Blocked()}, {("telegram", "1")}, clock, Bell())  # type: ignore[dict-item]
    while any(row.state == "pending" for row in house.rows(Outbox) if row.chat == "7"):
        asyncio.run(deliver.once())
    assert house.types()[-1] == "undelivered"
    if came_back:
        house.hear("有人吗")
    clock.advance(minutes=109)
    assert [who for who, _ in sweep(house)] == (["7"] if came_back else [])
    assert len(by_system(house, "user_warned")) == came_back


def test_a_second_answer_is_promised_without_a_time_that_was_never_said(build: Build, clock: FakeClock) -> None:
    house = build(tell_user_at=0.9, steps=[])
    house.verb("li", "reply 1 请稍等")
    house.hear("好的，我等着")
    clock.advance(hours=3, minutes=37)
    text = dict(sweep(house))["7"]
    assert "14:00" not in text
    assert "18:00" in text


# -- quiet hours --------------------------------------------------------------------------------------------------------

NIGHT = {"quiet_hours": "22:00-08:00", "policies": QUIET_TARGETS, "steps": [{"at": 1.0, "do": ["notify_supervisor"]}]}


def test_what_breaks_in_the_night_is_told_in_the_morning_in_one_message(build: Build, clock: FakeClock) -> None:
    clock.advance(hours=11)  # 21:00 in Shanghai
    house = build(**{**NIGHT, "warn_at": [0.5, 0.8], "tell_user_at": 0.9})
    clock.advance(minutes=59)
    assert sweep(house) == []
    for _ in range(20):
        clock.advance(minutes=30)
        assert sweep(house) == []
    clock.advance(seconds=59)
    assert sweep(house) == []
    clock.advance(seconds=1)
    told = sweep(house)
    assert [(who, text[0]) for who, text in told if who != "7"] == [("boss", "🚨")]
    assert [text[:3] for who, text in told if who == "7"] == ["对不起"]
    assert steps(house) == ["0.5", "0.8", "user", "breach"]
    assert len(by_system(house, "sla_breached")) == 1


def test_what_was_settled_in_the_night_is_not_told(build: Build, clock: FakeClock) -> None:
    clock.advance(hours=11)
    house = build(**NIGHT)
    clock.advance(hours=3)
    assert sweep(house) == []
    house.verb("li", "reply 1 夜班也在")
    clock.advance(hours=9)
    assert sweep(house) == []
    assert steps(house) == ["breach"]


def test_p1_never_waits(build: Build, clock: FakeClock) -> None:
    clock.advance(hours=13)  # 23:00
    house = build(**NIGHT)
    house.verb("boss", "priority 1 P1")
    clock.advance(hours=2, seconds=1)
    assert [who for who, _ in sweep(house)] == ["boss"]


def test_nobody_is_given_a_ticket_in_the_night(build: Build, clock: FakeClock) -> None:
    clock.advance(hours=11)
    house = build(**{**NIGHT, "steps": [{"at": 1.5, "do": ["reassign"]}]})
    house.verb("li", "take 1")
    clock.advance(hours=4)
    assert sweep(house) == []
    assert house.ticket().next_due_at == clock() + timedelta(hours=7)
    clock.advance(hours=7)
    assert sorted(who for who, _ in sweep(house)) == ["li", "zhao"]


def test_words_for_the_morning_hold_up_nothing_else(build: Build, clock: FakeClock) -> None:
    clock.advance(hours=11)
    house = build(**{**NIGHT, "tell_user_at": 0.9})
    clock.advance(hours=3)
    sweep(house)
    house.deliver()
    house.hear("/status")
    house.deliver()
    assert {row.state for row in house.rows(Outbox)} == {"sent"}
