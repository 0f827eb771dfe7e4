"""``sla explain``: what counted and what did not, in words of both languages and as data."""

from __future__ import annotations

import json

import pytest

from tests.conftest import FakeClock
from tests.unit.house import House, office, office_with
from triagebot.desk import reapply, tickets
from triagebot.desk.explain import explain, explained
from triagebot.errors import DeskError
from triagebot.store.store import Store


@pytest.fixture
def house(store: Store, clock: FakeClock) -> House:
    """Ticket 1 waits in customer service since 10:00 in Shanghai and is to be answered by 12:00."""
    house = House(store, clock)
    house.agent("li", queues=["customer_service"])
    house.hear("刷脸不过")
    house.press("human:1")
    return house


def _happens(house: House, clock: FakeClock, kind: str) -> None:
    def run(session: object) -> None:
        ticket = tickets.get(session, 1)  # type: ignore[arg-type]
        tickets.record(session, office(), ticket, kind, "agent:1", clock(), {})  # type: ignore[arg-type]

    house.store.write_now(run)


def test_each_clock_tells_what_counted_what_did_not_and_why(house: House, clock: FakeClock) -> None:
    clock.advance(minutes=30)
    _happens(house, clock, "pending_user")
    clock.advance(minutes=20)
    _happens(house, clock, "resumed")
    clock.advance(minutes=10)
    house.verb("li", "reply 1 您好")
    house.hear("还是不行")
    clock.advance(minutes=1, seconds=5)
    told = house.store.read_now(explain, office(), 1, "zh", clock()).splitlines()
    assert told[0] == "工单 #1 P3 客服，日历 24x7，时限版本 3"
    assert told[1:6] == [
        "首次回复：按时完成，目标 2 小时，已用 0:40:00，到期 2026-11-23 12:20:00",
        "  2026-11-23 10:00:00 → 2026-11-23 10:30:00 计时 0:30:00（转人工）",
        "  2026-11-23 10:30:00 → 2026-11-23 10:50:00 不计时（等用户）",
        "  2026-11-23 10:50:00 → 2026-11-23 11:00:00 计时 0:10:00（继续）",
        "  2026-11-23 11:00:00 完成（回复）",
    ]
    assert told[6].startswith("后续回复：在走，")
    assert told[7:] == ["  2026-11-23 11:00:00 → 现在 计时 0:01:05（说）"]
    assert "not counted (waiting" in house.store.read_now(explain, office(), 1, "en", clock())


def test_as_data_it_is_what_simulate_prints(house: House, clock: FakeClock) -> None:
    clock.advance(hours=5)
    found = house.store.read_now(explained, office(), 1, clock())
    assert json.loads(json.dumps(found))["ticket"] == 1
    first = found["clocks"][0]
    assert (first["metric"], first["state"], first["elapsed_s"]) == ("first_response", "breached", 5 * 3600)
    assert first["segments"][0]["why"] == "escalated"


def test_a_late_clock_that_was_cancelled_says_both(house: House, clock: FakeClock) -> None:
    clock.advance(hours=5)
    house.verb("li", "resolve 1")
    told = house.store.read_now(explain, office(), 1, "zh", clock())
    assert "  2026-11-23 15:00:00 取消（解决）\n  超时：2026-11-23 12:00:00" in told


def test_a_ticket_that_the_bot_still_has_and_one_that_does_not_exist(store: Store, clock: FakeClock) -> None:
    house = House(store, clock)
    house.hear("刷脸不过")
    assert "没有时钟" in house.store.read_now(explain, office(), 1, "zh", clock())
    with pytest.raises(DeskError):
        house.store.read_now(explain, office(), 99, "zh", clock())


def test_a_policy_that_was_applied_anew_is_no_change_of_priority(house: House, clock: FakeClock) -> None:
    """Here it ends the first response, which it does not promise any more."""
    rows = [{"queue": "customer_service", "priority": "P3", "resolution": "8h"}]
    clock.advance(minutes=30)
    house.store.write_now(reapply.apply, office_with(version=4, policies=rows), clock())
    told = house.store.read_now(explain, office(), 1, "zh", clock())
    assert "  2026-11-23 10:30:00 取消（改用新的时限）" in told
    assert "改优先级" not in told
    assert "applied the present targets" in house.store.read_now(explain, office(), 1, "en", clock())
    first = house.store.read_now(explained, office(), 1, clock())["clocks"][0]
    assert first["ended_by"] == "policy_changed"
