"""What becomes of surges: one incident each, parts of a wider one, silences, the end and what comes after it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.conftest import FakeClock
from tests.reporting import found, opened, ruled, tale, tick, ticking, told
from tests.unit.house import DISPUTE, FACE, MISSING, SCAM, House
from triagebot.desk.incident import raising
from triagebot.detect.series import Calm, Series, Surge
from triagebot.store.tables import Outbox


def surge(house: House, category: str = FACE, platform: str = "wechat", signature: str = "", people: int = 12) -> Surge:
    at = house.clock().timestamp()
    return Surge(Series(category, platform, signature), at, at - 300, people, 0.4)


def settle(house: House, *seen: Surge | Calm) -> int:
    """Returns of how many surges nobody was told."""
    return len(house.store.write_now(raising.settle, house.office, seen, 0, {}, house.clock()).untold)


def calm(house: House, category: str = FACE, platform: str = "wechat") -> Calm:
    return Calm(Series(category, platform), house.clock().timestamp(), house.clock().timestamp())


def test_the_same_surge_again_is_nothing_new(watched: House) -> None:
    seen = surge(watched)
    settle(watched, seen)
    settle(watched, seen)
    settle(watched)
    assert (len(found(watched)), len(told(watched)), tale(watched)) == (1, 1, ["opened"])


def test_those_who_name_no_platform_and_those_with_one_wording_are_no_second_incident(watched: House) -> None:
    settle(watched, surge(watched, signature=f"{FACE}:1003"), surge(watched), surge(watched, platform=""))
    (incident,) = found(watched)
    assert (incident.platform, incident.signature) == ("wechat", "")
    assert (len(told(watched)), tale(watched)) == (1, ["opened", "surged", "surged"])


def test_a_wording_alone_is_an_incident_until_everybody_has_it(watched: House) -> None:
    with_it, without = opened(watched, 100, verdict={"evidence": {"rules": [f"{FACE}:1003"]}}), opened(watched, 101)
    settle(watched, surge(watched, signature=f"{FACE}:1003"))
    tick(ticking(watched))
    assert found(watched)[0].title == f"wechat：标题 {FACE}（1003）"
    assert [watched.ticket(number).incident_id for number in (with_it, without)] == [1, None]
    settle(watched, surge(watched))
    tick(ticking(watched))
    assert [watched.ticket(number).incident_id for number in (with_it, without)] == [1, 1]
    assert (found(watched)[0].title, found(watched)[0].signature) == (f"wechat：标题 {FACE}", "")
    assert len(told(watched)) == 1


def test_an_incident_that_a_supervisor_opened_is_gone_on_with(watched: House) -> None:
    watched.verb("boss", f"incident_open {FACE} 刷脸通道失败")
    settle(watched, surge(watched))
    assert len(found(watched)) == 1
    assert tale(watched) == ["opened", "surged"]
    assert told(watched) == []


def test_several_kinds_of_trouble_on_one_platform_are_one_incident(watched: House) -> None:
    watched.office = ruled()
    settle(watched, surge(watched))
    settle(watched, surge(watched, MISSING))
    assert len(told(watched)) == 2
    settle(watched, surge(watched, DISPUTE))
    wide = found(watched)[-1]
    assert (wide.id, wide.category, wide.platform, wide.title) == (3, "", "wechat", "wechat：好几类问题一起出现")
    assert [incident.covered_by for incident in found(watched)] == [3, 3, None]
    assert [incident.alert_at is None for incident in found(watched)] == [True, True, False]
    assert len(told(watched)) == 3
    assert (tale(watched, 1), tale(watched, 3)) == (["opened", "covered"], ["opened", "surged"])


def test_a_platform_that_goes_out_at_once_is_one_notice_and_more_of_it_only_a_line(house: House) -> None:
    house.office = ruled(platform_wide_from=2)
    house.agent("boss", role="supervisor")
    settle(house, surge(house), surge(house, MISSING), surge(house, FACE, "alipay"))
    assert [(i.category, i.platform) for i in found(house)] == [("", "wechat"), (FACE, "alipay")]
    settle(house, surge(house, DISPUTE))
    assert (len(found(house)), len(told(house))) == (2, 2)
    assert tale(house, 1) == ["opened", "surged", "surged", "surged"]


def test_danger_is_no_part_of_a_platform_that_is_out(house: House) -> None:
    house.office = ruled(platform_wide_from=2, sensitivity=[{"category": SCAM, "tell": False}])
    house.agent("boss", role="supervisor")
    number = opened(house, 100, SCAM)
    settle(house, surge(house), surge(house, MISSING), surge(house, SCAM))
    tick(ticking(house))
    assert [(i.category, i.platform) for i in found(house)] == [("", "wechat"), (SCAM, "wechat")]
    assert house.ticket(number).incident_id is None


def test_what_a_wide_incident_covers_ends_with_it(watched: House, clock: FakeClock) -> None:
    watched.office = ruled()
    tickets = [opened(watched, n, category) for n, category in ((100, FACE), (101, MISSING), (102, DISPUTE))]
    settle(watched, surge(watched))
    tick(ticking(watched))
    settle(watched, surge(watched, MISSING), surge(watched, DISPUTE))
    tick(ticking(watched))
    assert [watched.ticket(number).incident_id for number in tickets] == [1, 2, 2]
    watched.verb("boss", "incident_resolve 2 好了")
    assert [incident.state for incident in found(watched)] == ["resolved", "resolved"]
    tick(ticking(watched))
    assert [watched.ticket(number).status for number in tickets] == ["resolved"] * 3
    settle(watched)
    assert len(found(watched)) == 2, "nothing new has come since somebody ended it"


def test_a_surge_soon_after_the_end_is_the_same_incident(watched: House, clock: FakeClock) -> None:
    number = opened(watched, 100)
    settle(watched, surge(watched))
    tick(ticking(watched))
    watched.verb("boss", "incident_ack 1")
    watched.verb("boss", "incident_resolve 1")
    tick(ticking(watched))
    clock.advance(minutes=40)
    settle(watched, calm(watched))
    clock.advance(minutes=40)
    settle(watched, surge(watched))
    (incident,) = found(watched)
    assert (incident.state, incident.resolved_at, incident.acknowledged_at) == ("open", None, None)
    assert tale(watched) == ["opened", "acknowledged", "resolved", "reopened"]
    assert [text.split("：")[0] for text in told(watched)] == ["📣 事件 1", "📣 事件 1 又出现了"]
    tick(ticking(watched))
    assert watched.ticket(number).status == "resolved"
    watched.verb("boss", "incident_resolve 1")
    clock.advance(hours=3)
    settle(watched, calm(watched), surge(watched))
    assert [i.state for i in found(watched)] == ["resolved", "open"]


def test_calm_is_said_once_and_ends_nothing(watched: House, clock: FakeClock) -> None:
    settle(watched, surge(watched), surge(watched, platform=""))
    watched.verb("boss", "incident_ack 1")
    clock.advance(minutes=50)
    settle(watched, calm(watched))
    assert found(watched)[0].calm_at is None, "of those who name no platform there are still many"
    settle(watched, calm(watched, platform=""))
    settle(watched, calm(watched, platform=""))
    (incident,) = found(watched)
    assert (incident.state, incident.calm_at) == ("acknowledged", clock())
    (words,) = [text for text in told(watched) if "看起来恢复了" in text]
    assert words.startswith(f"🌤 事件 1 看起来恢复了：wechat：标题 {FACE}\n从今天 10:50 起，遇到的人和平常一样多。")
    assert "/incident_resolve 1" in words
    late = opened(watched, 300)
    tick(ticking(watched))
    assert watched.ticket(late).incident_id is None, "one more is no part of it"
    settle(watched, surge(watched))
    assert found(watched)[0].calm_at is None
    assert tale(watched) == ["opened", "surged", "acknowledged", "calmed", "surged"]


def test_a_platform_is_calm_when_all_of_it_is(watched: House) -> None:
    watched.office = ruled()
    settle(watched, surge(watched))
    settle(watched, surge(watched, MISSING), surge(watched, DISPUTE))
    settle(watched, calm(watched), calm(watched, MISSING))
    assert [incident.calm_at is None for incident in found(watched)] == [False, True]
    settle(watched, calm(watched, DISPUTE))
    assert found(watched)[1].calm_at is not None
    assert len([text for text in told(watched) if "看起来恢复了" in text]) == 1


def test_nobody_is_called_while_a_silence_lasts_and_at_its_end_who_must_be(watched: House, clock: FakeClock) -> None:
    assert "wechat：全部问题，到今天 12:00 为止" in watched.verb("boss", "silence wechat 2h 微信维护")
    assert settle(watched, surge(watched), surge(watched, MISSING), surge(watched, MISSING, "alipay")) == 2
    assert [(i.category, i.platform) for i in found(watched)] == [(MISSING, "alipay")]
    settle(watched, calm(watched, MISSING))
    clock.advance(hours=1)
    assert settle(watched) == 1
    clock.advance(hours=1)
    assert settle(watched) == 0
    assert [(i.category, i.platform) for i in found(watched)] == [(MISSING, "alipay"), (FACE, "wechat")]
    assert found(watched)[1].since == clock() - timedelta(hours=2, minutes=5)


def test_who_does_not_acknowledge_is_called_again_and_at_last_the_admins_too(watched: House, clock: FakeClock) -> None:
    loop = ticking(watched)
    settle(watched, surge(watched))
    for _ in range(6):
        clock.advance(minutes=15)
        tick(loop, 2)
    assert (len(told(watched)), len(told(watched, "root"))) == (4, 2)
    assert "还没有人处理" in told(watched)[-1]
    assert "第 3 次" in told(watched, "root")[-1]
    assert tale(watched) == ["opened", "alerted", "alerted", "alerted"]
    assert found(watched)[0].alert_at is None


def test_who_acknowledges_is_not_called_again(watched: House, clock: FakeClock) -> None:
    settle(watched, surge(watched))
    watched.press("incident_ack:1", "boss")
    clock.advance(hours=1)
    tick(ticking(watched))
    assert (found(watched)[0].state, len([text for text in told(watched) if "📣" in text])) == ("acknowledged", 1)


def test_quiet_hours_hold_nothing_back(house: House, clock: FakeClock) -> None:
    house.office = replace(house.office, quiet_hours=(22 * 60, 8 * 60))
    house.agent("boss", role="supervisor")
    clock.advance(hours=16)
    settle(house, surge(house))
    house.deliver()
    assert [row.state for row in house.rows(Outbox)] == ["sent"]
