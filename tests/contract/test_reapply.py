"""Tickets keep what they were promised until the present rules are applied to them, after a look at what would change."""

from __future__ import annotations

import pytest

from tests.conftest import FakeClock
from tests.unit.house import House, office_with
from triagebot.desk import promises, reapply
from triagebot.store.store import Store

ROWS = [{"queue": queue, "priority": f"P{n}", "first_response": "1h", "resolution": "8h"}
        for queue in ("customer_service", "hotline", "security") for n in (1, 2, 3, 4)]  # fmt: skip
NEW = office_with(version=4, policies=ROWS)


@pytest.fixture
def house(store: Store, clock: FakeClock) -> House:
    """Tickets 1 and 2 wait in customer service (2 h), 3 in the hotline queue (2 h of its office hours), since 10:00."""
    house = House(store, clock)
    house.agent("li", queues=["customer_service"])
    house.agent("boss", role="supervisor")
    for n, words in enumerate(("刷脸不过", "刷脸不过", "我要异议"), start=1):
        house.hear(words, chat=str(n))
        house.press(f"human:{n}", chat=str(n))
    clock.advance(minutes=10)
    return house


def test_a_look_shows_old_and_new_and_changes_nothing(house: House, clock: FakeClock) -> None:
    before = [(t.sla, t.next_due_at) for t in (house.ticket(1), house.ticket(3))]
    changes, last = house.store.read_now(reapply.look, NEW, clock())
    assert [c.ticket for c in changes] == [1, 2, 3]
    assert last == 3
    first = changes[0].to_json()
    assert (first["old_version"], first["new_version"], first["queue"]) == (3, 4, "customer_service")
    assert first["clocks"] == [
        {
            "metric": "first_response",
            "old_due_at": "2026-11-23T04:00:00+00:00",
            "new_due_at": "2026-11-23T03:00:00+00:00",
        },
        {"metric": "resolution", "old_due_at": None, "new_due_at": "2026-11-23T10:00:00+00:00"},
    ]
    assert [(t.sla, t.next_due_at) for t in (house.ticket(1), house.ticket(3))] == before


def test_applying_measures_anew_and_is_done_once(house: House, clock: FakeClock) -> None:
    seen = house.store.read_now(reapply.look, NEW, clock())[0]
    done = house.store.write_now(reapply.apply, NEW, clock())[0]
    assert done == seen
    assert house.ticket(1).sla["version"] == 4
    (event,) = [e for e in house.events(1) if e.type == "policy_changed"]
    assert (event.actor, event.data["was"], event.data["promise"]["policy"]["first_response"]) == ("system", 3, "1h")
    assert house.store.write_now(reapply.apply, NEW, clock()) == ([], 3)
    clock.advance(minutes=51)
    house.store.write_now(promises.sweep, NEW, clock())
    assert any(text.startswith("🚨 #1") for text in house.told("boss"))


def test_only_one_queue_and_only_open_tickets(house: House, clock: FakeClock) -> None:
    house.verb("li", "resolve 2")
    changes, _ = house.store.write_now(reapply.apply, NEW, clock(), "customer_service")
    assert [c.ticket for c in changes] == [1]
    assert house.ticket(3).sla["version"] == 3


def test_batches_go_on_where_the_last_one_ended(house: House, clock: FakeClock) -> None:
    found, after = [], 0
    while after is not None:
        changes, after = house.store.write_now(reapply.apply, NEW, clock(), "", after, 2)
        found += [c.ticket for c in changes]
    assert found == [1, 2, 3]


def test_what_the_person_was_told_is_no_difference(house: House, clock: FakeClock) -> None:
    clock.advance(minutes=100)
    house.store.write_now(promises.sweep, house.office, clock())
    assert "told" in house.ticket(1).sla
    assert house.store.read_now(reapply.look, house.office, clock())[0] == []
