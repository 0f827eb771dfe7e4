"""Who comes into the web desk, and who does not: links, sessions, roles, forged forms."""

from __future__ import annotations

import pytest
from sqlmodel import Session, select

from tests.browsing import Desk
from tests.conftest import FakeClock, on_sqlite
from triagebot.access import sessions
from triagebot.desk.team import agents
from triagebot.store.store import Store
from triagebot.store.tables import Audit
from triagebot.web.desk import door, routes
from triagebot.web.desk.door import Route, Visit


@pytest.fixture
def desk(store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """With three pages that say who sees them."""

    async def who(visit: Visit) -> door.Response:
        return door.Response(visit.agent.name)

    pages = (Route("GET", "/desk/who", who), Route("POST", "/desk/who", who), Route("GET", "/desk/admin", who, "admin"))
    monkeypatch.setattr(routes, "ROUTES", (*routes.ROUTES, *pages))
    return Desk(store, clock)


def _audited(desk: Desk) -> list[tuple[str, str, str]]:
    def rows(session: Session) -> list[tuple[str, str, str]]:
        return [(row.actor, row.action, row.outcome) for row in session.exec(select(Audit).order_by(Audit.id))]  # type: ignore[arg-type]

    return desk.store.read_now(rows)


def test_a_link_lets_its_agent_in_once(desk: Desk) -> None:
    number = desk.hire("小李")
    token = desk.link(number)
    first, second = desk.browser(), desk.browser()
    assert "登录" in first.get(f"/desk/sign-in?token={token}").text, "looking at the link does not use it up"
    assert first.post("/desk/sign-in", token=token).status_code == 303
    assert first.get("/desk/who").text == "小李"
    again = second.post("/desk/sign-in", token=token)
    assert again.status_code == 403
    assert "已经用过" in again.text
    assert second.get("/desk/who").status_code == 303
    assert _audited(desk) == [(f"agent:{number}", "sign in", "done"), ("user:web", "sign in", "denied")]


def test_a_link_is_no_use_after_ten_minutes_or_when_it_was_changed(desk: Desk, clock: FakeClock) -> None:
    token = desk.link(desk.hire("小李"))
    changed = token[:-1] + ("A" if token[-1] != "A" else "B")
    assert "打不开" in desk.browser().post("/desk/sign-in", token=changed).text
    clock.advance(minutes=10)
    assert "过期" in desk.browser().post("/desk/sign-in", token=token).text


@pytest.mark.parametrize(("idle_h", "let_in"), [(11, True), (13, False)])
def test_a_session_ends_when_nobody_uses_it(desk: Desk, clock: FakeClock, idle_h: int, let_in: bool) -> None:
    browser = desk.signed_in()
    clock.advance(hours=idle_h)
    assert (browser.get("/desk/who").status_code == 200) is let_in


def test_a_session_ends_after_a_week_however_busy(desk: Desk, clock: FakeClock) -> None:
    browser = desk.signed_in()
    while clock.at < FakeClock().at + sessions.LONGEST:
        assert browser.get("/desk/who").status_code == 200
        clock.advance(hours=11)
    assert browser.get("/desk/who").status_code == 303


def test_signing_out_ends_the_session_for_who_kept_the_cookie(desk: Desk) -> None:
    browser = desk.signed_in()
    kept = browser.cookies
    browser.post("/desk/sign-out")
    browser.cookies = kept
    assert browser.get("/desk/who").status_code == 303


def test_a_role_counts_from_the_next_request_on(desk: Desk) -> None:
    browser = desk.signed_in("小李", role="admin")
    assert browser.get("/desk/admin").status_code == 200
    desk.store.write_now(lambda s: setattr(agents.by_name(s, "小李", desk.clock()), "role", "agent"))
    assert browser.get("/desk/admin").status_code == 403
    assert _audited(desk)[-1] == (f"agent:{browser.agent_id}", "web GET", "denied")
    desk.store.write_now(agents.remove, "小李")
    assert browser.get("/desk/who").status_code == 303


@on_sqlite
@pytest.mark.parametrize(
    "forged", [{"csrf": ""}, {"csrf": "made up"}, {"origin": "https://evil.example.org"}, {"origin": "null"}]
)
def test_a_form_of_another_site_does_nothing(desk: Desk, forged: dict[str, str]) -> None:
    browser = desk.signed_in()
    assert browser.post("/desk/who", **forged).status_code == 403
    assert _audited(desk)[-1] == (f"agent:{browser.agent_id}", "web POST", "denied")
    assert browser.post("/desk/who").text == "小李"


def test_a_page_under_another_name_is_not_served(desk: Desk) -> None:
    browser = desk.signed_in()
    assert browser.get("/desk/who", host="rebound.example.net").status_code == 421


def test_pages_load_nothing_from_elsewhere_and_nobody_keeps_or_frames_them(desk: Desk) -> None:
    headers = desk.browser().get("/desk/sign-in").headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(desk: Desk) -> None:
    number = desk.hire("小李")
    set_cookie = desk.browser().post("/desk/sign-in", token=desk.link(number)).headers["set-cookie"]
    assert "HttpOnly" in set_cookie
    assert "SameSite=lax" in set_cookie
    assert "Secure" not in set_cookie, "this desk is reached without encryption"


def test_after_signing_in_nobody_is_led_to_another_site(desk: Desk) -> None:
    number = desk.hire("小李")
    for to in ("https://evil.example.org", "//evil.example.org", "/desk\\evil", "/desk/../..//evil.example.org"):
        answer = desk.browser().post("/desk/sign-in", token=desk.link(number), to=to)
        assert answer.headers["location"].startswith("/desk")
        assert "//" not in answer.headers["location"]
