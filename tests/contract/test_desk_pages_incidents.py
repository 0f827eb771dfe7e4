"""Incidents on the desk: opened, acknowledged and ended by supervisors, with the tickets that belong to them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlmodel import Session

from tests.browsing import Desk
from tests.conftest import FakeClock
from tests.reporting import opened
from tests.unit.house import FACE, House
from triagebot.desk.afterwards import followups
from triagebot.detect.detector import Detector
from triagebot.detect.series import Report, Series
from triagebot.store.incident_tables import Incident, SeriesState


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
    assert "已经修好，请再试。" in boss.post("/desk/incidents/1/resolve", text="已经修好，请再试。", sure="yes").text
    assert (_incident(desk).state, _incident(desk).status_text) == ("resolved", "已经修好，请再试。")
    assert "已经结束" in boss.get("/desk/incidents").text


def test_what_people_are_told_is_written_and_taken_away_and_is_in_the_story(desk: Desk, queued: House) -> None:
    boss = desk.signed_in("主管", role="supervisor")
    boss.post("/desk/incidents", title="微信打不开", category=FACE)
    boss.post("/desk/incidents/1/attach", ticket="1")
    heard = len(queued.told())
    page = boss.post("/desk/incidents/1/status", text="微信在修，问 13812345678").text
    assert _incident(desk).status_text == "微信在修，问 [手机号]", (
        "written down as everything is, without numbers of people"
    )
    assert "13812345678" not in page
    assert "主管 更新了给用户的说明" in page
    boss.post("/desk/incidents/1/status", text="")
    assert _incident(desk).status_text == ""
    boss.post("/desk/incidents/1/resolve", text="修好了", sure="yes")
    assert boss.post("/desk/incidents/1/status", text="还没有").status_code == 422, "it is over: they were told so"
    assert len(queued.told()) == heard, "nobody is written to because of it"


def test_the_chart_counts_people_against_what_is_usual(desk: Desk, queued: House, clock: FakeClock) -> None:
    begin = clock()
    desk.store.write_now(_learned, Series(FACE, "wechat"), clock)
    for person in (20, 21, 22, 21):
        clock.advance(minutes=6)
        opened(queued, person)
    clock.advance(minutes=1)
    desk.store.write_now(
        lambda s: s.add(Incident(title="微信刷脸", category=FACE, platform="wechat", opened_by="system", opened_at=clock(),
                                 since=begin + timedelta(minutes=5)))
    )  # fmt: skip
    page = desk.signed_in("小周").get("/desk/incidents/1").text
    assert re.search(r"自今天 10:05 起 3 人，平常约 [0-9.]+ 人", page), "one of them said it twice"
    assert page.count('role="img"') == 2, "one for wide windows, one for phones"
    assert page.count('class="usual"') == 2
    assert len(re.findall(r"<title>11-23 10:[0-9]{2}  1 \([0-9.]+\)</title>", page)) == 8
    assert "约从这时开始" in page
    assert page.count("<tr><td>今天") == 17, "the same as a table: an hour before, and up to now"


def _learned(session: Session, series: Series, clock: FakeClock) -> None:
    """As after a quiet day."""
    detector = Detector()
    detector.see(Report(clock.at.timestamp() - 86400, 1, series.category, series.platform))
    detector.advance(clock.at.timestamp())
    kept = dict(detector.learned())
    session.add(SeriesState(key=series.key, at=clock.at, data=dict(kept[series.key])))


def test_afterwards_the_facts_are_on_a_page_and_in_a_file(desk: Desk, queued: House, clock: FakeClock) -> None:
    boss = desk.signed_in("主管", role="supervisor")
    boss.post("/desk/incidents", title="微信打不开", category=FACE)
    boss.post("/desk/incidents/1/attach", ticket="1")
    clock.advance(minutes=7)
    boss.post("/desk/incidents/1/ack")
    assert "还在进行" in boss.get("/desk/incidents/1/postmortem").text
    clock.advance(minutes=53)
    boss.post("/desk/incidents/1/resolve", text="修好了", sure="yes")
    desk.store.write_now(followups.run_due, queued.office, clock())
    page = boss.get("/desk/incidents/1/postmortem").text
    for words in (
        "2026-11-23 10:07（7 分钟后）",
        "2026-11-23 11:00（1 小时后）",
        "1 人，1 张工单",
        "通知了 1 张工单的用户，其中 0 张",
    ):
        assert words in page
    queued.press("reopen:1")
    file = boss.get("/desk/incidents/1/postmortem.md")
    assert file.headers["content-disposition"] == 'attachment; filename="incident-1.md"'
    assert file.text.startswith("# 事件 1 小结：微信打不开\n")
    assert "其中 1 张说还是不行" in file.text
    assert "- 2026-11-23 11:00 主管 结束了事件：修好了" in file.text


def test_silences_are_put_up_and_ended_and_what_is_over_is_opened_again(desk: Desk) -> None:
    boss = desk.signed_in("主管", role="supervisor")
    page = boss.post("/desk/incidents/silences", category=FACE, platform="wechat", span="1d", reason="今晚整修").text
    assert "今晚整修" in page
    assert "到 明天上午 10:00，主管 设的" in page
    assert "结束静音" not in desk.signed_in("小王").get("/desk/incidents").text, "only supervisors end one"
    assert "今晚整修" not in boss.post("/desk/incidents/silences/end", silence="1").text
    assert boss.post("/desk/incidents/silences", span="1d").status_code == 422, "nothing was chosen"
    boss.post("/desk/incidents", title="微信打不开")
    boss.post("/desk/incidents/1/resolve", sure="yes")
    assert "主管 重新打开" in boss.post("/desk/incidents/1/reopen").text
    assert _incident(desk).state == "open"


def test_a_part_and_its_whole_lead_to_each_other(desk: Desk, queued: House, clock: FakeClock) -> None:
    def put(session: Session) -> None:
        session.add(Incident(title="微信整个打不开", platform="wechat", opened_at=clock()))
        session.flush()
        session.add(Incident(title="微信刷脸", category=FACE, platform="wechat", opened_at=clock(), covered_by=1))

    desk.store.write_now(put)
    browser = desk.signed_in("小周")
    assert '<a href="/desk/incidents/1">微信整个打不开</a>' in browser.get("/desk/incidents/2").text
    assert '<a href="/desk/incidents/2">微信刷脸</a>' in browser.get("/desk/incidents/1").text
    listed = browser.get("/desk/incidents").text
    assert "是事件 1 的一部分" in listed
    assert listed.count("没有人认领") == 1, "nobody is called about the part"


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
        assert agent.post("/desk/incidents/silences", platform="wechat", span="2h").status_code == 403
        for what in ("ack", "status", "resolve", "reopen", "attach", "detach"):
            assert agent.post(f"/desk/incidents/1/{what}", sure="yes", ticket="1", text="别的").status_code == 403, what
        assert _incident(desk).state == "open"

    @pytest.mark.parametrize(
        ("path", "form"),
        [
            ("/desk/incidents", {"title": "  "}),
            ("/desk/incidents/9/ack", {}),
            ("/desk/incidents/1/reopen", {}),
            ("/desk/incidents/silences", {"platform": "nothing", "span": "2h"}),
            ("/desk/incidents/silences", {"platform": "wechat", "span": "300d"}),
            ("/desk/incidents/silences/end", {"silence": "7"}),
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
        boss.post("/desk/incidents", title="<b>别的</b>")
        boss.post("/desk/incidents/2/status", text="<script>alert(1)</script>")
        for path in ("/desk/incidents", "/desk/incidents/1", "/desk/incidents/1/postmortem", "/desk/incidents/2"):
            page = boss.get(path).text
            assert "alert(1)" in page
            assert "<script>alert" not in page
            assert "<img src=x" not in page
