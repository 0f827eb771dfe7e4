"""Every page of the desk for every role: who sees it, who is refused, and that both languages say everything."""

from __future__ import annotations

import pytest
from sqlmodel import select

from tests.browsing import Desk
from tests.conftest import FakeClock
from tests.unit.house import FACE, House
from triagebot.desk.agents import ROLES
from triagebot.store.store import Store
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
    "/desk/reports": "supervisor",
    "/desk/reports/figures": "supervisor",
    "/desk/reports/file?form=json": "supervisor",
    "/desk/health": "supervisor",
    "/desk/health/audit": "admin",
}
"""Page -> who may see it."""


@pytest.fixture
def desk(store: Store, clock: FakeClock, queued: House) -> Desk:
    """With a ticket, its person, and an incident."""
    queued.verb("boss", "incident_open 刷脸都不过")
    return Desk(store, clock)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("role", ROLES)
def test_each_page_is_there_for_who_may_see_it(desk: Desk, role: str, lang: str) -> None:
    browser = desk.signed_in("小王", role=role, lang=lang)
    for path, least in PAGES.items():
        answer = browser.get(path)
        allowed = ROLES.index(role) >= ROLES.index(least)
        assert answer.status_code == (200 if allowed else 403), path
        assert "web." not in answer.text, f"{path} says a key instead of words"
    denied = [row.target for row in desk.store.read_now(lambda s: s.exec(select(Audit).order_by(Audit.id)).all()) if row.outcome == "denied"]
    assert denied == [path.partition("?")[0] for path, least in PAGES.items() if ROLES.index(role) < ROLES.index(least)]


def test_nobody_sees_a_page_without_signing_in(desk: Desk) -> None:
    for path in PAGES:
        assert desk.browser().get(path).status_code == 303


def test_the_bar_names_the_pages_that_one_may_see_and_no_others(desk: Desk) -> None:
    for role in ROLES:
        page = desk.signed_in(role, role=role).get("/desk/me").text
        for href, _, least in NAV:
            assert (f'<a href="{href}"' in page) is (ROLES.index(role) >= ROLES.index(least)), (role, href)


@pytest.mark.parametrize("route", [r for r in routes.ROUTES if r.method == "POST"], ids=lambda r: r.path)
def test_a_form_without_the_words_of_the_session_does_nothing(desk: Desk, route: routes.Route) -> None:
    browser = desk.signed_in("小王", role="admin")
    path = route.path.replace("{number:int}", "1").replace("{verb}", "take")
    assert browser.post(path, csrf="made up").status_code == 403
