"""Every page of the desk for every role: who sees it, who is refused, and that both languages say everything."""

from __future__ import annotations

import pytest
from sqlmodel import Session, col, select

from tests.browsing import Desk
from tests.conftest import FakeClock
from tests.unit.house import FACE, House
from triagebot.desk.team.agents import ROLES
from triagebot.store.tables import Audit
from triagebot.web.desk import routes
from triagebot.web.desk.door import NAV

PAGES = {
    "/desk/me": "agent",
    "/desk/users/1": "agent",
    "/desk/rules": "agent",
    f"/desk/rules/{FACE}": "agent",
    "/desk/people": "agent",
    "/desk/incidents": "agent",
    "/desk/incidents/1": "agent",
    "/desk/incidents/1/postmortem": "agent",
    "/desk/incidents/1/postmortem.md": "agent",
    "/desk/reports": "supervisor",
    "/desk/reports/figures": "supervisor",
    "/desk/reports/file?form=json": "supervisor",
    "/desk/health": "supervisor",
    "/desk/health/audit": "admin",
}
"""Page -> who may see it."""


@pytest.fixture
def desk(queued: House, clock: FakeClock) -> Desk:
    """With a ticket, its person, and an incident."""
    queued.verb("boss", "incident_open 刷脸都不过")
    return Desk(queued.store, clock)


def _denied(session: Session) -> list[str]:
    rows = session.exec(select(Audit).where(Audit.outcome == "denied").order_by(col(Audit.id)))
    return [row.target for row in rows]


def test_each_page_is_there_for_who_may_see_it_in_both_languages(desk: Desk) -> None:
    for role, lang in (("agent", "zh"), ("supervisor", "en"), ("admin", "zh"), ("admin", "en")):
        browser = desk.signed_in(f"{role} {lang}", role=role, lang=lang)
        before = len(desk.store.read_now(_denied))
        for path, least in PAGES.items():
            answer = browser.get(path)
            allowed = ROLES.index(role) >= ROLES.index(least)
            assert answer.status_code == (200 if allowed else 403), (path, role)
            assert "web." not in answer.text.replace("triagebot.web.", ""), f"{path} says a key instead of words"
        refused = [path for path, least in PAGES.items() if ROLES.index(role) < ROLES.index(least)]
        assert desk.store.read_now(_denied)[before:] == [path.partition("?")[0] for path in refused]


class TestOnOneDatabase:
    @pytest.fixture
    def database_url(self, sqlite_url: str) -> str:
        return sqlite_url

    def test_nobody_sees_a_page_without_signing_in(self, desk: Desk) -> None:
        stranger = desk.browser()
        assert {stranger.get(path).status_code for path in PAGES} == {303}

    def test_the_bar_names_the_pages_that_one_may_see_and_no_others(self, desk: Desk) -> None:
        for role in ROLES:
            page = desk.signed_in(role, role=role).get("/desk/me").text
            for href, _, least in NAV:
                assert (f'<a href="{href}"' in page) is (ROLES.index(role) >= ROLES.index(least)), (role, href)

    def test_a_form_without_the_words_of_the_session_does_nothing(self, desk: Desk) -> None:
        browser = desk.signed_in("小王", role="admin")
        forms = [route.path for route in routes.ROUTES if route.method == "POST"]
        assert len(forms) > 10
        for path in forms:
            answer = browser.post(path.replace("{number:int}", "1").replace("{verb}", "take"), csrf="made up")
            assert answer.status_code == 403, path

    def test_a_form_gets_its_part_of_the_page_and_a_browser_without_scripts_all_of_it(self, desk: Desk) -> None:
        browser = desk.signed_in("小王", role="supervisor")
        part = browser.post("/desk/incidents", part=True, title="短信发不出来").text
        whole = browser.post("/desk/incidents", title="又发不出来").text
        assert "<main" in part
        assert "<header" not in part
        assert "<header" in whole
        assert "短信发不出来" in whole
