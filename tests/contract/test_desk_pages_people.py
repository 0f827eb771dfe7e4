"""The page of colleagues and one's own: inviting, changing and removing people, what each role sees, leaving all browsers."""

from __future__ import annotations

import re

import pytest
from sqlmodel import Session, col, select

from tests.browsing import Desk
from tests.conftest import FakeClock
from tests.unit.house import House
from triagebot.desk.team import agents
from triagebot.desk.verbs import VERBS
from triagebot.store.tables import Agent, Audit, OneTimeLink

LINK = re.compile(r"/desk/join\?token=([A-Za-z0-9_-]{20,})")


@pytest.fixture
def desk(queued: House, clock: FakeClock) -> Desk:
    return Desk(queued.store, clock)


def _agent(desk: Desk, name: str) -> Agent:
    return desk.store.read_now(lambda s: s.exec(select(Agent).where(Agent.name == name)).one())


def _last_audit(desk: Desk) -> tuple[str, str, str]:
    def row(session: Session) -> tuple[str, str, str]:
        found = session.exec(select(Audit).order_by(col(Audit.id).desc()).limit(1)).one()
        return found.actor, found.action, found.outcome

    return desk.store.read_now(row)


def test_an_invitation_is_shown_once_and_makes_a_colleague(desk: Desk) -> None:
    admin = desk.signed_in("老周", role="admin")
    page = admin.post("/desk/people/invite", role="supervisor", name="小新", queue="hotline").text
    token = LINK.search(page)
    assert token is not None
    assert LINK.search(admin.get("/desk/people").text) is None, "nobody can look at it again"
    kept = desk.store.read_now(lambda s: [row.token_hash for row in s.exec(select(OneTimeLink))])
    assert token[1] not in kept
    assert desk.browser().post("/desk/join", token=token[1], name="新来的").status_code == 303
    joined = _agent(desk, "小新")
    assert (joined.role, joined.queues, joined.active) == ("supervisor", "hotline", True)


def test_roles_queues_and_leaving_are_changed_from_the_page(desk: Desk, queued: House) -> None:
    queued.verb("li", "take 1")
    admin, li = desk.signed_in("老周", role="admin"), _agent(desk, "li")
    page = admin.post(f"/desk/people/{li.id}/role", role="supervisor").text
    assert "li 现在是主管" in page
    admin.post(f"/desk/people/{li.id}/queues", queue="hotline")
    assert (_agent(desk, "li").role, _agent(desk, "li").queues) == ("supervisor", "hotline")
    assert admin.post(f"/desk/people/{li.id}/remove").status_code == 422, "the box was not ticked"
    assert _agent(desk, "li").active
    assert "已收回 li 的权限，1 张工单回到了队列" in admin.post(f"/desk/people/{li.id}/remove", sure="yes").text
    assert not _agent(desk, "li").active
    assert queued.ticket().status == "queued"
    assert _last_audit(desk) == (f"agent:{admin.agent_id}", "agent removed", "done")


def test_figures_of_each_colleague_and_low_ratings_are_for_those_who_answer_for_them(
    desk: Desk, queued: House, clock: FakeClock
) -> None:
    queued.verb("li", "take 1")
    queued.verb("li", "resolve 1 好了")
    queued.press("rate:1:1")
    queued.hear("等太久了")
    clock.advance(minutes=1)
    seen = {role: desk.signed_in(role, role=role).get("/desk/people").text for role in ("agent", "supervisor")}
    assert "低分评价" not in seen["agent"]
    assert "等太久了" not in seen["agent"]
    assert "等太久了" in seen["supervisor"]
    assert "1.0 <small" in seen["supervisor"]


