"""Incidents on the desk: opened, acknowledged and ended by supervisors, with the tickets that belong to them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.browsing import Desk
from tests.conftest import FakeClock
from tests.unit.house import FACE, House
from triagebot.report import arrivals
from triagebot.store.incident_tables import Incident


@pytest.fixture
def desk(queued: House, clock: FakeClock) -> Desk:
    return Desk(queued.store, clock)


def _incident(desk: Desk, number: int = 1) -> Incident:
    found = desk.store.read_now(lambda s: s.get(Incident, number))
    assert found is not None
    return found


def test_an_incident_from_its_opening_to_its_end(desk: Desk, queued: House, clock: FakeClock) -> None:
    boss = desk.signed_in("主管", role="supervisor")
    assert "微信打不开" in boss.post("/desk/incidents", title="微信打不开", category=FACE).text
    assert (_incident(desk).category, _incident(desk).title) == (FACE, "微信打不开")
    page = boss.post("/desk/incidents/1/attach", ticket="#1").text
    assert "刷脸不过" in page
    assert 'role="img"' in page, "a chart of when they came"
    assert queued.ticket().incident_id == 1
    boss.post("/desk/incidents/1/detach", ticket="1")
    assert queued.ticket().incident_id is None
    boss.post("/desk/incidents/1/attach", ticket="1")
    boss.post("/desk/incidents/1/ack")
    assert _incident(desk).state == "acknowledged"
    assert boss.post("/desk/incidents/1/resolve", text="修好了").status_code == 422, "the box was not ticked"
    clock.advance(minutes=3)
    assert "告诉用户的话" in boss.post("/desk/incidents/1/resolve", text="已经修好，请再试。", sure="yes").text
    assert (_incident(desk).state, _incident(desk).status_text) == ("resolved", "已经修好，请再试。")
    assert "已经结束" in boss.get("/desk/incidents").text


class TestOnOneDatabase:
    @pytest.fixture
    def database_url(self, sqlite_url: str) -> str:
        return sqlite_url

    def test_agents_look_and_change_nothing(self, desk: Desk) -> None:
        desk.signed_in("主管", role="supervisor").post("/desk/incidents", title="微信打不开")
        agent = desk.signed_in("小王")
        page = agent.get("/desk/incidents/1").text
        assert "微信打不开" in page
        assert "/desk/incidents/1/resolve" not in page
        assert agent.post("/desk/incidents", title="别的").status_code == 403
        for what in ("ack", "resolve", "attach", "detach"):
            assert agent.post(f"/desk/incidents/1/{what}", sure="yes", ticket="1").status_code == 403, what
        assert _incident(desk).state == "open"

    @pytest.mark.parametrize(
        ("path", "form"),
        [
            ("/desk/incidents", {"title": "  "}),
            ("/desk/incidents/9/ack", {}),
            ("/desk/incidents/1/attach", {"ticket": "nothing"}),
            ("/desk/incidents/1/attach", {"ticket": "99"}),
            ("/desk/incidents/1/detach", {"ticket": "1"}),
        ],
    )
    def test_what_cannot_be_done_is_said_in_words(self, desk: Desk, path: str, form: dict[str, str]) -> None:
        boss = desk.signed_in("主管", role="supervisor")
        boss.post("/desk/incidents", title="微信打不开")
        answer = boss.post(path, part=True, **form)
        assert answer.status_code == 422
        assert 'class="toast bad"' in answer.text

    def test_titles_and_messages_are_words_and_nothing_else(self, desk: Desk, queued: House) -> None:
        boss = desk.signed_in("主管", role="supervisor")
        queued.hear("刷脸 <script>alert(2)</script>", chat="8")
        queued.press("human:2", chat="8")
        boss.post("/desk/incidents", title="<script>alert(1)</script>")
        boss.post("/desk/incidents/1/attach", ticket="2")
        boss.post("/desk/incidents/1/resolve", text="<img src=x onerror=alert(3)>", sure="yes")
        for path in ("/desk/incidents", "/desk/incidents/1"):
            page = boss.get(path).text
            assert "alert(1)" in page
            assert "<script>alert" not in page
            assert "<img src=x" not in page


def test_a_chart_counts_by_hours_and_later_by_days() -> None:
    zone, begin = ZoneInfo("Asia/Shanghai"), datetime(2026, 11, 23, 2, 30, tzinfo=UTC)
    times = [begin, begin + timedelta(minutes=10), begin + timedelta(hours=2)]
    soon = arrivals.period_of(times, begin, begin + timedelta(hours=3))
    assert (soon.since.hour, soon.length) == (2, timedelta(hours=6)), "from the hour on, and long enough to be a chart"
    hours = arrivals.chart(times, soon, zone, "when")
    assert "<title>10:00 2</title>" in hours
    assert "<title>12:00 1</title>" in hours
    days = arrivals.chart(times, arrivals.period_of(times, begin, begin + timedelta(days=9)), zone, "when")
    assert "<title>11/23 3</title>" in days
