"""Many people at once become one incident, and supervisors hear of it once: whatever process ticks, however often."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.conftest import FakeClock
from tests.reporting import opened
from tests.unit.house import FACE, House, office
from triagebot.desk.incident import story
from triagebot.desk.office import Office
from triagebot.flow.surges import Surges
from triagebot.flow.tick import Tick
from triagebot.rulebook.incident_rules import IncidentRules
from triagebot.store.incident_tables import Incident
from triagebot.store.tables import Outbox


def ruled(**rules: Any) -> Office:
    """The small house under other keys of rules/incidents.yaml."""
    changed = IncidentRules.model_validate(rules)
    return replace(office(), book=office().book.model_copy(update={"incidents": changed}))


@pytest.fixture
def desk(house: House) -> House:
    house.agent("boss", role="supervisor")
    house.agent("root", role="admin")
    house.agent("li")
    return house


def ticking(house: House, name: str = "one") -> Tick:
    surges = Surges(house.store, house.office)
    return Tick(house.store, house.office, name, house.clock, 5.0, timedelta(days=180), surges=surges)


def tick(loop: Tick, times: int = 1) -> None:
    for _ in range(times):
        asyncio.run(loop.once())


def crowd(house: House, people: Sequence[int], category: str = FACE, platform: str = "wechat", **more: Any) -> None:
    for person in people:
        opened(house, person, category, platform, **more)


def found(house: House) -> list[Incident]:
    return house.rows(Incident)


def told(house: House, who: str = "boss") -> list[str]:
    """What was said to ``who`` about incidents."""
    return [text for text in house.told(who) if "事件" in text]


def tale(house: House, number: int = 1) -> list[str]:
    return [event.type for event in house.store.read_now(story.timeline, number) if event.type != "taken_in"]


def test_many_people_at_once_are_one_incident_and_one_notice(desk: House, clock: FakeClock) -> None:
    loop = ticking(desk)
    tick(loop)
    crowd(desk, range(100, 112))
    tick(loop, 3)
    (incident,) = found(desk)
    assert (incident.category, incident.platform, incident.state) == (FACE, "wechat", "open")
    assert (incident.title, incident.opened_by) == (f"wechat：标题 {FACE}", "system")
    assert incident.since is not None
    assert clock() - incident.since <= timedelta(minutes=10)
    assert told(desk) == told(desk, "root") == [
        f"📣 事件 1：wechat：标题 {FACE}\n大约从今天 10:00 开始，已有 12 人遇到，平常同样长的时间里约 0 到 1 人。\n"
        "谁来处理，请按一下，别人就不再被叫。"
    ]  # fmt: skip
    assert told(desk, "li") == []
    (row,) = [row for row in desk.rows(Outbox) if row.chat == "boss" and "事件" in row.payload["text"]]
    assert [action for line in row.payload["buttons"] for _, action in line] == ["incident_ack:1", "incident:1"]
    assert tale(desk) == ["opened"]
    assert {desk.ticket(number).incident_id for number in range(1, 13)} == {1}


def test_one_angry_person_is_none(desk: House, clock: FakeClock) -> None:
    loop = ticking(desk)
    tick(loop)
    for _ in range(30):
        opened(desk, 100)
        clock.advance(seconds=20)
    tick(loop)
    assert found(desk) == []


def test_what_is_off_is_none(house: House) -> None:
    house.office = ruled(sensitivity=[{"category": FACE, "level": "off"}])
    loop = ticking(house)
    tick(loop)
    crowd(house, range(100, 140))
    tick(loop)
    assert found(house) == []


def test_those_who_come_later_are_taken_in(desk: House, clock: FakeClock) -> None:
    loop = ticking(desk)
    tick(loop)
    crowd(desk, range(100, 112))
    tick(loop)
    clock.advance(minutes=3)
    late, elsewhere = opened(desk, 200), opened(desk, 201, platform="alipay")
    danger = opened(desk, 202, priority="P1")
    tick(loop)
    assert [desk.ticket(number).incident_id for number in (late, elsewhere, danger)] == [1, None, None]
    desk.verb("boss", f"detach {late}")
    tick(loop)
    assert desk.ticket(late).incident_id is None