class TestOnOneDatabase:
    @pytest.fixture
    def database_url(self, sqlite_url: str) -> str:
        return sqlite_url

    def test_a_supervisor_invites_agents_and_nobody_else(self, desk: Desk) -> None:
        boss = desk.signed_in("主管", role="supervisor")
        assert LINK.search(boss.post("/desk/people/invite", role="agent").text) is not None
        answer = boss.post("/desk/people/invite", role="admin")
        assert (answer.status_code, LINK.search(answer.text)) == (403, None)
        assert _last_audit(desk) == (f"agent:{boss.agent_id}", "invite", "denied")
        assert desk.signed_in("小王").post("/desk/people/invite", role="agent").status_code == 403

    def test_only_admins_change_people_and_one_of_them_stays(self, desk: Desk) -> None:
        li = _agent(desk, "li")
        boss = desk.signed_in("主管", role="supervisor")
        assert boss.post(f"/desk/people/{li.id}/role", role="admin").status_code == 403
        admin = desk.signed_in("老周", role="admin")
        answer = admin.post(f"/desk/people/{admin.agent_id}/role", role="agent", part=True)
        assert "唯一的管理员" in answer.text
        assert _agent(desk, "老周").role == "admin"
        assert admin.post(f"/desk/people/{li.id}/role", role="king").status_code == 422
        assert admin.post(f"/desk/people/{li.id}/nothing").status_code == 422
        assert admin.post("/desk/people/9999/role", role="agent").status_code == 422

    def test_names_of_colleagues_are_words_and_nothing_else(self, desk: Desk) -> None:
        hostile = "<img src=x onerror=alert(1)>\"'{{7*7}}"
        desk.hire(hostile)
        page = desk.signed_in("老周", role="admin").get("/desk/people").text
        assert "<img src=x" not in page
        assert "&lt;img src=x onerror=alert(1)&gt;" in page
        assert "{{7*7}}" in page

    def test_leaving_all_browsers_ends_this_one_and_the_others_of_this_agent(self, desk: Desk) -> None:
        here, colleague = desk.signed_in("小王"), desk.signed_in("小张")
        there = desk.browser()
        there.agent_id = here.agent_id
        there.post("/desk/sign-in", token=desk.link(here.agent_id))
        page = here.get("/desk/me").text
        assert page.count("登录，最近使用") == 2
        own_words = re.search(r'name="csrf" value="([^"]+)"', page)
        assert own_words is not None
        assert here.post("/desk/me/sign-out", csrf=own_words[1]).status_code == 303
        assert [b.get("/desk/me").status_code for b in (here, there, colleague)] == [303, 303, 200]

    def test_language_and_look_are_chosen_on_ones_own_page(self, desk: Desk) -> None:
        browser = desk.signed_in("小王")
        assert browser.post("/desk/look", lang="en", theme="dark", to="/desk/me").headers["location"] == "/desk/me"
        page = browser.get("/desk/me").text
        assert 'lang="en" data-theme="dark"' in page
        assert "Browsers that are signed in" in page
        assert _agent(desk, "小王").lang == "en"

    def test_ones_own_figures_are_those_of_the_day_and_the_week(
        self, desk: Desk, queued: House, clock: FakeClock
    ) -> None:
        browser = desk.signed_in("小王", queues=["customer_service"])
        desk.store.write_now(lambda s: setattr(agents.by_name(s, "小王", clock()), "user", "小王"))
        queued.verb("小王", "take 1")
        clock.advance(minutes=5)
        queued.verb("小王", "reply 1 您好")
        words = re.sub(r"<[^>]+>|\s+", " ", browser.get("/desk/me").text)
        assert len(re.findall(r"接手 +1 +回复 +1 +解决 +0 +首次回复（中位数） +5 分钟", re.sub(" +", " ", words))) == 2

    @pytest.mark.skipif("available" not in VERBS, reason="nobody is given tickets by themselves here")
    def test_taking_tickets_is_turned_on_and_off(self, desk: Desk) -> None:
        browser = desk.signed_in("小王")
        assert "开始接单" in browser.post("/desk/me/available", available="off").text
        assert "暂停接单" in browser.post("/desk/me/available", available="on").text
        assert _agent(desk, "小王").available
        assert "接单中" in browser.get("/desk/people").text
        assert browser.post("/desk/me/available", available="maybe").status_code == 422
