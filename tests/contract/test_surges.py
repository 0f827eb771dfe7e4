"""Many people at once become one incident, and supervisors hear of it once: whatever process ticks, however often."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.conftest import FakeClock
from tests.reporting import crowd, found, opened, ruled, tale, tick, ticking, told
from tests.storing import let_leases_lapse
from tests.unit.house import FACE, MISSING, House
from triagebot.desk.incident import surging
from triagebot.detect.detector import Detector
from triagebot.errors import DeskError, StoreUnavailable
from triagebot.store.tables import Outbox


def test_many_people_at_once_are_one_incident_and_one_notice(watched: House, clock: FakeClock) -> None:
    loop = ticking(watched)
    tick(loop)
    crowd(watched, range(100, 112))
    tick(loop, 3)
    (incident,) = found(watched)
    assert (incident.category, incident.platform, incident.state) == (FACE, "wechat", "open")
    assert (incident.title, incident.opened_by) == (f"wechat：标题 {FACE}", "system")
    assert incident.since is not None
    assert clock() - incident.since <= timedelta(minutes=10)
    assert told(watched) == told(watched, "root") == [
        f"📣 事件 1：wechat：标题 {FACE}\n大约从今天 10:00 开始，已有 12 人遇到，平常同样长的时间里约 0 到 1 人。\n"
        "谁来处理，请按一下，别人就不再被叫。"
    ]  # fmt: skip
    assert told(watched, "li") == []
    (row,) = [row for row in watched.rows(Outbox) if row.chat == "boss" and "事件" in row.payload["text"]]
    assert [action for line in row.payload["buttons"] for _, action in line] == ["incident_ack:1", "incident:1"]
    assert tale(watched) == ["opened"]
    assert {watched.ticket(number).incident_id for number in range(1, 13)} == {1}


def test_one_angry_person_is_none(watched: House, clock: FakeClock) -> None:
    loop = ticking(watched)
    tick(loop)
    for _ in range(30):
        opened(watched, 100)
        clock.advance(seconds=20)
    tick(loop)
    assert found(watched) == []


def test_what_is_off_is_none(house: House) -> None:
    house.office = ruled(sensitivity=[{"category": FACE, "level": "off"}])
    loop = ticking(house)
    tick(loop)
    crowd(house, range(100, 140))
    tick(loop)
    assert found(house) == []


def test_those_who_come_later_are_taken_in(watched: House, clock: FakeClock) -> None:
    loop = ticking(watched)
    tick(loop)
    crowd(watched, range(100, 112))
    tick(loop)
    clock.advance(minutes=3)
    late, elsewhere = opened(watched, 200), opened(watched, 201, platform="alipay")
    danger = opened(watched, 202, priority="P1")
    tick(loop)
    assert [watched.ticket(number).incident_id for number in (late, elsewhere, danger)] == [1, None, None]
    watched.verb("boss", f"detach {late}")
    tick(loop)
    assert watched.ticket(late).incident_id is None


def test_a_silence_that_is_ended_by_hand_is_over(watched: House) -> None:
    loop = ticking(watched)
    tick(loop)
    watched.verb("boss", f"silence {FACE}@wechat 2h 微信维护")
    assert "微信维护" in watched.verb("boss", "silences")
    crowd(watched, range(100, 112))
    tick(loop, 2)
    assert found(watched) == []
    watched.verb("boss", "unsilence 1")
    assert "没有正在生效的静音" in watched.verb("boss", "silences")
    with pytest.raises(DeskError):
        watched.verb("boss", "unsilence 1")
    tick(loop)
    assert [i.category for i in found(watched)] == [FACE]


def test_who_ends_it_too_early_hears_of_it_again(watched: House, clock: FakeClock) -> None:
    loop = ticking(watched)
    tick(loop)
    crowd(watched, range(100, 112))
    tick(loop)
    watched.verb("boss", "incident_resolve 1")
    tick(loop, 2)
    clock.advance(minutes=2)
    crowd(watched, range(112, 116))
    tick(loop)
    assert tale(watched) == ["opened", "resolved"], "some are late"
    clock.advance(minutes=5)
    crowd(watched, range(200, 212))
    tick(loop, 2)
    assert tale(watched) == ["opened", "resolved", "reopened"]
    assert len(found(watched)) == 1
    assert "又出现了" in told(watched)[-1]


def test_a_process_that_takes_over_goes_on_where_the_other_one_was(watched: House, clock: FakeClock) -> None:
    first, second = ticking(watched, "one"), ticking(watched, "two")
    tick(first)
    crowd(watched, range(100, 104))
    tick(first)
    assert found(watched) == []
    let_leases_lapse(watched.store)
    crowd(watched, range(104, 112))
    tick(second)
    assert len(found(watched)) == 1
    let_leases_lapse(watched.store)
    tick(first, 2)
    tick(second)
    assert (len(found(watched)), len(told(watched)), tale(watched)) == (1, 1, ["opened"])


def test_an_outage_while_it_is_written_neither_loses_nor_doubles_it(
    watched: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = ticking(watched)
    tick(loop)
    inner, failed = watched.store.write, []

    async def write(fn: Callable[..., Any], *args: Any, **more: Any) -> Any:
        done = await inner(fn, *args, **more)
        if fn.__name__ == "_settle" and not failed:
            failed.append(done)
            raise StoreUnavailable("the answer was lost")
        return done

    monkeypatch.setattr(watched.store, "write", write)
    crowd(watched, range(100, 112))
    tick(loop, 3)
    assert failed
    assert (len(found(watched)), len(told(watched)), tale(watched)) == (1, 1, ["opened"])


def test_what_cannot_be_remembered_is_found_anew(watched: House, monkeypatch: pytest.MonkeyPatch) -> None:
    first = ticking(watched)
    tick(first)
    crowd(watched, range(100, 112))
    tick(first)

    def broken(self: Detector, key: str, values: Any) -> None:
        raise ValueError("written by a later version")

    monkeypatch.setattr(Detector, "remember", broken)
    let_leases_lapse(watched.store)
    tick(ticking(watched, "two"), 2)
    assert (len(found(watched)), len(told(watched)), tale(watched)) == (1, 1, ["opened", "surged"])


def test_a_log_that_was_there_before_teaches_and_alarms_nobody(watched: House, clock: FakeClock) -> None:
    crowd(watched, range(100, 112))
    clock.advance(hours=5)
    opened(watched, 300, MISSING)
    tick(ticking(watched))
    assert found(watched) == []
    assert watched.store.read_now(surging.load).event == watched.events(13)[0].id
